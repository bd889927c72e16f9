import { setMaxListeners } from 'node:events'
import type {
  ClientCapabilities,
  ClientOptions as SdkOptions,
  Implementation,
  Transport,
} from '@modelcontextprotocol/client'
import { questionMethods, type Clock, type QuestionMethod, type TaskQuestion } from '@longcall/core'
import * as wire2025 from '@longcall/core/wire/2025-11-25'
import * as wire2026 from '@longcall/core/wire/2026-07-28'
import { isTransient, RequestError, retryAfterOf } from '../errors/request-errors.ts'
import { InvalidOptionError } from '../errors/usage-errors.ts'
import { handlerCapabilities, type Handlers, type QuestionContext } from '../handlers/handlers.ts'
import { ProgressTokens } from './progress-tokens.ts'
import { localQuestion, QuestionDesk } from './question-desk.ts'
import { SdkClient, withTasks, type RawRequest } from './sdk-client.ts'
import { TaskPushes } from './task-pushes.ts'
import { TaskSubscription } from './task-subscription.ts'
import { toRequestError, toRpcError } from './to-request-error.ts'

/** One connection to a server, in either generation: requests out; pushes, progress and questions in. */
export class Connection {
  readonly sdk: SdkClient
  readonly pushes: TaskPushes = new TaskPushes()
  readonly progress: ProgressTokens = new ProgressTokens()
  readonly subscription: TaskSubscription
  readonly desk: QuestionDesk
  readonly clock: Clock
  /** For a request that is answered at once; no limit where it is infinite. */
  readonly requestTimeoutMs: number
  /** Called when the server says that its tools changed. */
  onToolsChanged: (() => void) | undefined
  readonly #closed = new AbortController()

