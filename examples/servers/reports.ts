/**
 * A server with a tool that runs as a task, `render_report`: it says how far it is, asks a question in the middle, and can
 * be cancelled. Beside it are a plain tool and a resource. Clients of both protocol generations are served.
 *
 * Over stdio: `node examples/dist/servers/reports.js`. Over HTTP: `node examples/dist/servers/reports.js --port 3000`.
 */
import { parseArgs } from 'node:util'
import { createTasks, serveHttp, serveStdio } from '@longcall/server'
import { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { bindings, declareReportTools } from './report-tools.ts'

// Tools and tasks are there once; they outlive the connections.
const tasks = createTasks({ name: 'reports', pollIntervalMs: 200 })
declareReportTools(tasks)

/** A server object of the SDK is made for each session or request, and has what it likes of its own. */
function buildServer(): McpServer {
  const server = new McpServer({ name: 'reports', version: '1.0.0' })
  server.registerTool(
    'estimate_pages',
    { description: 'How many pages a text of so many words takes', inputSchema: z.object({ words: z.int().min(0) }) },
    ({ words }) => ({ content: [{ type: 'text', text: `${Math.max(1, Math.ceil(words / 300))} pages` }] }),
  )
  server.registerResource('bindings', 'reports://bindings', { mimeType: 'application/json' }, (uri) => ({
    contents: [{ uri: uri.href, mimeType: 'application/json', text: JSON.stringify(bindings) }],
  }))
  return server
}

const { values } = parseArgs({ options: { port: { type: 'string' } } })
if (values.port === undefined) {
  serveStdio(buildServer, { tasks })
} else {
  const http = await serveHttp(buildServer, { tasks, port: Number(values.port) })
  console.log(`listening ${http.url}`)
  // Whoever stops it waits until its tasks have ended, ten seconds at most.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void http.close())
}
