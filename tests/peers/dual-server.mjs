// @ts-check
/**
 * A server that speaks 2025-11-25 and 2026-07-28 on one URL, one pipe or one in-memory pair, on
 * @modelcontextprotocol/server v2. Its tasks are its own, so that tests can look at them and reach in.
 *
 * Over HTTP the same reach is at `GET /log` and `POST /control`, for a peer in another process.
 */
import { randomUUID } from 'node:crypto'
import { toNodeHandler } from '@modelcontextprotocol/node'
import {
  createMcpHandler,
  isLegacyRequest,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { EventLog } from './dual/event-log.mjs'
import { buildLegacyServer } from './dual/legacy.mjs'
import { ListenStreams, requestedTaskIds, withTaskSubscriptions } from './dual/listen.mjs'
import { buildModernServer } from './dual/modern.mjs'
import { PushHub } from './dual/push-hub.mjs'
import { TaskTable } from './dual/task-table.mjs'
import { startHttp } from './http-listener.mjs'

/**
 * @typedef {object} DualOptions
 * @property {number} [pollIntervalMs] default 50
 * @property {number | null} [ttlMs] default 60 000; a 2025 request may name its own
 * @property {boolean} [push] tell subscribers of 2026 and callers of 2025 about each change; default true
 * @property {number} [pageSize] tasks on one page of the 2025 `tasks/list`; default 50
 *
 * @typedef {ReturnType<typeof createDualPeer>} DualPeer
 */

/** @param {DualOptions} [options] */
export function createDualPeer({ pollIntervalMs = 50, ttlMs = 60_000, push = true, pageSize = 50 } = {}) {
  const store = new TaskTable()
  const log = new EventLog()
  const hub = new PushHub(log)
  const peer = { store, log, hub, settings: { pollIntervalMs, ttlMs, push, pageSize } }
  if (push) store.onChange((record) => hub.publish(record))

  /** @param {'legacy' | 'modern'} era */
  const buildServer = (era) => (era === 'modern' ? buildModernServer(peer) : buildLegacyServer(peer))

  const http = serveFetch(peer, buildServer)
  /** @type {Set<import('@modelcontextprotocol/server/stdio').StdioServerHandle>} */
  const pipes = new Set()

  const control = {
    /** Cancels a task as an operator of the server would. @param {string} taskId */
    cancel: (taskId) => store.cancel(taskId),
    /** Forgets a task without a word. @param {string} taskId */
    purge: (taskId) => store.purge(taskId),
    /**
     * Ends a task, whatever its body is doing.
     *
     * @param {string} taskId
     * @param {{ result: any } | { error: { code: number, message: string, data?: unknown } }} [outcome]
     */
    finish: (taskId, outcome = { result: { content: [{ type: 'text', text: 'finished from outside' }] } }) =>
      store.finish(taskId, outcome),
    /**
     * Pushes the task's state once more, with lies laid over it: an older status, an older time.
     *
     * @param {string} taskId
     * @param {Record<string, any>} [patch] in the words of the wire at hand
     */
    emit: (taskId, patch) => hub.publish(store.find(taskId), patch),
    /** Ends all `subscriptions/listen` streams over HTTP in the orderly way. */
    endListens: () => http.endListens(),
  }

  return {
    fetch: withBackDoor(http.fetch, log, control),
    /**
     * Serves both eras on a duplex transport: stdio, or one end of an in-memory pair.
     *
     * @param {import('@modelcontextprotocol/server').Transport} transport
     */
    serve: (transport) => {
      const handle = serveStdio(({ era }) => buildServer(era), {
        transport: push ? withTaskSubscriptions(peer, transport) : transport,
      })
      pipes.add(handle)
      return handle
    },
    buildServer,
    store,
    log,
    events: log.events,
    control,
    close: async () => {
      store.close()
      await Promise.all([http.close(), ...[...pipes].map((pipe) => pipe.close())])
    },
  }
}

/**
 * The same peer behind a real socket.
 *
 * @param {number} [port] 0 picks a free one
 * @param {DualOptions} [options]
 */
export async function serveDualHttp(port = 0, options = {}) {
  const peer = createDualPeer(options)
  const handle = /** @type {import('node:http').RequestListener} */ (toNodeHandler({ fetch: peer.fetch }))
  const listener = await startHttp(port, handle)
  const close = () => Promise.all([peer.close(), listener.close()]).then(() => undefined)
  return { ...peer, url: listener.url, close }
}

/**
 * Streamable HTTP, both eras on one URL: 2026 without, 2025 with sessions.
 *
 * @param {import('./dual/peer-state.mjs').PeerState} peer
 * @param {(era: 'legacy' | 'modern') => import('@modelcontextprotocol/server').Server} buildServer
 */
function serveFetch(peer, buildServer) {
  const modern = createMcpHandler(({ era }) => buildServer(era), { legacy: 'reject' })
  const listens = new ListenStreams(peer)
  /** @type {Map<string, WebStandardStreamableHTTPServerTransport>} */
  const sessions = new Map()

  const openSession = async () => {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
    })
    await buildServer('legacy').connect(transport)
    return transport
  }

  /** @param {Request} request */
  const serveLegacy = async (request) => {
    const id = request.headers.get('mcp-session-id')
    if (id === null) return (await openSession()).handleRequest(request)
    const error = { code: -32_001, message: 'Session not found' }
    return (
      sessions.get(id)?.handleRequest(request) ?? Response.json({ jsonrpc: '2.0', id: null, error }, { status: 404 })
    )
  }

  /** @param {Request} request */
  const serveModern = async (request) => {
    const message = request.method === 'POST' ? await readJson(request.clone()) : undefined
    const isTaskListen = peer.settings.push && requestedTaskIds(message) !== undefined
    return isTaskListen ? listens.serve(message, request.signal) : modern.fetch(request)
  }

  return {
    /** @param {Request} request */
    fetch: async (request) => ((await isLegacyRequest(request)) ? serveLegacy(request) : serveModern(request)),
    endListens: () => listens.endAll(),
    close: async () => {
      listens.endAll()
      await Promise.all([modern.close(), ...[...sessions.values()].map((transport) => transport.close())])
    },
  }
}

/**
 * @param {(request: Request) => Promise<Response>} serve
 * @param {EventLog} log
 * @param {Record<string, (...args: any[]) => void>} control
 * @returns {(request: Request) => Promise<Response>}
 */
function withBackDoor(serve, log, control) {
  return async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/log') return Response.json(log.events)
    if (pathname !== '/control') return serve(request)
    const { action, args = [] } = await readJson(request)
    try {
      control[action]?.(...args)
      return Response.json({ done: action in control })
    } catch (error) {
      return Response.json({ done: false, error: String(error) }, { status: 409 })
    }
  }
}

/**
 * @param {Request} request
 * @returns {Promise<any>} undefined for what is not JSON, which the SDK is to refuse in its own way
 */
const readJson = (request) => request.json().catch(() => undefined)

/**
 * The options of an entry script, from the environment.
 *
 * @returns {DualOptions}
 */
export function dualOptionsFromEnv() {
  const { POLL_INTERVAL, TTL, PUSH } = process.env
  return {
    ...(POLL_INTERVAL !== undefined && { pollIntervalMs: Number(POLL_INTERVAL) }),
    ...(TTL !== undefined && { ttlMs: TTL === 'null' ? null : Number(TTL) }),
    ...(PUSH !== undefined && { push: PUSH !== '0' }),
  }
}
