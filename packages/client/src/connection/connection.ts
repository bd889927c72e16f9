import { setMaxListeners } from 'node:events'
import type { ClientCapabilities, LoggingLevel } from '@modelcontextprotocol/client'
import { longestTimerMs, type Clock, type TaskQuestion } from '@longcall/core'
import * as wire2025 from '@longcall/core/wire/2025-11-25'
import * as wire2026 from '@longcall/core/wire/2026-07-28'
import { isTransient, RequestError } from '../errors/request-errors.ts'
import { InvalidOptionError } from '../errors/usage-errors.ts'
import type { QuestionContext } from '../handlers/handlers.ts'
import type { HttpSession } from '../target/resolved-target.ts'
import { Cancellation, type CancelSignal } from './cancellation.ts'
import type { ConnectionPort } from './connection-port.ts'
import { deliverAnswer } from './deliver-answer.ts'
import { endSession } from './end-session.ts'
import { sessionOf, type Line, type ServerFacts } from './line.ts'
import { closingMs, noLongerThan } from './no-longer-than.ts'
import { PendingRequests } from './pending-requests.ts'
import { ProgressTokens } from './progress-tokens.ts'
import { localQuestion, QuestionDesk } from './question-desk.ts'
import type { SdkClient } from './sdk-client.ts'
import type { RawRequest, SdkHooks } from './sdk-hooks.ts'
import { Subscription } from './subscription.ts'
import { taskOfferOf, type TaskOffer } from './task-offer.ts'
import { TaskPushes } from './task-pushes.ts'
import { readSafety, type Safety } from './safety.ts'
import { isSessionGone, isStreamRefused, nameRequest, toRequestError, toRpcError } from './to-request-error.ts'
import { unlessAborted } from './unless-aborted.ts'

/**
 * A connection to a server, in either generation: requests out; pushes, progress and questions in.
 *
 * It outlives its lines. One whose process ended, or whose session the server forgot, is lost: what waits on it fails at
 * once, and the next request opens another line, on which what was subscribed to is subscribed to again. A request that may
 * be repeated is, once. Only who closes the connection ends it; or the loss of a line that cannot be opened twice.
 */
export class Connection {
  readonly pushes: TaskPushes = new TaskPushes()
  readonly progress: ProgressTokens = new ProgressTokens()
  readonly pending: PendingRequests = new PendingRequests()
  readonly subscription: Subscription
  readonly desk: QuestionDesk
  readonly clock: Clock
  /** For a request that is answered at once; no limit where it is infinite. */
  readonly requestTimeoutMs: number
  /** The least severe level of log messages that are wanted, where the server was told. */
  logLevel: LoggingLevel | undefined
  readonly #port: ConnectionPort
  readonly #closed = new AbortController()
  /** The ids of all sessions that the connection has had, the oldest first. */
  readonly #sessions: string[] = []
  #lastId = 0
  #line: Line | undefined
  /** Why the line is of no use any more. */
  #lost: Error | undefined
  #opening: Promise<Line> | undefined

