// @ts-check
/** The mortal server on @modelcontextprotocol/server v2, in both generations. */
import { randomUUID } from 'node:crypto'
import { toNodeHandler } from '@modelcontextprotocol/node'
import {
  createMcpHandler,
  inputRequired,
  isLegacyRequest,
  Server,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { z } from 'zod'
import { startHttp } from '../http-listener.mjs'
import { aboutServer, capabilities, updateMs } from './features.mjs'

const anyResult = z.looseObject({})

/** @typedef {ReturnType<typeof import('./features.mjs').featuresOf>} Features */

/** @param {Features} features */
export async function onPipe(features) {
  serveStdio(({ era }) => buildV2(features, era, true))
}

/**
 * Both generations on one URL: 2026-07-28 without sessions, 2025-11-25 with.
 *
 * @param {Features} features
 * @param {number} port
 * @param {(message: any, session?: string) => boolean} seen
 */
export async function onPort(features, port, seen) {
  const modern = createMcpHandler(({ era }) => buildV2(features, era), { legacy: 'reject' })
  setInterval(() => modern.notify.resourceUpdated('note://one'), updateMs)
  /** @type {Map<string, WebStandardStreamableHTTPServerTransport>} */
  const sessions = new Map()
  /** @param {Request} request */
  const serve = async (request) => {
    const id = request.headers.get('mcp-session-id') ?? undefined
    const text = await request.clone().text()
    if (!seen(text === '' ? { method: request.method } : JSON.parse(text), id)) return new Promise(() => {})
    if (!(await isLegacyRequest(request.clone()))) return modern.fetch(request)
    if (id !== undefined && !sessions.has(id)) {
      const error = { code: -32_001, message: 'Session not found' }
      return Response.json({ jsonrpc: '2.0', id: null, error }, { status: 404 })
    }
    /** @type {WebStandardStreamableHTTPServerTransport} */
    const transport =
      sessions.get(id ?? '') ??
      new WebStandardStreamableHTTPServerTransport({
        sessionIdGenerator: () => randomUUID(),
        onsessioninitialized: (made) => void sessions.set(made, transport),
        onsessionclosed: (closed) => void sessions.delete(closed),
      })
    if (id === undefined) await buildV2(features, 'legacy').connect(transport)
    return transport.handleRequest(request)
  }
  const handle = /** @type {import('node:http').RequestListener} */ (toNodeHandler({ fetch: serve }))
  return startHttp(port, handle)
}

/**
 * @param {Features} features
 * @param {'legacy' | 'modern'} era
 * @param {boolean} [isAlone] it is the only one of its process, and serves all requests
 */
export function buildV2(features, era, isAlone = false) {
  const server = new Server(aboutServer, { capabilities })
  /** @type {Set<string>} */
  const subscribed = new Set()
  for (const [method, handle] of Object.entries(features)) {
    // A server of 2026-07-28 has these in `subscriptions/listen`.
    if (era === 'modern' && method.endsWith('subscribe')) continue
    server.setRequestHandler(
      /** @type {any} */ (method),
      async (/** @type {any} */ { params }, /** @type {any} */ context) => {
        const { mcpReq } = context
        /** @type {import('./features.mjs').Line} */
        const line = {
          ask: async (asked, question) => {
            if (era === 'legacy') return mcpReq.send({ method: asked, params: question }, anyResult)
            const answer = mcpReq.inputResponses?.name
            if (answer === undefined) throw new Unanswered(question)
            return answer
          },
          log: (level, data) =>
            era === 'modern'
              ? mcpReq.log(level, data)
              : server.sendLoggingMessage({ level: /** @type {any} */ (level), data }, context.sessionId),
          updated: (uri) => void server.sendResourceUpdated({ uri }).catch(() => {}),
          subscribed,
        }
        try {
          return await handle(params ?? {}, line)
        } catch (error) {
          if (!(error instanceof Unanswered)) throw error
          return inputRequired({ inputRequests: { name: inputRequired.elicit(error.question) }, requestState: 'asked' })
        }
      },
    )
  }
  // It is for the SDK to know who wants to hear of it.
  if (era === 'modern' && isAlone)
    setInterval(() => void server.sendResourceUpdated({ uri: 'note://one' }).catch(() => {}), updateMs)
  return server
}

/** The question has to be brought to the client by the answer to its call. */
class Unanswered extends Error {
  /** @param {any} question */
  constructor(question) {
    super('not answered yet')
    this.question = question
  }
}
