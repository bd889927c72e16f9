// @ts-check
/** Many calls on one connection, 32 at a time: what a call leaves behind shows in the memory between them. */
import { Client } from '@longcall/client'
import { ask } from './call-mix.mjs'
import { allInLanes, eventually } from './lanes.mjs'
import { MemoryLog } from './memory.mjs'
import { bytesPerJoinedSignal } from './node-signals.mjs'
import { randomOf } from './random.mjs'
import { eraOf, startServer } from './servers.mjs'
import { settings, ways } from './settings.mjs'

/**
 * @typedef {import('./report.mjs').Report} Report
 * @typedef {import('./settings.mjs').Way} Way
 */

const atOnce = 32
/** Of each way; a call over HTTP takes three times as long. */
const shares = { stdio: 0.38, http: 0.12 }
const samples = 30
/** Code is compiled, lists are learnt and pools filled; measured from then on. */
const warmUpCalls = 2000
/** Bytes per call: less than any object that a call could leave. */
const heapBound = 40
/** Over HTTP a call comes with headers and sockets, whose number varies; and Node keeps something of each request. */
const httpHeapBound = 80
/** Aborted calls send a second request, and lists ask for their second page. */
const requestsPerCall = 1.2
const rssBound = 600

/** @param {Report} report */
export async function soakCalls(report) {
  if (settings.calls === 0) return
  const joinedBytes = await bytesPerJoinedSignal()
  console.log(
    `this Node keeps ${joinedBytes.toFixed(1)} bytes of each AbortSignal.any, of which each HTTP request costs one`,
  )
  const bounds = { stdio: heapBound, http: Math.ceil(httpHeapBound + requestsPerCall * joinedBytes) }
  for (const way of ways) {
    const count = Math.round(settings.calls * shares[way.over])
    await soakWay(way, { count, bound: bounds[way.over] }, report)
  }
}

/**
 * @param {Way} way
 * @param {{ count: number, bound: number }} how the bound is in bytes per call
 * @param {Report} report
 */
async function soakWay(way, { count, bound }, report) {
  const place = await startServer(way)
  /** @type {string[]} */
  const unheard = []
  const onError = (/** @type {Error} */ error) => void (unheard.length < 5 && unheard.push(String(error)))
  const client = await Client.connect(place.target, { era: eraOf(way), onError })
  const memory = new MemoryLog()
  const { signal: lasting } = new AbortController()
  /** @type {object[]} */
  const leaked = []
  /** @type {Map<string, number>} */
  const kinds = new Map()
  const call = async (/** @type {number} */ index) => {
    const name = await ask({ client, index, random: randomOf(settings.seed, way.name, index), lasting })
    kinds.set(name, (kinds.get(name) ?? 0) + 1)
    if (settings.isLeaking) leaked.push({ index, name: `${name} ${index}`, endedAt: performance.now() })
  }

  await allInLanes(warmUpCalls, atOnce, call)
  const startedAt = performance.now()
  await memory.take(0)
  for (let sample = 0; sample < samples; sample += 1) {
    const from = Math.round((count * sample) / samples)
    const to = Math.round((count * (sample + 1)) / samples)
    await allInLanes(to - from, atOnce, (index) => call(warmUpCalls + from + index))
    await memory.take(to)
  }
  const ms = performance.now() - startedAt

  const { pendingRequests } = client
  const hanging = async () => /** @type {any} */ ((await client.callTool('who')).structuredContent).hanging
  const isTidy = await eventually(async () => (await hanging()) === 0)
  report.demand(pendingRequests.length === 0, `${way.name}: ${pendingRequests.length} requests are still pending`)
  report.demand(isTidy, `${way.name}: the server was not told of ${await hanging()} calls that were given up`)
  report.demand(unheard.length === 0, `${way.name}: errors that reached no caller: ${unheard.join('; ')}`)
  await client.close()
  await place.stop()
  report.row({
    what: `calls, ${way.name}`,
    count,
    ms,
    memory,
    heapBound: bound,
    rssBound,
    remark: `${kinds.size} kinds`,
  })
  leaked.length = 0
}
