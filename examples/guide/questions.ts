/** How to answer what a server asks; docs/questions.md explains it. */
import { Client, type ElicitationHandler } from '@longcall/client'
import { server } from './the-server.ts'

/** Asks a person; here it is decided by the question. Everything in it comes from the server. */
const ask: ElicitationHandler = (request) => {
  if (request.mode === 'url') return { action: 'decline' }
  console.log(`asked: ${request.message}`)
  return { binding: 'hardcover' }
}

const report = { title: 'Tides', pages: 1 }

// One handler answers requests that are pushed, rounds of a call, and questions of tasks.
{
  await using client = await Client.connect(server, { onElicitation: ask })
  const { structuredContent } = await client.callTool('render_report', report)
  console.log(`answered: ${JSON.stringify(structuredContent)}`)
}

// Without a handler a task stays open, and its questions are answered by hand, when there is somebody.
{
  await using client = await Client.connect(server, { capabilities: { elicitation: {} } })
  const task = await client.callTool('render_report', report, { task: true })
  await task.wait({ until: () => task.questions().length > 0 })
  for (const { key, params } of task.questions()) {
    console.log(`open: ${JSON.stringify(params['message'])}`)
    await task.answer(key, { action: 'decline' })
  }
  const { content } = await task.result()
  console.log(`declined: ${content.map((block) => (block.type === 'text' ? block.text : '')).join('')}`)
}

// A handler can be set, replaced and taken away while connected.
{
  await using client = await Client.connect(server, { onElicitation: () => ({ action: 'cancel' }) })
  client.setHandlers({ onElicitation: ask })
  const { structuredContent } = await client.callTool('render_report', report)
  console.log(`replaced: ${JSON.stringify(structuredContent)}`)
}
