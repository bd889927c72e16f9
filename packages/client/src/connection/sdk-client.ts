import {
  Client as Sdk,
  type CallToolResult,
  type ClientCapabilities,
  type ClientOptions as SdkOptions,
  type ClientContext,
  type ConnectOptions,
  type Implementation,
  type JSONRPCErrorResponse,
  type JSONRPCMessage,
  type JSONRPCNotification,
  type JSONRPCRequest,
  type JSONRPCResponse,
  LOG_LEVEL_META_KEY,
  type MessageExtraInfo,
  type Result,
  type Tool,
  type Transport,
  type TransportSendOptions,
} from '@modelcontextprotocol/client'
import { tasksExtension } from '@longcall/core/wire/2026-07-28'
import { subscriptionIdMetaKey } from '@longcall/core'
import { saidBy } from '../errors/clip.ts'
import { InvalidOptionError } from '../errors/usage-errors.ts'
import type { CancelSignal } from './cancellation.ts'
import { hasHeaderParams } from './header-params.ts'
import { httpRefusalOf } from './http-refusal.ts'
import { isOwnToken } from './progress-tokens.ts'
import type { RawReply, RawRequest, SdkHooks } from './sdk-hooks.ts'

/**
 * The SDK's client, with what tasks need and it lacks. The only file that touches the SDK's protected hooks.
 *
 * - A `tools/call` answered with `resultType: "task"` reaches the caller of `callTool()` instead of being refused.
 * - `dispatch()` sends any request and gives back the raw answer, unread and past the SDK's schemas, which cost more than all
 *   else that a call costs here.
 * - Notifications, progress that outlives its request, and acknowledged subscriptions are handed on raw.
 * - A response stream that ends without its response fails that request at once, whoever sent it.
 * - A request of the server's is offered to whoever takes it before the SDK does, which would refuse a task for an answer.
 * - The tasks that a client runs are declared to servers of 2025-11-25 alone.
 * - On 2026-07-28, where each request declares them, capabilities can change while connected, and a log level be set.
 */
export class SdkClient extends Sdk {
  readonly #hooks: SdkHooks
  readonly #dispatched = new Map<string, Dispatched>()
  /** Requests whose response stream is being watched: those on the wire, not yet answered. */
  readonly #unanswered = new Set<string | number>()
  /** Where a task travels in the `_meta` of a result; no server can guess it. */
  readonly #createdTaskKey = `longcall/created-task/${crypto.randomUUID()}`

  constructor(info: Implementation, options: SdkOptions, hooks: SdkHooks) {
    super(info, options)
    this.#hooks = hooks
  }

  override async connect(transport: Transport, options?: ConnectOptions): Promise<void> {
    this.#introduceTasks(transport)
    await super.connect(transport, options)
    this.#watchSends(transport)
    this.#takeReplies(transport)
  }

  /** Declares other capabilities from the next request on; for 2026-07-28, where each request declares them. */
  redeclare(capabilities: ClientCapabilities): void {
    ;(this as unknown as { _capabilities: ClientCapabilities })._capabilities = withTasks(capabilities)
  }

  /**
   * Leaves out tools whose headers of parameters are invalid, as a client of 2026-07-28 over HTTP must (SEP-2243). The SDK
   * says so on the console, in the server's words, so it is shown copies that hold nothing a terminal obeys.
   */
  withoutInvalidHeaders(tools: readonly Tool[]): readonly Tool[] {
    const headed = new Map(tools.filter(hasHeaderParams).map((tool) => [printable(tool), tool]))
    if (headed.size === 0) return tools
    const listed = { tools: [...headed.keys()] }
    ;(this as unknown as { _excludeInvalidXMcpHeaderTools(listed: object): void })._excludeInvalidXMcpHeaderTools(
      listed,
    )
    for (const valid of listed.tools) headed.delete(valid)
    const invalid = new Set(headed.values())
    return tools.filter((tool) => !invalid.has(tool))
  }

