// @ts-check
/**
 * A client with a journal of the server of reports over stdio, whose tasks are in a file: `node reporting-client.mjs <folder>
 * <era> [point]`. Killed at a point, it takes its server along; started again, it takes up what is in the journal.
 */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client, fileJournal } from '@longcall/client'

const [folder = '', era = 'auto', point] = process.argv.slice(2)
const script = fileURLToPath(new URL('../../examples/dist/servers/reports.js', import.meta.url))
const journal = fileJournal(join(folder, 'journal'))
const client = await Client.connect(
  { command: process.execPath, args: [script, '--file', join(folder, 'tasks.db')] },
  {
    era: /** @type {import('@longcall/client').Era} */ (era),
    journal,
    onElicitation: ({ message }) => {
      appendFileSync(join(folder, 'asked'), `${message}\n`)
      if (point === 'asked') process.kill(process.pid, 'SIGKILL')
      return { action: 'accept', content: { binding: 'spiral' } }
    },
  },
)
if ((await client.tasks.pending()).length === 0) {
  const task = await client.callTool('render_report', { title: 'Tides', pages: 2 }, { task: true })
  if (point === 'handle given') process.kill(process.pid, 'SIGKILL')
  await task.result()
}
const resumed = await client.tasks.resumeAll({
  onResult: (outcome) => {
    const value = /** @type {any} */ (outcome.status === 'fulfilled' ? outcome.value : outcome.reason)
    console.log(`result: ${value.content?.[0].text ?? value}`)
  },
})
await resumed.all()
await client.close()
await journal.close()
