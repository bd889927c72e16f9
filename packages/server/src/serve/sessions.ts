import {
  isInitializeRequest,
  WebStandardStreamableHTTPServerTransport,
  type AuthInfo,
  type EventStore,
  type McpRequestContext,
  type McpServer,
  type Server,
} from '@modelcontextprotocol/server'
import { refuse } from './refuse.ts'
import { isEventStream, sseEvents } from './sse.ts'

/** Makes a server object that is bound to the tasks. */
export type BuildServer = (
  context: McpRequestContext & { readonly remoteAddress?: string },
) => Promise<McpServer | Server>

/** A request that was read already. */
export interface ReadRequest {
  readonly request: Request
  readonly message: unknown
  readonly authInfo?: AuthInfo | undefined
  readonly remoteAddress?: string | undefined
}

/** How sessions are kept. */
export interface SessionOptions {
  readonly build: BuildServer
  /** Who an authenticated caller is: a session belongs to the one who opened it. */
  readonly principal: (authInfo: AuthInfo) => string | undefined
  /** Resolves when the answers in a message that came are kept. */
  readonly answersKept: (message: unknown) => Promise<void>
  readonly idleMs: number
  readonly eventStore?: (() => EventStore) | undefined
  readonly retryIntervalMs: number
  /** How many sessions one endpoint keeps; 10,000 by default. */
  readonly mostSessions?: number
}

/** Who opens a session. */
interface Opener {
  readonly principal: string | undefined
  readonly remoteAddress: string | undefined
}

interface Session extends Opener {
  readonly transport: WebStandardStreamableHTTPServerTransport
  readonly server: McpServer | Server
  usedAtMs: number
  /**
   * What somebody reads, each by the requests that it answers: they are kept while it is open, for a request that nothing
   * holds is collected, and its signal never aborts then.
   */
  readonly reads: Set<readonly Request[]>
}

/** Methods that are answered at once, and so need no stream. Source: specification 2025-11-25, Tasks, "Getting Tasks". */
const answeredAtOnce = new Set(['tasks/get', 'tasks/list', 'tasks/cancel'])

/** The sessions of 2025-11-25 and earlier on one endpoint. */
export class Sessions {
  readonly #options: SessionOptions
  readonly #sessions = new Map<string, Session>()
  /** Sessions that are being opened. */
  #opening = 0
  readonly #sweep: ReturnType<typeof setInterval>

  constructor(options: SessionOptions) {
    this.#options = options
    this.#sweep = setInterval(() => this.#closeIdle(), Math.min(options.idleMs, 60_000))
    this.#sweep.unref()
  }

  async serve(read: ReadRequest): Promise<Response> {
    const id = read.request.headers.get('mcp-session-id')
    if (id !== null) return this.#serveIn(id, read)
    const isInitialize = [read.message].flat().some((each) => isInitializeRequest(each))
    if (isInitialize) return this.#admit(read)
    return refuse(400, -32_000, 'Bad Request: Mcp-Session-Id header is required', read.message)
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep)
    await Promise.all([...this.#sessions.keys()].map((id) => this.#end(id)))
  }

  async #serveIn(id: string, read: ReadRequest): Promise<Response> {
    const session = this.#sessions.get(id)
    // Somebody else's session looks like none.
    if (session === undefined || session.principal !== this.#principal(read)) {
      return refuse(404, -32_001, 'Session not found', read.message)
    }
    session.usedAtMs = Date.now()
    const { message, authInfo } = read
    const info = {
      ...(message !== undefined && { parsedBody: message }),
      ...(authInfo !== undefined && { authInfo }),
    }
    if (isAnsweredAtOnce(message)) return withoutStream(await session.transport.handleRequest(read.request, info))
    const reader = new AbortController()
    const request = readBy(read.request, reader)
    const response = await session.transport.handleRequest(request, info)
    // What is acknowledged is sent by nobody again.
    if (response.status === 202) await this.#options.answersKept(message)
    return this.#counted(session, response, reader, [read.request, request])
  }