  constructor(port: ConnectionPort) {
    this.#port = port
    this.clock = port.clock
    this.requestTimeoutMs = port.requestTimeoutMs
    // Every task that is waited for listens for the end of the connection.
    setMaxListeners(0, this.#closed.signal)
    this.desk = new QuestionDesk(port.handlers, port.isOpenTask, (request, context) => port.take(request, context))
    this.subscription = new Subscription({
      clock: port.clock,
      dispatch: (request, signal, sent) =>
        this.use(request.method, false, (line) => line.sdk.dispatch(request, signal, sent), signal),
    })
  }

  /** Aborts when the connection is over, whoever ended it. */
  get closed(): AbortSignal {
    return this.#closed.signal
  }

  /** Whether there is a line right now. */
  get isOpen(): boolean {
    return this.#line !== undefined && this.#lost === undefined && !this.closed.aborted
  }

  /** What the server said of itself when the latest line was opened; `undefined` before the first. */
  get server(): ServerFacts | undefined {
    return this.#line?.server
  }

  /** The SDK's client of the latest line. */
  get sdk(): SdkClient | undefined {
    return this.#line?.sdk
  }

  /** The session of the latest line, on a 2025-11-25 HTTP server. */
  get session(): HttpSession | undefined {
    return this.#line && sessionOf(this.#line)
  }

  /** What the server of the latest line was told that this client can do. */
  get declared(): ClientCapabilities {
    return this.#line?.declared ?? {}
  }

  /** Declares other capabilities from now on; a server of 2025-11-25 or before was told once and for all. */
  redeclare(capabilities: ClientCapabilities): void {
    if (this.#line?.server.era !== 'modern') return
    this.#line.sdk.redeclare(capabilities)
    this.desk.register(this.#line.sdk, capabilities)
  }

  /** Tells this connection's tasks from those of others to the same server: its first session. */
  get scope(): string {
    return this.#sessions[0] ?? ''
  }

  /** Whether a session is, or was, this connection's. */
  hasHad(sessionId: string): boolean {
    return this.#sessions.includes(sessionId)
  }

  /** Opens the first line; one that goes on with a session where one is given. */
  async open(
    options: { readonly session?: HttpSession | undefined; readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    this.#opening ??= this.#openLine(options.session, options.signal).finally(() => {
      this.#opening = undefined
    })
    await this.#opening
  }

  /** Opens another line if the last one was lost. */
  async reopen(signal: AbortSignal | undefined): Promise<void> {
    if (this.#line !== undefined && this.#lost !== undefined) await this.#openedLine('connect', signal)
  }

  /** Ends the connection. `endSession` also ends the session of a 2025-11-25 HTTP server. */
  async close(options: { readonly endSession: boolean }): Promise<void> {
    this.#end(new Error('the connection closed'))
    await this.#opening?.catch(() => {})
    const line = this.#line
    if (line === undefined) return
    if (options.endSession && this.#lost === undefined) await endSession(line)
    await noLongerThan(
      closingMs,
      line.sdk
        .close()
        .catch(() => {})
        .then(() => line.transport.close()),
    )
  }

  /** What the connection speaks of tasks: by the negotiated version *and* the declared capability. */
  get taskOffer(): TaskOffer {
    return taskOfferOf(this.server)
  }

  /**
   * Sends by the line, opening one where it was lost; once more where the line turns out to be lost and `isSafe`.
   *
   * Rejects with {@link RpcError}, {@link RequestError}, or, once the signal aborted, what `send` rejects with.
   */
  async use<T>(about: string, isSafe: Safety, send: (line: Line) => Promise<T>, signal?: CancelSignal): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      const line = await this.#openedLine(about, signal)
      try {
        return await send(line)
      } catch (thrown) {
        if (signal?.aborted) throw thrown
        const error = toRequestError(about, thrown)
        // To end a session ends the streams of its requests, too.
        if (this.closed.aborted && isTransient(error))
          throw new RequestError(about, { kind: 'closed' }, { cause: error })
        const what = this.#lostBy(line, error)
        if (what === undefined) throw error
        if (tries > 1 || !(await readSafety(isSafe)))
          throw new RequestError(about, { kind: 'lost', what }, { cause: error })
      }
    }
  }

  /**
   * Sends a request that is answered at once, and reads its answer, which is as it came: mostly an object.
   *
   * Rejects with {@link RpcError} or {@link RequestError}.
   */
  async request<T>(
    request: RawRequest,
    read: (result: unknown) => T,
    options: RequestOptions & { readonly isSafe?: Safety } = {},
  ): Promise<T> {
    const about = nameRequest(request)
    const timeoutMs = options.timeoutMs ?? this.requestTimeoutMs
    if (typeof timeoutMs !== 'number' || !(timeoutMs >= 0)) {
      throw new InvalidOptionError('timeoutMs', timeoutMs, 'milliseconds, zero or more')
    }
    const limit = new Cancellation()
    const onAbort = (): void => limit.abort(options.signal?.reason)
    if (options.signal?.aborted) onAbort()
    // One signal may end many requests, and Node takes more than ten listeners for a leak.
    if (options.signal !== undefined) setMaxListeners(0, options.signal)
    options.signal?.addEventListener('abort', onAbort, { once: true })
    const late = new RequestError(about, { kind: 'timeout', timeoutMs })
    const timer = Number.isFinite(timeoutMs)
      ? setTimeout(() => limit.abort(late), Math.min(timeoutMs, longestTimerMs))
      : undefined
    const send = async ({ sdk }: Line): Promise<T> => {
      const reply = await sdk.dispatch(request, limit)
      if (reply.kind === 'error') throw toRpcError(about, reply.error)
      return read(reply.result)
    }
    try {
      return await this.use(about, options.isSafe ?? true, send, limit)
    } catch (error) {
      if (options.signal?.aborted) throw new RequestError(about, { kind: 'aborted' }, { cause: options.signal.reason })
      throw toRequestError(about, error)
    } finally {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Has a question answered by the handler of the moment, question and answer checked against the protocol. */
  ask(question: TaskQuestion, context: QuestionContext): Promise<object> {
    const signal = AbortSignal.any([context.signal, this.closed])
    return this.answerChecked(question, signal, (params) =>
      this.desk.run(question.method, params, { ...context, signal }),
    )
  }

  /** Has a question answered by `run`, question and answer checked against the protocol. */
  answerChecked(
    question: TaskQuestion,
    signal: AbortSignal,
    run: (params: unknown) => Promise<object>,
  ): Promise<object> {
    if (this.#line === undefined) return Promise.reject(new Error('there is no connection'))
    return this.#line.sdk.handle(question, localQuestion(question.key, question.method, signal, run))
  }

  /** Tells the server something that it need not answer. What cannot be sent is lost. */
  notify(method: string, params: Readonly<Record<string, unknown>>): void {
    this.#line?.transport.send({ jsonrpc: '2.0', method, params }).catch(() => {})
  }

  /** The line to send by, opened anew where the last one was lost. */
  async #openedLine(about: string, signal: CancelSignal | undefined): Promise<Line> {
    if (this.closed.aborted) throw new RequestError(about, { kind: 'closed' }, { cause: this.closed.reason })
    if (this.#line !== undefined && this.#lost === undefined) return this.#line
    this.#opening ??= this.#openLine().finally(() => {
      this.#opening = undefined
    })
    try {
      return await (signal === undefined ? this.#opening : unlessAborted(this.#opening, signal))
    } catch (error) {
      if (signal?.aborted) throw error
      if (this.closed.aborted) throw new RequestError(about, { kind: 'closed' }, { cause: this.closed.reason })
      throw new RequestError(about, { kind: 'network' }, { cause: error })
    }
  }

  async #openLine(session?: HttpSession, signal?: AbortSignal): Promise<Line> {
    let line: Line | undefined
    let ended: Error | undefined
    const onClose = (): void => {
      ended = new Error('the connection closed')
      if (line !== undefined) this.#lose(line, ended)
    }
    const before = this.#line
    const era = before?.server.era
    const either = signal === undefined ? this.closed : AbortSignal.any([this.closed, signal])
    line = await this.#port.openLine({ hooks: this.#hooks(onClose), session, era, signal: either })
    if (this.closed.aborted) {
      if (session === undefined) await endSession(line)
      await line.transport.close().catch(() => {})
      throw this.closed.reason
    }
    this.desk.register(line.sdk, line.declared)
    line.sdk.onerror = (error) => {
      this.#port.failed(error)
      if (isStreamRefused(error)) this.#port.doubted()
    }
    this.#line = line
    this.#lost = ended
    if (before !== undefined) this.subscription.reset()
    const id = sessionOf(line)?.id
    if (id !== undefined && !this.hasHad(id)) this.#sessions.push(id)
    if (before !== undefined) await this.#port.reopened(line)
    return line
  }

  #hooks(onClose: () => void): SdkHooks {
    return {
      // Of all lines: an id that was noted on one names nothing on the next.
      nextId: () => `longcall:${(this.#lastId += 1)}`,
      tasksCapability: this.#port.tasksCapability,
      onRequest: (request, context, answer) => this.desk.received(request, context, answer),
      logLevel: () => this.logLevel ?? this.#port.wantedLogLevel(),
      onNotification: (method, params) => this.#notified(method, params),
      onSubscribed: (id, honored) => this.subscription.acknowledge(id, honored),
      deliver: (id, send) => deliverAnswer(this, id, send),
      onClose,
    }
  }

  #notified(method: string, params: unknown): void {
    if (method === wire2026.taskNotification) this.pushes.push(() => wire2026.readNotification(params))
    else if (method === wire2025.taskNotification) this.pushes.push(() => wire2025.readNotification(params))
    else if (method === 'notifications/progress') this.progress.notify(params)
    this.#port.notified(method, params)
  }

  /** What was lost, if `error` is how a request finds out that its line is of no use any more. */
  #lostBy(line: Line, error: Error): 'session' | 'connection' | undefined {
    if (this.closed.aborted) return undefined
    if (line.transport.sessionId !== undefined && isSessionGone(error)) {
      this.#abandon(line, error)
      return 'session'
    }
    if (!(error instanceof RequestError) || error.failure.kind !== 'closed') return undefined
    // A pipe is found broken before the end of the process behind it is noticed.
    this.#abandon(line, error)
    return this.closed.aborted ? undefined : 'connection'
  }

  /** The first request that finds a line of no use closes it: what else waits on it would wait in vain. */
  #abandon(line: Line, why: Error): void {
    if (line !== this.#line || this.#lost !== undefined) return
    this.#lose(line, why)
    line.transport.close().catch(() => {})
  }

  #lose(line: Line, why: Error): void {
    if (line !== this.#line || this.#lost !== undefined) return
    this.#lost = why
    if (this.#port.canReopen) this.#port.lost()
    else this.#end(why)
  }

  #end(why: Error): void {
    if (this.closed.aborted) return
    this.#closed.abort(why)
    this.subscription.close()
  }
}

/** How to send a request that is answered at once. */
export interface RequestOptions {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds until the request is given up; `Infinity` waits as long as the connection lives. */
  readonly timeoutMs?: number | undefined
}
