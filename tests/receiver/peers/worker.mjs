// A process that only executes: node worker.mjs <file>. Its tool is `work`; it ends when it is told to by SIGTERM. Its
// heartbeats come every few minutes, so that what it hears of sooner was told.
import { createTasks } from '@longcall/server'
import { sqlite } from '@longcall/sqlite'

const tasks = createTasks({ backend: sqlite(process.argv[2] ?? ''), leaseMs: 600_000 })
tasks.registerTool('work', { onCrash: 'rerun' }, async (_args, { taskId, signal }) => {
  process.send?.({ begun: taskId })
  return new Promise((resolve, reject) => {
    process.once('message', () => resolve('done elsewhere'))
    signal.addEventListener('abort', () => reject(signal.reason))
  }).catch((error) => {
    process.send?.({ aborted: error.code })
    throw error
  })
})
await tasks.open()
process.send?.({ open: true })
process.once('SIGTERM', () => void tasks.close().then(() => process.disconnect()))
