// @ts-check
/**
 * An independent 2025-11-25 server: @modelcontextprotocol/sdk v1 with its own experimental tasks runtime.
 *
 * Nothing of ours runs in here, so a test against it proves something about the wire rather than about our own
 * reading of it.
 */
import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { InMemoryTaskMessageQueue, InMemoryTaskStore } from '@modelcontextprotocol/sdk/experimental/tasks'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { readJsonBody, startHttp } from './http-listener.mjs'
import { registerV1Tools } from './v1/tools.mjs'

/**
 * @typedef {object} V1Options
 * @property {number} [pollInterval] milliseconds a client is told to wait between polls; also how often the SDK's
 *   own `tasks/result` looks again. Default 50.
 * @property {number} [ttl] milliseconds a task is kept if the request names none. Default 60 000.
 * @property {InMemoryTaskStore} [store] shared by the server objects of several sessions
 * @property {InMemoryTaskMessageQueue} [queue] likewise
 * @property {(server: McpServer) => void} [onServer] gets each server object before it is connected, to give it more
 *   tools and to ask its client
 */

/**
 * Builds one server object, ready to be connected to one transport.
 *
 * @param {V1Options} [options]
 */
export function buildV1Server(options = {}) {
  const {
    pollInterval = 50,
    ttl = 60_000,
    store = new InMemoryTaskStore(),
    queue = new InMemoryTaskMessageQueue(),
  } = options
  const server = new McpServer(
    { name: 'v1-peer', version: '1.0.0' },
    {
      capabilities: { tools: {}, logging: {}, tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } },
      taskStore: store,
      taskMessageQueue: queue,
      defaultTaskPollInterval: pollInterval,
    },
  )
  registerV1Tools(server, { pollInterval, ttl })
  allowManyLooks(server)
  options.onServer?.(server)
  const close = async () => {
    await server.close()
    // Its timers would hold the process open until every ttl has passed.
    store.cleanup()
  }
  return { server, store, queue, close }
}

/**
 * Serves Streamable HTTP with sessions, the standalone GET stream and DELETE.
 *
 * All sessions share one task store; the SDK's store keeps the tasks of one session from the others.
 *
 * @param {number} [port] 0 picks a free one
 * @param {V1Options} [options]
 */
export async function serveV1Http(port = 0, options = {}) {
  const store = options.store ?? new InMemoryTaskStore()
  const queue = options.queue ?? new InMemoryTaskMessageQueue()
  /** @type {Map<string, StreamableHTTPServerTransport>} */
  const sessions = new Map()

  const openSession = async () => {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
    })
    await buildV1Server({ ...options, store, queue }).server.connect(transport)
    return transport
  }

  const listener = await startHttp(port, async (request, response) => {
    const body = await readJsonBody(request)
    const sessionId = request.headers['mcp-session-id']
    if (typeof sessionId === 'string' && !sessions.has(sessionId)) return refuse(response, 404, 'Session not found')
    if (sessionId === undefined && body?.method !== 'initialize') return refuse(response, 400, 'No session id')
    const transport = sessions.get(String(sessionId)) ?? (await openSession())
    await transport.handleRequest(request, response, body)
  })

  return {
    url: listener.url,
    store,
    queue,
    /** Session ids that are open now. */
    sessions: () => [...sessions.keys()],
    /**
     * Forgets a session, as a restarted server would: its id answers 404 from now on.
     *
     * @param {string} id
     */
    forgetSession: async (id) => {
      const transport = sessions.get(id)
      sessions.delete(id)
      await transport?.close()
    },
    close: async () => {
      await Promise.all([...sessions.values()].map((transport) => transport.close()))
      store.cleanup()
      await listener.close()
    },
  }
}

/**
 * The SDK's `tasks/result` looks again every poll interval, adds a listener to the signal of the request each time and
 * takes none away. Node's warning about that would be blamed on whoever is under test.
 *
 * @param {McpServer} server
 */
function allowManyLooks(server) {
  /** @type {Map<string, (request: any, extra: { signal: AbortSignal }) => Promise<any>>} */
  const handlers = server.server['_requestHandlers']
  const taskResult = handlers.get('tasks/result')
  if (taskResult === undefined) throw new Error('the SDK no longer keeps its handlers where this peer looks')
  handlers.set('tasks/result', (request, extra) => {
    setMaxListeners(0, extra.signal)
    return taskResult(request, extra)
  })
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {string} message
 */
function refuse(response, status, message) {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32_001, message } }))
}
