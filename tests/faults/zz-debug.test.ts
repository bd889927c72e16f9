import { test } from 'vitest'
import { startServer, openLab } from '../support/fault-lab.ts'
test('dbg', async () => {
  const s = await startServer('dual', { pollIntervalMs: 120_000 })
  const lab = await openLab(s.url, '2025-11-25')
  const client = await lab.connect()
  client.sdk.onerror = (e) => console.log('onerror', e.message)
  await new Promise((r) => setTimeout(r, 300))
  const t0 = Date.now()
  const task = await client.callTool('slow', { ms: 2500, label: 'it' }, { task: true })
  const result = task.result({ timeoutMs: 6000 }).catch((e) => console.log(e.message))
  lab.proxy.dropConnections()
  await result
  for (const e of lab.proxy.log) console.log(e.at - t0, e.direction, e.method, e.fault ?? '', JSON.stringify(e.message)?.slice(0, 150))
  for (const e of await s.log()) console.log(e.at - t0, JSON.stringify(e))
  await lab.close()
  await s.stop()
})