  async #admit(read: ReadRequest): Promise<Response> {
    const opener = { principal: this.#principal(read), remoteAddress: read.remoteAddress }
    if (!this.#makeRoom(opener))
      return refuse(503, -32_000, 'Too many sessions are open; try again later', read.message)
    this.#opening += 1
    try {
      return await this.#open(read, opener)
    } finally {
      this.#opening -= 1
    }
  }

  async #open({ request, message, authInfo }: ReadRequest, opener: Opener): Promise<Response> {
    const { remoteAddress } = opener
    const server = await this.#options.build({
      era: 'legacy',
      requestInfo: request,
      ...(authInfo !== undefined && { authInfo }),
      ...(remoteAddress !== undefined && { remoteAddress }),
    })
    const { eventStore, retryIntervalMs } = this.#options
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (id) => {
        this.#sessions.set(id, { transport, server, ...opener, usedAtMs: Date.now(), reads: new Set() })
      },
      onsessionclosed: (id) => void this.#sessions.delete(id),
      ...(eventStore !== undefined && { eventStore: eventStore(), retryInterval: retryIntervalMs }),
    })
    await server.connect(transport)
    return transport.handleRequest(request, { parsedBody: message, ...(authInfo !== undefined && { authInfo }) })
  }

  /** Knows when nobody reads the response any more. */
  #counted(session: Session, response: Response, gone: AbortController, requests: readonly Request[]): Response {
    if (response.body === null) return response
    const isStream = isEventStream(response)
    session.reads.add(requests)
    const over = (): void => {
      if (session.reads.delete(requests)) session.usedAtMs = Date.now()
    }
    const reader = response.body.getReader()
    // However it is noticed that nobody reads: the SDK keeps the place of a stream until it is cancelled.
    const drop = (): void => {
      over()
      void reader.cancel().catch(() => {})
    }
    if (gone.signal.aborted) drop()
    else gone.signal.addEventListener('abort', drop, { once: true })
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        // Headers leave with the first bytes, and a stream may have none for long.
        if (isStream) controller.enqueue(new TextEncoder().encode(': open\n\n'))
      },
      pull: async (controller) => {
        try {
          const { done, value } = await reader.read()
          if (!done) return controller.enqueue(value)
          over()
          controller.close()
        } catch (error) {
          over()
          controller.error(error)
        }
      },
      cancel: (reason: unknown) => {
        gone.abort(reason)
      },
    })
    return new Response(body, { status: response.status, headers: response.headers })
  }

  #principal({ authInfo }: { readonly authInfo?: AuthInfo | undefined }): string | undefined {
    return authInfo === undefined ? undefined : (this.#options.principal(authInfo) ?? authInfo.clientId)
  }

  #closeIdle(): void {
    const before = Date.now() - this.#options.idleMs
    for (const [id, { reads, usedAtMs }] of this.#sessions) {
      if (reads.size === 0 && usedAtMs < before) void this.#end(id)
    }
  }

  /**
   * Whether there is room for one more. Where there is none, the session that was idle longest is closed: one of the same
   * caller's, if they have any, so that nobody can close the sessions of others by opening many.
   */
  #makeRoom(opener: Opener): boolean {
    if (this.#sessions.size + this.#opening < (this.#options.mostSessions ?? 10_000)) return true
    const idle = [...this.#sessions].filter(([, { reads }]) => reads.size === 0)
    const own = idle.filter(([, session]) => isSameCaller(session, opener))
    const [oldest] = (own.length > 0 ? own : idle).toSorted(([, a], [, b]) => a.usedAtMs - b.usedAtMs)
    if (oldest === undefined) return false
    void this.#end(oldest[0])
    return true
  }

  async #end(id: string): Promise<void> {
    const session = this.#sessions.get(id)
    this.#sessions.delete(id)
    await session?.server.close().catch(() => {})
  }
}

function isSameCaller(a: Opener, b: Opener): boolean {
  return a.principal === b.principal && (a.principal !== undefined || a.remoteAddress === b.remoteAddress)
}

/** The request, with a signal that aborts when its response is read no more, however that is noticed. Its body was read. */
function readBy({ url, method, headers, signal }: Request, gone: AbortController): Request {
  if (signal.aborted) gone.abort()
  else signal.addEventListener('abort', () => gone.abort(), { once: true })
  return new Request(url, { method, headers, signal: gone.signal })
}

function isAnsweredAtOnce(message: unknown): boolean {
  const method = typeof message === 'object' && message !== null && 'method' in message ? message.method : undefined
  return typeof method === 'string' && answeredAtOnce.has(method)
}

/** The one message of a stream, as a plain JSON response. */
async function withoutStream(response: Response): Promise<Response> {
  if (response.body === null || !isEventStream(response)) return response
  const headers = new Headers(response.headers)
  headers.set('content-type', 'application/json')
  headers.delete('connection')
  for await (const { message } of sseEvents(response.body)) {
    if (message !== undefined) return Response.json(message, { status: response.status, headers })
  }
  return new Response(null, { status: 202 })
}
