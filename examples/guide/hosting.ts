/** How a client answers a server in tasks of its own; docs/hosting.md explains it. */
import { rmSync } from 'node:fs'
import { Client, type HostedElicitation } from '@longcall/client'
import { sqlite } from '@longcall/sqlite'
import { file, server } from './the-server.ts'

/** Asks a person, who may be away for days: no connection waits for them. Everything in the question comes from the server. */
const ask: HostedElicitation = (request, { ttlMs, updateStatus }) => {
  if (request.mode === 'url') return { action: 'decline' }
  console.log(`asked in a task that is kept for ${ttlMs} ms: ${request.message}`)
  updateStatus('Waiting for somebody to look at it.')
  return { binding: 'hardcover' }
}

const inbox = `${file}.inbox`

// Only a server of 2025-11-25 can ask for it. What is kept in a file is asked again by the next process.
await using client = await Client.connect(server, {
  era: 'legacy',
  hostTasks: { onElicitation: ask, backend: () => sqlite(inbox) },
})
const { structuredContent } = await client.callTool('render_report', { title: 'Tides', pages: 1 })
console.log(`answered: ${JSON.stringify(structuredContent)}`)
process.once('exit', () => {
  for (const suffix of ['', '-wal', '-shm']) rmSync(inbox + suffix, { force: true })
})