  /**
   * Sends a request as it is and resolves with the raw answer; the 2026-07-28 envelope is added where it is due.
   *
   * Rejects with what the transport threw, with {@link streamEnded} or {@link connectionClosed}, or with the signal's
   * reason. An abort tells the server that the answer is not wanted any more, where it would come late.
   */
  dispatch(request: RawRequest, signal?: CancelSignal, sent?: (id: string) => void): Promise<RawReply> {
    const { transport } = this
    if (transport === undefined) return Promise.reject(connectionClosed)
    if (signal?.aborted) return Promise.reject(asError(signal.reason))
    const id = this.#hooks.nextId()
    const envelope = this._outboundMetaEnvelope()
    const meta = { ...envelope, ...(request.params?.['_meta'] as object | undefined) }
    const params = envelope === undefined ? request.params : { ...request.params, _meta: meta }
    // Only over HTTP has a request a stream of its own, to be ended; a controller for each would be half of a call's cost.
    const stream = transport.hasPerRequestStream === true ? new AbortController() : undefined
    return new Promise<RawReply>((resolve, reject) => {
      const settle = (how: () => void): void => {
        if (!this.#dispatched.delete(id)) return
        this.#unanswered.delete(id)
        signal?.removeEventListener('abort', onAbort)
        how()
      }
      const fail = (error: Error): void => settle(() => reject(error))
      const onAbort = (): void => {
        fail(asError(signal?.reason))
        stream?.abort()
        if (!answeredAtOnce.has(request.method)) this.#withdraw(id, transport, signal?.reason)
      }
      this.#dispatched.set(id, { reply: (reply) => settle(() => resolve(reply)), fail })
      signal?.addEventListener('abort', onAbort, { once: true })
      sent?.(id)
      transport
        .send(
          { jsonrpc: '2.0', id, method: request.method, ...(params !== undefined && { params }) },
          stream && { requestSignal: stream.signal, onRequestStreamEnd: () => fail(streamEnded) },
        )
        .catch((error: unknown) => {
          if (error instanceof TypeError && !isJson(params))
            return fail(new InvalidOptionError('arguments', request.params, whatJsonHolds))
          // A session of 2025-11-25 may be refused in the same words; what is to be done then is told by the status.
          const refusal = this.getProtocolEra() === 'modern' ? httpRefusalOf(error, id) : undefined
          if (refusal === undefined) fail(asError(error))
          else settle(() => resolve({ kind: 'error', error: refusal }))
        })
    })
  }

  /** Runs the registered handler of a request that reached us inside another message, with all the SDK's checks. */
  async handle(
    request: { method: string; params: Readonly<Record<string, unknown>> },
    context: object,
  ): Promise<Result> {
    const handler = this._getRequestHandler(request.method)
    if (handler === undefined) throw new Error(`no handler is registered for ${request.method}`)
    const message = { jsonrpc: '2.0', id: 'local', method: request.method, params: request.params } as JSONRPCRequest
    return handler(message, context as ClientContext)
  }

  protected override _wrapHandler(method: string, handler: RequestHandler): RequestHandler {
    const checked = super._wrapHandler(method, handler)
    return (request, context) => this.#hooks.onRequest(request, context, () => checked(request, context))
  }

  protected override _outboundMetaEnvelope(): Readonly<Record<string, unknown>> | undefined {
    const envelope = super._outboundMetaEnvelope()
    const level = envelope && this.#hooks.logLevel()
    return level === undefined ? envelope : { ...envelope, [LOG_LEVEL_META_KEY]: level }
  }

  protected override _onresponse(response: JSONRPCResponse | JSONRPCErrorResponse): void {
    if (response.id !== undefined) this.#unanswered.delete(response.id)
    const dispatched = typeof response.id === 'string' ? this.#dispatched.get(response.id) : undefined
    if (dispatched === undefined) return super._onresponse(this.#passTask(response))
    dispatched.reply(
      'error' in response ? { kind: 'error', error: response.error } : { kind: 'result', result: response.result },
    )
  }

  protected override _onnotification(notification: JSONRPCNotification, extra?: MessageExtraInfo): void {
    const { params } = notification
    this.#hooks.onNotification(notification.method, params)
    switch (notification.method) {
      case 'notifications/progress':
        // The SDK would report it as progress of nothing.
        if (isOwnToken(params?.['progressToken'])) return
        break
      case 'notifications/cancelled':
        if (this.#endSubscription(params?.['requestId'])) return
        break
      case 'notifications/subscriptions/acknowledged': {
        const meta = params?._meta
        const id = meta?.[subscriptionIdMetaKey]
        if (typeof id === 'string' && this.#dispatched.has(id))
          return this.#hooks.onSubscribed(id, params?.['notifications'])
        break
      }
    }
    super._onnotification(notification, extra)
  }

  protected override _onclose(): void {
    for (const { fail } of [...this.#dispatched.values()]) fail(connectionClosed)
    this.#unanswered.clear()
    super._onclose()
    this.#hooks.onClose()
  }

  /** The task that the server answered with instead of this result of `callTool()`, unread. */
  createdTask(result: CallToolResult): Readonly<Record<string, unknown>> | undefined {
    return result._meta?.[this.#createdTaskKey] as Readonly<Record<string, unknown>> | undefined
  }

  /**
   * The SDK refuses `resultType: "task"` and loses its body, so the task travels in the `_meta` of an empty result;
   * `isError` keeps the SDK from asking for the structured content that the task does not have yet.
   */
  #passTask(response: JSONRPCResponse | JSONRPCErrorResponse): JSONRPCResponse | JSONRPCErrorResponse {
    if (this.getProtocolEra() !== 'modern' || !('result' in response)) return response
    const { result } = response
    if (result['resultType'] !== 'task') return response
    const _meta = { [this.#createdTaskKey]: result }
    return { ...response, result: { resultType: 'complete', content: [], isError: true, _meta } }
  }

  #endSubscription(id: unknown): boolean {
    const dispatched = typeof id === 'string' ? this.#dispatched.get(id) : undefined
    dispatched?.fail(streamEnded)
    return dispatched !== undefined
  }

  /** Where cancelling a request is closing its stream (2026-07-28 over HTTP), that was done; else the server is told. */
  #withdraw(id: string, transport: Transport, why: unknown): void {
    if (this.getProtocolEra() === 'modern' && transport.hasPerRequestStream === true) return
    if (this.transport !== transport) return
    this.notification({
      method: 'notifications/cancelled',
      params: { requestId: id, reason: why === undefined ? 'no longer waited for' : saidBy(why) },
    }).catch(() => {})
  }

  /** Answers to what was dispatched are taken before the SDK, which would find out by its schemas what each message is. */
  #takeReplies(transport: Transport): void {
    const pass = transport.onmessage
    transport.onmessage = (message, extra) => {
      if (!('method' in message) && typeof message.id === 'string' && this.#dispatched.has(message.id))
        this._onresponse(message)
      else pass?.(message, extra)
    }
  }

  /** `initialize` alone declares them: under 2026-07-28, whose probe comes first, they must not be. */
  #introduceTasks(transport: Transport): void {
    const { tasksCapability } = this.#hooks
    if (tasksCapability === undefined) return
    const post = transport.send.bind(transport)
    transport.send = (message, options) => {
      if (!isRequest(message) || message.method !== 'initialize') return post(message, options)
      const capabilities = { ...(message.params?.['capabilities'] as object | undefined), tasks: tasksCapability }
      return post({ ...message, params: { ...message.params, capabilities } }, options)
    }
  }

  #watchSends(transport: Transport): void {
    const post = transport.send.bind(transport)
    // Without a signal of its own, a message is sent with that of the transport's whole life, and fetch leaves a listener
    // on it until garbage is collected: a busy client would be warned of a leak, thousands of times.
    const send: Transport['send'] = (message, options) => {
      if (transport.hasPerRequestStream !== true) return post(message, options)
      return post(message, { ...options, requestSignal: options?.requestSignal ?? new AbortController().signal })
    }
    transport.send = async (message, options) => {
      if (isResponse(message)) return this.#hooks.deliver(message.id, () => send(message, options))
      if (!isRequest(message) || transport.hasPerRequestStream !== true) return send(message, options)
      const { id } = message
      this.#unanswered.add(id)
      const ended = (): void => {
        options?.onRequestStreamEnd?.()
        if (this.#unanswered.delete(id) && typeof id === 'number') super._onresponse(endedResponse(id))
      }
      try {
        await send(message, { ...options, onRequestStreamEnd: ended } satisfies TransportSendOptions)
      } catch (error) {
        this.#unanswered.delete(id)
        throw error
      }
    }
  }
}

/** The stream that should have carried the answer ended without it. */
export const streamEnded: Error = new Error('the response stream ended without the response')
/** The connection closed before the answer came. */
export const connectionClosed: Error = new Error('the connection is closed')
/** Marks the JSON-RPC error that stands in for a response whose stream ended. */
export const streamEndedMark = 'longcall/stream-ended'

type RequestHandler = (request: JSONRPCRequest, context: ClientContext) => Promise<Result>

interface Dispatched {
  readonly reply: (reply: RawReply) => void
  readonly fail: (error: Error) => void
}

function endedResponse(id: number): JSONRPCResponse {
  const error = { code: -32_000, message: streamEnded.message, data: { [streamEndedMark]: true } }
  return { jsonrpc: '2.0', id, error } as unknown as JSONRPCResponse
}

/** By the time that the server would hear that the answer is not wanted, it has been sent. */
const answeredAtOnce: ReadonlySet<string> = new Set(['tasks/get', 'tasks/cancel', 'tasks/list', 'tasks/update'])

function isResponse(message: JSONRPCMessage): message is JSONRPCResponse | JSONRPCErrorResponse {
  return !('method' in message)
}

function isRequest(message: JSONRPCMessage): message is JSONRPCRequest {
  return 'method' in message && 'id' in message
}

/** Names are shown as well as values, so it is their JSON in which control characters are replaced. */
function printable({ name, inputSchema }: Tool): Tool {
  const text = JSON.stringify({ name, inputSchema }).replaceAll(
    /\\(?:u00[01][\da-f]|[^])|[\u007f-\u009f\u2028\u2029]/g,
    (found) => (/^\\(?!u00[01])["\\u]/.test(found) ? found : '?'),
  )
  return JSON.parse(text) as Tool
}

/** Whether JSON can hold it; asked only of what could not be sent. */
function isJson(value: unknown): boolean {
  try {
    JSON.stringify(value)
    return true
  } catch {
    return false
  }
}

const whatJsonHolds = 'what JSON can hold: no bigint, and nothing that goes round in a circle'

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason), { cause: reason })
}

/** Capabilities that declare the tasks extension beside what the user's handlers need. */
export function withTasks(capabilities: ClientCapabilities): ClientCapabilities {
  return { ...capabilities, extensions: { ...capabilities.extensions, [tasksExtension]: {} } }
}
