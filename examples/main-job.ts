/**
 * One client for both generations of MCP tasks: a research on the reference server (2025-11-25), then a report on a small
 * server built with `@longcall/server` (2026-07-28). Each runs as a task, is watched, asks something on the way, and is seen
 * to its end.
 */
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Client, type StdioTarget } from '@longcall/client'
import { ask } from './ask.ts'
import { printResult, safe } from './terminal.ts'

const everything: StdioTarget = {
  command: process.execPath,
  args: [createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/dist/index.js'), 'stdio'],
  stderr: 'ignore',
}
const reports: StdioTarget = {
  command: process.execPath,
  args: [fileURLToPath(new URL('servers/reports.js', import.meta.url))],
}

await runTask(everything, 'simulate-research-query', { topic: 'python', ambiguous: true })
await runTask(reports, 'render_report', { title: 'Calls that outlive the connection', pages: 5 })

async function runTask(target: StdioTarget, tool: string, args: Record<string, unknown>): Promise<void> {
  await using client = await Client.connect(target, { onElicitation: ask })
  console.log(`Connected to ${safe(client.serverInfo?.name ?? 'a server')}, which speaks ${client.protocolVersion}.`)

  const task = await client.callTool(tool, args, { task: true })
  console.log(`  ${tool} runs as task ${safe(task.id)}`)
  for await (const { status, statusMessage } of task.updates()) {
    console.log(`  ${status}${statusMessage === undefined ? '' : `: ${safe(statusMessage)}`}`)
  }
  const { content } = await task.result()
  printResult(content)
}
