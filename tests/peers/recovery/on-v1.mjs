// @ts-check
/** The mortal server on @modelcontextprotocol/sdk v1. */
import { randomUUID } from 'node:crypto'
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import * as schemas from '@modelcontextprotocol/sdk/types.js'
import { readJsonBody, startHttp } from '../http-listener.mjs'
import { aboutServer, capabilities } from './features.mjs'

/** @type {Record<string, any>} */
const requests = {
  'tools/list': schemas.ListToolsRequestSchema,
  'tools/call': schemas.CallToolRequestSchema,
  'resources/list': schemas.ListResourcesRequestSchema,
  'resources/templates/list': schemas.ListResourceTemplatesRequestSchema,
  'resources/read': schemas.ReadResourceRequestSchema,
  'resources/subscribe': schemas.SubscribeRequestSchema,
  'resources/unsubscribe': schemas.UnsubscribeRequestSchema,
  'prompts/list': schemas.ListPromptsRequestSchema,
  'prompts/get': schemas.GetPromptRequestSchema,
  'completion/complete': schemas.CompleteRequestSchema,
}

/** @typedef {ReturnType<typeof import('./features.mjs').featuresOf>} Features */

/** @param {Features} features */
export async function onPipe(features) {
  await build(features).connect(new StdioServerTransport())
}

/**
 * With sessions, as the SDK's examples keep them: one that is not known is answered 404.
 *
 * @param {Features} features
 * @param {number} port
 * @param {(message: any, session?: string) => boolean} seen
 */
export function onPort(features, port, seen) {
  /** @type {Map<string, StreamableHTTPServerTransport>} */
  const sessions = new Map()
  return startHttp(port, async (request, response) => {
    const id = request.headers['mcp-session-id']?.toString()
    const body = await readJsonBody(request)
    if (!seen(body ?? { method: request.method }, id)) return
    if (id !== undefined && !sessions.has(id)) {
      const error = { code: -32_001, message: 'Session not found' }
      response.writeHead(404, { 'content-type': 'application/json' })
      return void response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error }))
    }
    /** @type {StreamableHTTPServerTransport} */
    const transport =
      sessions.get(id ?? '') ??
      new StreamableHTTPServerTransport({
        sessionIdGenerator: () => randomUUID(),
        onsessioninitialized: (made) => void sessions.set(made, transport),
        onsessionclosed: (closed) => void sessions.delete(closed),
      })
    if (id === undefined) await build(features).connect(/** @type {any} */ (transport))
    await transport.handleRequest(request, response, body)
  })
}

/** @param {Features} features */
function build(features) {
  const server = new Server(aboutServer, { capabilities })
  /** @type {Set<string>} */
  const subscribed = new Set()
  for (const [method, handle] of Object.entries(features)) {
    server.setRequestHandler(requests[method], (/** @type {any} */ { params }, extra) =>
      handle(params ?? {}, {
        ask: (asked, question) =>
          extra.sendRequest(/** @type {any} */ ({ method: asked, params: question }), schemas.ElicitResultSchema),
        log: (level, data) => server.sendLoggingMessage({ level: /** @type {any} */ (level), data }, extra.sessionId),
        updated: (uri) => void server.sendResourceUpdated({ uri }).catch(() => {}),
        subscribed,
      }),
    )
  }
  return server
}
