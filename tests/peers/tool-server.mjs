// @ts-check
/**
 * A server of tools for what a client may do with tools, on @modelcontextprotocol/server v2: both generations, over HTTP, one
 * pipe or one in-memory pair. It remembers what it was asked and what was cancelled, and says so by its tool `report`.
 */
import { randomUUID } from 'node:crypto'
import { toNodeHandler } from '@modelcontextprotocol/node'
import {
  createMcpHandler,
  isLegacyRequest,
  Server,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { startHttp } from './http-listener.mjs'
import { TOOLS } from './tools/tools.mjs'

/**
 * @typedef {object} ToolServerOptions
 * @property {number} [ttlMs] how long lists and resources may be kept; by default not at all
 * @property {number} [pageSize] tools on a page; default 3
 *
 * @typedef {object} ToolServerState
 * @property {Record<string, number>} asked how often each method came in
 * @property {{ tool: string, reason: string }[]} cancelled
 * @property {number} edition of the tool `edition`: its output schema changes with it
 * @property {Map<string, string>} texts of resources
 * @property {(method: string, params?: Record<string, unknown>) => Promise<void>} tell all clients
 */

/** @param {ToolServerOptions} [options] */
export function createToolServer({ ttlMs = 0, pageSize = 3 } = {}) {
  /** @type {Set<Server>} */
  const servers = new Set()
  /** @type {ToolServerState} */
  const state = {
    asked: {},
    cancelled: [],
    edition: 1,
    texts: new Map([['memo:one', 'one']]),
    tell: async (method, params) => {
      if (method === 'notifications/tools/list_changed') modern.notify.toolsChanged()
      else modern.notify.resourceUpdated(/** @type {any} */ (params).uri)
      // The notifier speaks to streams over HTTP, each server object to the connection it serves.
      const sends = [...servers].map((server) => server.notification({ method, ...(params && { params }) }))
      await Promise.allSettled(sends)
    },
  }
  const count = (/** @type {string} */ method) => void (state.asked[method] = (state.asked[method] ?? 0) + 1)
  const cache = { ttlMs, cacheScope: /** @type {const} */ ('private') }

  /** @param {'legacy' | 'modern'} era @param {{ isLasting: boolean }} how */
  const build = (era, { isLasting }) => {
    const server = new Server(
      { name: 'tool-server', version: '3.2.1' },
      {
        instructions: 'Use the tools.',
        capabilities: { tools: { listChanged: true }, resources: { subscribe: true, listChanged: true }, logging: {} },
      },
    )
    if (isLasting) servers.add(server)
    server.onclose = () => void servers.delete(server)
    server.setRequestHandler('tools/list', ({ params }) => {
      count('tools/list')
      return { ...page(TOOLS.list(state, era), pageSize, params?.cursor), ...cache }
    })
    server.setRequestHandler('tools/call', ({ params }, context) => {
      count('tools/call')
      return TOOLS.call(state, params, context, era)
    })
    server.setRequestHandler('resources/list', () => {
      count('resources/list')
      return { resources: [...state.texts.keys()].map((uri) => ({ uri, name: uri })), ...cache }
    })
    server.setRequestHandler('resources/read', ({ params: { uri } }) => {
      count('resources/read')
      return { contents: [{ uri, text: state.texts.get(uri) ?? '' }], ...cache }
    })
    server.setRequestHandler('resources/subscribe', () => ({}))
    server.setRequestHandler('resources/unsubscribe', () => ({}))
    return server
  }

  const modern = createMcpHandler(({ era }) => build(era, { isLasting: false }), { legacy: 'reject' })
  const legacy = serveSessions(() => build('legacy', { isLasting: true }))
  /** @type {Set<import('@modelcontextprotocol/server/stdio').StdioServerHandle>} */
  const pipes = new Set()
  return {
    state,
    /** @param {Request} request */
    fetch: async (request) => ((await isLegacyRequest(request)) ? legacy.fetch(request) : modern.fetch(request)),
    /** @param {import('@modelcontextprotocol/server').Transport} transport a pipe or one end of a pair */
    serve: (transport) => {
      const handle = serveStdio(({ era }) => build(era, { isLasting: true }), { transport })
      pipes.add(handle)
      return handle
    },
    close: async () => {
      await Promise.all([modern.close(), legacy.close(), ...[...pipes].map((pipe) => pipe.close())])
    },
  }
}

/**
 * The same server behind a real socket.
 *
 * @param {ToolServerOptions} [options]
 */
export async function serveToolsHttp(options = {}) {
  const peer = createToolServer(options)
  const handle = /** @type {import('node:http').RequestListener} */ (toNodeHandler({ fetch: peer.fetch }))
  const listener = await startHttp(0, handle)
  const close = () => Promise.all([peer.close(), listener.close()]).then(() => undefined)
  return { ...peer, url: listener.url, close }
}

/**
 * Streamable HTTP of 2025-11-25, with sessions.
 *
 * @param {() => Server} build
 */
function serveSessions(build) {
  /** @type {Map<string, WebStandardStreamableHTTPServerTransport>} */
  const sessions = new Map()
  const begin = async () => {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
    })
    await build().connect(transport)
    return transport
  }
  return {
    /** @param {Request} request */
    fetch: async (request) => {
      const id = request.headers.get('mcp-session-id')
      const transport = id === null ? await begin() : sessions.get(id)
      return transport?.handleRequest(request) ?? new Response('no such session', { status: 404 })
    },
    close: () => Promise.all([...sessions.values()].map((transport) => transport.close())),
  }
}

/**
 * @param {any[]} tools
 * @param {number} size
 * @param {string} [cursor]
 */
function page(tools, size, cursor) {
  const from = cursor === undefined ? 0 : Number(/^from:(\d+)$/.exec(cursor)?.[1] ?? Number.NaN)
  if (Number.isNaN(from)) throw Object.assign(new Error('Invalid cursor'), { code: -32_602 })
  const next = from + size
  return { tools: tools.slice(from, next), ...(next < tools.length && { nextCursor: `from:${next}` }) }
}