  constructor(options: ConnectionOptions) {
    const capabilities = { ...options.capabilities, ...handlerCapabilities(options.handlers) }
    this.clock = options.clock
    // Every task that is waited for listens for the end of the connection.
    setMaxListeners(0, this.#closed.signal)
    this.requestTimeoutMs = options.requestTimeoutMs
    this.desk = new QuestionDesk(options.handlers, options.isOpenTask)
    this.sdk = new SdkClient(
      options.clientInfo,
      {
        capabilities: withTasks(capabilities),
        versionNegotiation: { mode: negotiation[options.era], probe: { timeoutMs: options.probeTimeoutMs } },
        // A result that fails its schema still arrives: it is the tool's, and it was paid for.
        jsonSchemaValidator: {
          getValidator: () => (input) => ({ valid: true, data: input as never, errorMessage: undefined }),
        },
      },
      {
        onTaskPush: (method, params) =>
          this.pushes.push(() =>
            method === wire2026.taskNotification
              ? wire2026.readNotification(params)
              : wire2025.readNotification(params),
          ),
        onProgress: (params) => this.progress.notify(params),
        onToolsChanged: () => this.onToolsChanged?.(),
        onSubscribed: (id, honored) => this.subscription.acknowledge(id, honored),
        deliver: (id, send) => this.#deliver(id, send),
        onClose: () => {
          this.#closed.abort(new Error('the connection closed'))
          this.subscription.close()
        },
      },
    )
    this.subscription = new TaskSubscription({
      clock: options.clock,
      dispatch: (request, signal, sent) => this.sdk.dispatch(request, signal, sent),
    })
    const kinds: Readonly<Record<QuestionMethod, keyof ClientCapabilities>> = {
      'elicitation/create': 'elicitation',
      'sampling/createMessage': 'sampling',
      'roots/list': 'roots',
    }
    this.desk.register(this.sdk, new Set(questionMethods.filter((method) => capabilities[kinds[method]] !== undefined)))
  }

  /** Aborts when the connection is gone, whoever closed it. */
  get closed(): AbortSignal {
    return this.#closed.signal
  }

  async connect(transport: Transport, timeoutMs: number): Promise<void> {
    await this.sdk.connect(transport, { timeout: timeoutMs })
  }

  /** What the connection speaks of tasks: by the negotiated version *and* the declared capability. */
  get taskOffer(): TaskOffer {
    const capabilities = this.sdk.getServerCapabilities()
    if (this.sdk.getProtocolEra() === 'modern') {
      return { generation: '2026-07-28', tasks: wire2026.declaresTasks(capabilities) }
    }
    // Before that version there are no tasks, whatever a server declares.
    const isOlder = this.sdk.getNegotiatedProtocolVersion() !== '2025-11-25'
    return { generation: '2025-11-25', tasks: isOlder ? undefined : wire2025.readTasksCapability(capabilities) }
  }

  /**
   * Sends a request and reads its answer.
   *
   * Rejects with {@link RpcError} or {@link RequestError}.
   */
  async request<T>(request: RawRequest, read: (result: unknown) => T, options: RequestOptions = {}): Promise<T> {
    const about = describe(request)
    const timeoutMs = options.timeoutMs ?? this.requestTimeoutMs
    if (typeof timeoutMs !== 'number' || !(timeoutMs >= 0)) {
      throw new InvalidOptionError('timeoutMs', timeoutMs, 'milliseconds, zero or more')
    }
    const limit = new AbortController()
    const onAbort = (): void => limit.abort(options.signal?.reason)
    if (options.signal?.aborted) onAbort()
    options.signal?.addEventListener('abort', onAbort, { once: true })
    const late = new RequestError(about, { kind: 'timeout', timeoutMs })
    const timer = Number.isFinite(timeoutMs)
      ? setTimeout(() => limit.abort(late), Math.min(timeoutMs, longestTimerMs))
      : undefined
    try {
      const reply = await this.sdk.dispatch(request, limit.signal)
      if (reply.kind === 'error') throw toRpcError(about, reply.error)
      return read(reply.result)
    } catch (error) {
      if (options.signal?.aborted) throw new RequestError(about, { kind: 'aborted' }, { cause: options.signal.reason })
      throw toRequestError(about, error)
    } finally {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Has a question of a task answered by the registered handler, its answer checked against the protocol. */
  ask(question: TaskQuestion, context: QuestionContext): Promise<object> {
    const signal = AbortSignal.any([context.signal, this.closed])
    return this.sdk.handle(question, localQuestion(question.key, question.method, { ...context, signal }))
  }

  /**
   * An answer of ours that is lost on the way leaves the server waiting for ever, so it is sent again: a second copy is
   * ignored by its id.
   */
  async #deliver(id: string | number | undefined, send: () => Promise<void>): Promise<void> {
    for (let failures = 0; ; failures += 1) {
      try {
        if (id !== undefined) this.desk.answerIs(id, 'sending')
        await send()
        if (id !== undefined) this.desk.answerIs(id, 'arrived')
        return
      } catch (error) {
        if (id !== undefined) this.desk.answerIs(id, 'none')
        const failure = toRequestError('answer to the server', error)
        if (!isTransient(failure) || failures >= deliveryAttempts || this.closed.aborted) throw error
        await this.clock.sleep(Math.max(Math.min(200 * 2 ** failures, 10_000), retryAfterOf(failure)), this.closed)
      }
    }
  }
}

export interface ConnectionOptions {
  readonly clientInfo: Implementation
  readonly era: Era
  readonly capabilities: ClientCapabilities
  readonly handlers: Handlers
  readonly clock: Clock
  /** For a request that is answered at once, such as a poll. */
  readonly requestTimeoutMs: number
  /** For finding out which era the server speaks; one that keeps silent is taken for an old one. */
  readonly probeTimeoutMs: number
  /** Whether a task was started or picked up here, and has not ended. */
  readonly isOpenTask: (taskId: string) => boolean
}

/** Which protocol era to speak: found out, or one and no other. `legacy` is everything before 2026-07-28. */
export type Era = 'auto' | '2026-07-28' | 'legacy'

/** What a server offers of tasks. */
export type TaskOffer =
  | { readonly generation: '2025-11-25'; readonly tasks: ReturnType<typeof wire2025.readTasksCapability> }
  | { readonly generation: '2026-07-28'; readonly tasks: boolean }

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds until the request is given up; `Infinity` waits as long as the connection lives. */
  readonly timeoutMs?: number | undefined
}

const negotiation: Readonly<Record<Era, NonNullable<NonNullable<SdkOptions['versionNegotiation']>['mode']>>> = {
  auto: 'auto',
  legacy: 'legacy',
  '2026-07-28': { pin: '2026-07-28' },
}

/** No timer of the platform goes higher. */
export const longestTimerMs = 2_147_483_647
const deliveryAttempts = 12

function describe({ method, params }: RawRequest): string {
  const about = params?.['taskId'] ?? params?.['name']
  return typeof about === 'string' ? `${method} of ${JSON.stringify(about)}` : method
}
