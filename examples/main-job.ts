/**
 * One client for both generations of MCP tasks: a research on the reference server (2025-11-25), then a report on a small
 * server built with `@longcall/server` (2026-07-28), which is killed in the middle. Each runs as a task, is watched, asks
 * something on the way, and is seen to its end.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, type StdioTarget, type TaskSnapshot } from '@longcall/client'
import { createTasks } from '@longcall/server'
import { sqlite } from '@longcall/sqlite'
import { ask } from './ask.ts'
import { startReportServer } from './report-server.ts'
import { printResult, safe } from './terminal.ts'

const everything: StdioTarget = {
  command: process.execPath,
  args: [createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/dist/index.js'), 'stdio'],
  stderr: 'ignore',
}

// Nothing is left behind, however this ends.
const folder = mkdtempSync(join(tmpdir(), 'longcall-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

await research()
await reportOfAServerThatDies(join(folder, 'tasks.db'))

async function research(): Promise<void> {
  await using client = await connect(everything)
  const task = await client.callTool('simulate-research-query', { topic: 'python', ambiguous: true }, { task: true })
  console.log(`  simulate-research-query runs as task ${safe(task.id)}`)
  for await (const snapshot of task.updates()) print(snapshot)
  printResult((await task.result()).content)
}

/** The client goes on with the task by itself: 2026-07-28 has no session to lose, and polls that fail are repeated. */
async function reportOfAServerThatDies(file: string): Promise<void> {
  let server = await startReportServer(file, 0)
  await using client = await connect(server.url)
  const task = await client.callTool(
    'render_report',
    { title: 'Calls that outlive their server', pages: 8 },
    { task: true },
  )
  console.log(`  render_report runs as task ${safe(task.id)}, in process ${server.pid}`)

  let isFirst = true
  for await (const snapshot of task.updates()) {
    print(snapshot)
    if (!isFirst || !isUnderWay(snapshot)) continue
    isFirst = false
    await server.end('SIGKILL')
    console.log(`\n  kill -9 ${server.pid}: the server is gone, in the middle of the report. The client asks on.`)
    server = await startReportServer(file, new URL(server.url).port)
    console.log(`  The server was started again on the same file, as process ${server.pid}.\n`)
  }
  printResult((await task.result()).content)
  await server.end('SIGTERM')
  await printHistory(file, task.id)
}

async function connect(target: StdioTarget | string): Promise<Client> {
  const client = await Client.connect(target, { onElicitation: ask })
  console.log(`Connected to ${safe(client.serverInfo?.name ?? 'a server')}, which speaks ${client.protocolVersion}.`)
  return client
}

/** Whether some pages are set, and some are not. */
function isUnderWay({ status, statusMessage = '' }: TaskSnapshot): boolean {
  return status !== 'working' || Number(/Setting page (\d+)/.exec(statusMessage)?.[1]) > 3
}

function print({ status, statusMessage }: TaskSnapshot): void {
  console.log(`  ${status}${statusMessage === undefined ? '' : `: ${safe(statusMessage)}`}`)
}

/** What the file tells of a task: which process did what, and that nothing was done twice. */
async function printHistory(file: string, id: string): Promise<void> {
  await using tasks = createTasks({ name: 'reports', backend: sqlite(file) })
  const events = new Map<number, string[]>()
  for (const { attempt, event, detail } of await tasks.history(id)) {
    events.set(attempt, [...(events.get(attempt) ?? []), detail === undefined ? event : `${event} ${safe(detail)}`])
  }
  console.log('What happened to it, as the file has it:')
  for (const [attempt, each] of events)
    console.log(`  ${attempt === 0 ? 'at first' : `run ${attempt}`}: ${each.join(', ')}`)
}
