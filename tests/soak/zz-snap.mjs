import { startServer, eraOf } from './servers.mjs'
import { ways } from './settings.mjs'
import { Client } from '@longcall/client'
import { allInLanes } from './lanes.mjs'
import { writeHeapSnapshot } from 'node:v8'
import { readFileSync } from 'node:fs'
const way = ways[+process.argv[2]], n = +process.argv[3]
const place = await startServer(way)
const cs = Array.from({length:8},()=>new Client(place.target, {era: eraOf(way)}))
const cyc = async (i,l) => { const c = process.argv[4] === 'new' ? cs[l].new() : cs[l]; await c.connect(); await c.close() }
const files=[]
const snap = (x) => files.push(writeHeapSnapshot(`/tmp/h/${x}-${process.pid}.heapsnapshot`))
await allInLanes(100, 8, cyc); gc(); const m0=process.memoryUsage().heapUsed; snap('a')
await allInLanes(n, 8, cyc); gc(); const m1=process.memoryUsage().heapUsed; snap('b')
console.log('delta per cycle', (m1-m0)/n)
function read(f) { const s = JSON.parse(readFileSync(f)); const F = s.snapshot.meta.node_fields, L=F.length, T = s.snapshot.meta.node_types[0]; const m = new Map()
 for (let i=0;i<s.nodes.length;i+=L){ const k = T[s.nodes[i]]+' '+String(s.strings[s.nodes[i+1]]).slice(0,60); const e=m.get(k)??[0,0]; e[0]++; e[1]+=s.nodes[i+3]; m.set(k,e)} return m }
const a=read(files[0]), b=read(files[1])
const rows=[]; for (const [k,[cnt,size]] of b) { const o=a.get(k)??[0,0]; rows.push([size-o[1],cnt-o[0],k]) }
rows.sort((x,y)=>y[0]-x[0]); for (const r of rows.slice(0,16)) console.log(r.join('\t'))
await place.stop()
