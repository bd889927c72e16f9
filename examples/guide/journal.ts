/** How calls outlive the program that made them; docs/journal.md explains it. */
import { rmSync } from 'node:fs'
import { Client, fileJournal, type ElicitationHandler } from '@longcall/client'
import { file, server } from './the-server.ts'

const folder = `${file}.calls`
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

/** Asks a person; here it is decided by the question. Everything in it comes from the server. */
const onElicitation: ElicitationHandler = (request) => {
  console.log(`asked: ${request.message}`)
  return { binding: 'spiral' }
}

// A program begins a task, and ends before the task does: it is as well if it is killed.
{
  const journal = fileJournal(folder)
  await using client = await Client.connect(server, { journal, onElicitation })
  const task = await client.callTool('render_report', { title: 'Tides', pages: 2 }, { task: true })
  console.log(`begun: ${task.id.length > 0}`)
}

// Another day, another process: what the first left is in the journal.
{
  const journal = fileJournal(folder)
  await using client = await Client.connect(server, { journal, onElicitation })
  for (const { kind, operation, heldBy } of await client.tasks.pending())
    console.log(`kept: ${operation.method}, ${kind}, in the hands of ${heldBy}`)

  const resumed = await client.tasks.resumeAll({
    // The journal keeps the outcome until this is done.
    onResult: (outcome) => console.log(`outcome: ${outcome.task.method} ${outcome.status}`),
  })
  await resumed.all({ timeoutMs: 60_000 })
  // Calls whose acknowledgement never came: nobody knows whether the server acted on them.
  for (const { id } of resumed.fateUnknown) await client.tasks.forget(id)
  console.log(`left: ${(await client.tasks.pending()).length}`)
}
