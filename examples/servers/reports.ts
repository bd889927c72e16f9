/**
 * A server with a tool that runs as a task, `render_report`: it says how far it is, asks a question in the middle, and can
 * be cancelled. Beside it are a plain tool and a resource. Clients of both protocol generations are served.
 *
 * Over stdio: `node examples/dist/servers/reports.js`. Over HTTP: `node examples/dist/servers/reports.js --port 3000`.
 * Its tasks are in a file, beside the built examples or where `--file` says: kill it, start it again, and they go on.
 */
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { createTasks, serveHttp, serveStdio } from '@longcall/server'
import { sqlite } from '@longcall/sqlite'
import { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { bindings, declareReportTools } from './report-tools.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    file: { type: 'string', default: fileURLToPath(new URL('../reports.db', import.meta.url)) },
  },
})

// Tools and tasks are there once; they outlive the connections, and the tasks outlive this process.
const tasks = createTasks({ name: 'reports', backend: sqlite(values.file), pollIntervalMs: 200 })
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

if (values.port === undefined) {
  serveStdio(buildServer, { tasks })
} else {
  const http = await serveHttp(buildServer, { tasks, port: Number(values.port) })
  console.log(`listening ${http.url}`)
  // Whoever stops it waits until its tasks have ended, ten seconds at most; what runs on then is begun again next time.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void http.close())
}
