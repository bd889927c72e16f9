/** How long to wait, and how to stop; docs/timeouts.md explains it. */
import { Client, WaitTimeoutError } from '@longcall/client'
import { server } from './the-server.ts'

// For the client: to connect, for any request in all, for silence.
await using client = await Client.connect(server, {
  connectTimeoutMs: 10_000,
  timeoutMs: 60_000,
  idleTimeoutMs: 5_000,
  onElicitation: () => ({ binding: 'stapled' }),
})

// For one call. Progress keeps it alive: the report takes longer than 400 ms, and is never silent for so long.
const report = { title: 'Tides', pages: 5 }
await client.callTool('render_report', report, { idleTimeoutMs: 2_000 })
console.log('kept alive by progress')

// A limit for the whole of it. The task is not cancelled: the error says how to go on with it.
const task = await client.callTool('render_report', report, { task: true })
const late = await task.result({ timeoutMs: 100 }).catch((error: unknown) => error)
if (late instanceof WaitTimeoutError) {
  console.log(`gave up waiting: ${late.limit}`)
  const same = client.tasks.resume(late.reference)
  console.log(`went on: ${(await same.wait()).status}`)
}

// A signal ends a wait at once; the reason reaches the server where the call is no task.
const stop = new AbortController()
const calling = client.callTool('render_report', report, { signal: stop.signal }).catch((error: unknown) => error)
stop.abort(new Error('the user closed the window'))
console.log(`stopped: ${(await calling) instanceof Error}`)
