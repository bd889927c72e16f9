/** What tests read of messages. Whether a field is there is for the test to say. */
import type { RequestOrigin } from '@longcall/server'

/** A JSON-RPC message. */
export interface WireMessage {
  readonly jsonrpc: string
  readonly id?: unknown
  readonly method?: string
  readonly params?: object
  readonly result?: ResultView
  readonly error?: ErrorView
}

/** A result, whatever it is of. */
export interface ResultView {
  readonly resultType?: string
  readonly taskId?: string
  readonly status?: string
  readonly statusMessage?: string
  readonly createdAt?: string
  readonly lastUpdatedAt?: string
  readonly ttlMs?: number | null
  readonly pollIntervalMs?: number
  readonly inputRequests?: Readonly<Record<string, QuestionView>>
  readonly requestState?: string
  readonly content?: readonly { readonly type: string; readonly text: string }[]
  readonly isError?: boolean
  readonly result?: ResultView
  readonly error?: ErrorView
}

/** A question on the wire. */
interface QuestionView {
  readonly method: string
  readonly params: { readonly message?: string; readonly mode?: string }
}

/** A JSON-RPC error. */
export interface ErrorView {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}

/** What answered a request. */
export interface Reply {
  /** The HTTP status; 200 on a pipe. */
  readonly status: number
  readonly id: unknown
  readonly result?: ResultView
  readonly error?: ErrorView
  /** What came on its stream before the answer. */
  readonly before: readonly WireMessage[]
}

/** What is special about one request. */
export interface RequestOptions {
  /** What its client says it can do; everything by default. */
  readonly capabilities?: unknown
  readonly id?: unknown
  readonly meta?: object
  /** HTTP headers that replace those that belong to the request; `undefined` leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>
  /** Who makes it, and where from; only for `fetch`. */
  readonly info?: RequestOrigin
  readonly signal?: AbortSignal
}

/** The messages of a stream, in order. */
export interface Subscription {
  /** The HTTP status; 200 on a pipe. */
  readonly status: number
  readonly messages: readonly WireMessage[]
  /** Comments of the stream, such as those that keep it alive. */
  readonly comments: readonly string[]
  /** The first message, now or later, that fits and was not given before. */
  next(fits?: (message: WireMessage) => boolean): Promise<WireMessage>
  /** Resolves when the stream has ended. */
  readonly ended: Promise<void>
  /** Leaves, as a client does. */
  cancel(): Promise<void>
}

/** The text of a result. */
export function textOf(result: ResultView | undefined): string | undefined {
  return result?.content?.map(({ text }) => text).join('\n')
}
