// @ts-check
/**
 * A server on @modelcontextprotocol/server v2 that has all that a server may have beside tasks: resources, templates,
 * prompts, completion, subscriptions, log messages, progress, changes of lists, and questions. It speaks both generations
 * on one URL, one pipe or one in-memory pair, and remembers what it was sent.
 */
import { randomUUID } from 'node:crypto'
import { toNodeHandler } from '@modelcontextprotocol/node'
import {
  createMcpHandler,
  isLegacyRequest,
  McpServer,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { registerContent } from './full/content.mjs'
import { registerTools } from './full/tools.mjs'
import { startHttp } from './http-listener.mjs'

/**
 * @typedef {import('@modelcontextprotocol/server').Transport} Transport
 * @typedef {'legacy' | 'modern'} Era
 *
 * @typedef {object} FullOptions
 * @property {boolean} [subscribe] whether updates of resources are pushed; default true
 * @property {boolean} [sessions] whether 2025 clients have sessions over HTTP; without, GET and DELETE are refused. Default true
 *
 * What all server objects of a peer share.
 *
 * @typedef {object} FullState
 * @property {Record<string, any>[]} received all messages of clients, in order
 * @property {(change: Change) => Promise<void>} announce tells whoever wants to know
 * @property {boolean} subscribe
 *
 * @typedef {'tools' | 'prompts' | 'resources' | { readonly uri: string }} Change
 *
 * @typedef {ReturnType<typeof createFullPeer>} FullPeer
 */

/** @param {FullOptions} [options] */
export function createFullPeer({ subscribe = true, sessions: hasSessions = true } = {}) {
  /** @type {Record<string, any>[]} */
  const received = []
  /** Server objects of one connection each, with the URIs that it subscribed to. @type {Map<McpServer, Set<string>>} */
  const connected = new Map()
  /** @type {FullState} */
  const state = {
    received,
    subscribe,
    announce: async (change) => {
      tell(modern.notify, change)
      for (const [server, uris] of connected) await tellOne(server, uris, change)
    },
  }

  /** @param {Era} era */
  const build = (era) => {
    const capabilities = {
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { listChanged: true, subscribe },
      logging: {},
      completions: {},
    }
    const cacheHints = { 'tools/list': { ttlMs: 600_000, cacheScope: /** @type {const} */ ('private') } }
    const server = new McpServer({ name: 'full-peer', version: '1.0.0' }, { capabilities, cacheHints })
    registerContent(server)
    registerTools(server, state)
    if (era === 'legacy' && subscribe) registerSubscriptions(server)
    return server
  }

  /** One that stays for the length of a connection, and pushes by itself. @param {Era} era */
  const buildLasting = (era) => {
    const server = build(era)
    connected.set(server, new Set())
    server.server.onclose = () => connected.delete(server)
    return server
  }

  /** @param {McpServer} server */
  const registerSubscriptions = ({ server }) => {
    const urisOf = () => [...connected].find(([one]) => one.server === server)?.[1]
    server.setRequestHandler('resources/subscribe', ({ params }) => {
      urisOf()?.add(params.uri)
      return {}
    })
    server.setRequestHandler('resources/unsubscribe', ({ params }) => {
      urisOf()?.delete(params.uri)
      return {}
    })
  }

  const modern = createMcpHandler(({ era }) => build(era), { legacy: hasSessions ? 'reject' : 'stateless' })
  /** @type {Map<string, WebStandardStreamableHTTPServerTransport>} */
  const sessions = new Map()
  /** @type {Set<import('@modelcontextprotocol/server/stdio').StdioServerHandle>} */
  const pipes = new Set()

  /** @param {Request} request */
  const serveLegacy = async (request) => {
    const id = request.headers.get('mcp-session-id')
    if (id !== null) return sessions.get(id)?.handleRequest(request) ?? new Response('no such session', { status: 404 })
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (opened) => void sessions.set(opened, transport),
      onsessionclosed: (closed) => void sessions.delete(closed),
    })
    await buildLasting('legacy').connect(transport)
    return transport.handleRequest(request)
  }

  return {
    /**
     * @param {Request} request
     * @returns {Promise<Response>}
     */
    fetch: async (request) => {
      const message = await request
        .clone()
        .json()
        .catch(() => undefined)
      received.push(message ?? { method: request.method })
      const isLegacy = hasSessions && (await isLegacyRequest(request))
      return isLegacy ? serveLegacy(request) : modern.fetch(request)
    },
    /** @param {Transport} transport stdio, or one end of an in-memory pair */
    serve: (transport) => {
      const handle = serveStdio(({ era }) => buildLasting(era), { transport: remembering(transport, received) })
      pipes.add(handle)
      return handle
    },
    received,
    announce: state.announce,
    close: async () => {
      await Promise.all([
        modern.close(),
        ...[...pipes].map((pipe) => pipe.close()),
        ...[...sessions.values()].map((transport) => transport.close()),
      ])
    },
  }
}

/**
 * The same peer behind a real socket, at `path` and nowhere else.
 *
 * @param {FullOptions & { readonly path?: string }} [options]
 */
export async function serveFullHttp({ path = '/mcp', ...options } = {}) {
  const peer = createFullPeer(options)
  const handle = /** @type {import('node:http').RequestListener} */ (toNodeHandler({ fetch: peer.fetch }))
  const listener = await startHttp(0, (request, response) => {
    if (request.url === path) return handle(request, response)
    return response.writeHead(404).end('not here')
  })
  const close = () => Promise.all([peer.close(), listener.close()]).then(() => undefined)
  return { ...peer, url: new URL(path, listener.url).href, close }
}

/**
 * The options of an entry script, from the environment.
 *
 * @returns {FullOptions}
 */
export function fullOptionsFromEnv() {
  return { subscribe: process.env['SUBSCRIBE'] !== '0' }
}

/**
 * @param {import('@modelcontextprotocol/server').McpHttpHandler['notify']} notify
 * @param {Change} change
 */
function tell(notify, change) {
  if (typeof change === 'object') notify.resourceUpdated(change.uri)
  else notify[`${change}Changed`]()
}

/**
 * @param {McpServer} server
 * @param {ReadonlySet<string>} uris
 * @param {Change} change
 */
async function tellOne({ server }, uris, change) {
  const isModern = server.getNegotiatedProtocolVersion() === '2026-07-28'
  if (typeof change === 'object') {
    // On a pipe of 2026 the SDK knows who subscribed.
    if (isModern || uris.has(change.uri)) await server.sendResourceUpdated({ uri: change.uri })
  } else if (change === 'tools') await server.sendToolListChanged()
  else if (change === 'prompts') await server.sendPromptListChanged()
  else await server.sendResourceListChanged()
}

/**
 * @param {Transport} wire
 * @param {Record<string, any>[]} received
 * @returns {Transport}
 */
function remembering(wire, received) {
  /** @type {Transport} */
  const decorated = {
    start: () => {
      wire.onmessage = (message, extra) => {
        received.push(structuredClone(message))
        decorated.onmessage?.(message, extra)
      }
      wire.onerror = (error) => decorated.onerror?.(error)
      wire.onclose = () => decorated.onclose?.()
      return wire.start()
    },
    send: (message, options) => wire.send(message, options),
    close: () => wire.close(),
  }
  return decorated
}
