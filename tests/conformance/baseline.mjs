// @ts-check
/** The measure: what the SDK's own server passes, with the same tools and no tasks, in both generations on one URL. */
import { toNodeHandler } from '@modelcontextprotocol/node'
import {
  createMcpHandler,
  hostHeaderValidationResponse,
  isLegacyRequest,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  originValidationResponse,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'
import { randomUUID } from 'node:crypto'
import { announce, portFromEnv, startHttp } from '../peers/http-listener.mjs'
import { EventLog } from './event-log.mjs'
import { buildPlainServer } from './plain/plain-server.mjs'

/** @type {import('./plain/plain-server.mjs').ListChanges} */
const changes = {
  toolsChanged: () => modern.notify.toolsChanged(),
  promptsChanged: () => modern.notify.promptsChanged(),
}
const modern = createMcpHandler((context) => buildPlainServer(context, changes), { legacy: 'reject' })
/** @type {Map<string, WebStandardStreamableHTTPServerTransport>} */
const sessions = new Map()

async function openSession() {
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: () => randomUUID(),
    onsessioninitialized: (id) => void sessions.set(id, transport),
    onsessionclosed: (id) => void sessions.delete(id),
    eventStore: new EventLog(),
    retryInterval: 100,
  })
  await buildPlainServer({ era: 'legacy' }, changes).connect(transport)
  return transport
}

/** @param {Request} request */
async function serveLegacy(request) {
  const id = request.headers.get('mcp-session-id')
  const transport = id === null ? await openSession() : sessions.get(id)
  if (transport !== undefined) return transport.handleRequest(request)
  const error = { code: -32_001, message: 'Session not found' }
  return Response.json({ jsonrpc: '2.0', id: null, error }, { status: 404 })
}

/** @param {Request} request */
async function serve(request) {
  const refusal =
    hostHeaderValidationResponse(request, localhostAllowedHostnames()) ??
    originValidationResponse(request, localhostAllowedOrigins())
  if (refusal !== undefined) return refusal
  return (await isLegacyRequest(request)) ? serveLegacy(request) : modern.fetch(request)
}

const handle = /** @type {import('node:http').RequestListener} */ (toNodeHandler({ fetch: serve }))
announce(await startHttp(portFromEnv(), handle))
