import {
  createMcpHandler,
  isLegacyRequest,
  readRequestBody,
  type AuthInfo,
  type EventStore,
  type McpServerFactory,
  type ServerNotifier,
} from '@modelcontextprotocol/server'
import { readTaskListen } from '../2026-07-28/listen-message.ts'
import { callerOf } from '../calls/caller.ts'
import { toolsFor } from '../calls/tools-for.ts'
import { bindServer } from '../tasks/bind-server.ts'
import type { Tasks } from '../tasks/tasks.ts'
import { toProtocolError } from '../calls/to-protocol-error.ts'
import { ListenStreams } from './listen-http.ts'
import { refuse } from './refuse.ts'
import { Sessions, type BuildServer, type ReadRequest } from './sessions.ts'

/** How a server is served. */
export interface HandlerOptions {
  readonly tasks: Tasks
  /** The largest body that is read, in bytes; 4 MiB by default. */
  readonly maxRequestBodySize?: number
  /** How long a 2025-11-25 session may be idle before it is closed; half an hour by default. Its tasks go on. */
  readonly sessionIdleMs?: number
  /**
   * Makes what keeps the events of a 2025-11-25 session, so that its client can go on reading where it lost a stream. One for
   * each session: the ids of streams and events are not told apart by session.
   */
  readonly eventStore?: () => EventStore
  /** How long a client is asked to wait before it reads on, where there is an `eventStore`; a second by default. */
  readonly retryIntervalMs?: number
  /** Hears of requests that were refused and of what failed out of sight; it changes no answer. */
  readonly onError?: (error: Error) => void
}

/** What is known of a request beside what it says. */
export interface RequestOrigin {
  /** Who makes it, as some middleware verified. */
  readonly authInfo?: AuthInfo
  /** Its body, where somebody has read and parsed it. */
  readonly parsedBody?: unknown
  /** Where it came from: callers nobody knows are limited by address. */
  readonly remoteAddress?: string
}

/** Serves HTTP requests, as `fetch` has them. */
export interface Handler extends AsyncDisposable {
  fetch(request: Request, info?: RequestOrigin): Promise<Response>
  /** Tells 2026-07-28 subscribers that a list or a resource has changed. */
  readonly notify: ServerNotifier
  /** Ends streams and sessions. The tasks go on: `tasks.drain()` before this lets clients hear of their ends, `tasks.close()` after it. */
  close(): Promise<void>
}

/**
 * Serves a server with tasks on one URL, both generations: mount its `fetch` where requests arrive, in Hono as it is, in
 * Express and Fastify by the SDK's `toNodeHandler`.
 *
 * @param factory Makes a server object for each session of 2025-11-25 and each request of 2026-07-28.
 */
export function createHandler(factory: McpServerFactory, options: HandlerOptions): Handler {
  const { tasks, maxRequestBodySize, sessionIdleMs = 1_800_000, eventStore, retryIntervalMs = 1_000, onError } = options
  const reads = new WeakMap<Request, Pick<ReadRequest, 'message' | 'remoteAddress'>>()
  const report = (error: unknown): void => onError?.(error instanceof Error ? error : new Error(String(error)))

  const build = async (context: Parameters<BuildServer>[0], message?: unknown): ReturnType<BuildServer> => {
    const server = await factory(context)
    bindServer(tasks.service, server, context, toolsFor(tasks.service, message))
    return server
  }
  const modern = createMcpHandler(
    (context) => {
      const { remoteAddress, message } = (context.requestInfo && reads.get(context.requestInfo)) ?? {}
      return build({ ...context, ...(remoteAddress !== undefined && { remoteAddress }) }, message)
    },
    { legacy: 'reject', onerror: report, ...(maxRequestBodySize !== undefined && { maxRequestBodySize }) },
  )
  const listens = new ListenStreams(tasks.service)
  const sessions = new Sessions({
    build: (context) => build(context),
    principal: tasks.service.settings.principal,
    answersKept: (message) => tasks.service.arriving.kept(message),
    idleMs: sessionIdleMs,
    eventStore,
    retryIntervalMs,
  })
  void tasks.runtime.open().catch(report)

  const serveModern = async ({ message, authInfo, remoteAddress, ...read }: ReadRequest): Promise<Response> => {
    const request = named(read.request, message)
    reads.set(request, { message, remoteAddress })
    const info = { ...(authInfo !== undefined && { authInfo }), ...(message !== undefined && { parsedBody: message }) }
    const listen = tasks.service.offersTasks ? readTaskListen(message) : undefined
    if (listen === undefined) return modern.fetch(request, info)
    const { owner } = callerOf({ authInfo, remoteAddress, isPipe: false }, tasks.service.settings.principal)
    return listens.serve(listen, { owner, remoteAddress, request }, () =>
      modern.fetch(request, { ...info, parsedBody: listen.rest }),
    )
  }

  const close = async (): Promise<void> => {
    listens.endAll()
    await Promise.all([modern.close(), sessions.close()])
  }
  return {
    notify: modern.notify,
    fetch: async (request, info = {}) => {
      try {
        const body = await readBody(request, info, maxRequestBodySize)
        if (body instanceof Response) return body
        const read = { request, message: body.message, authInfo: info.authInfo, remoteAddress: info.remoteAddress }
        const isLegacy = await isLegacyRequest(request, body.message)
        return await (isLegacy ? sessions.serve(read) : serveModern(read))
      } catch (error) {
        report(error)
        const { code, message } = toProtocolError(error)
        return refuse(500, code, message)
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/**
 * The request with the `Mcp-Name` that it should have: clients are out there that leave it out of what they ask of a task. One
 * that names another task is refused all the same.
 *
 * Source: SEP-2663, "Routing Headers".
 */
function named(request: Request, message: unknown): Request {
  const { method, params } = (message ?? {}) as { method?: unknown; params?: { taskId?: unknown } }
  const taskId = params?.taskId
  const isOfTask = typeof method === 'string' && method.startsWith('tasks/') && typeof taskId === 'string'
  if (!isOfTask || request.headers.has('mcp-name') || !/^[\x21-\x7e]+$/.test(taskId)) return request
  const headers = new Headers(request.headers)
  headers.set('mcp-name', taskId)
  return new Request(request.url, { method: request.method, headers, signal: request.signal })
}

async function readBody(
  request: Request,
  { parsedBody }: RequestOrigin,
  maxBytes: number | undefined,
): Promise<{ readonly message: unknown } | Response> {
  if (parsedBody !== undefined || request.method !== 'POST') return { message: parsedBody }
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/json')
    return refuse(415, -32_000, 'Unsupported Media Type: Content-Type must be application/json')
  const body = await readRequestBody(request, maxBytes)
  if (body.tooLarge) return refuse(413, -32_000, 'Payload Too Large')
  try {
    return { message: JSON.parse(body.text) as unknown }
  } catch {
    return refuse(400, -32_700, 'Parse error: the request body is not valid JSON')
  }
}
