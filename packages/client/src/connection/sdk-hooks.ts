import type { ClientContext, JSONRPCRequest, LoggingLevel, Result } from '@modelcontextprotocol/client'
import type { RpcErrorObject } from '@longcall/core'

/** What an `SdkClient` hands on. */
export interface SdkHooks {
  /** What the client runs as tasks for a server, as `initialize` declares it. */
  readonly tasksCapability: object | undefined
  /** A request of the server's for which a handler is registered; `answer` is what that does, with the SDK's checks. */
  onRequest(request: JSONRPCRequest, context: ClientContext, answer: () => Promise<Result>): Promise<Result>
  /** An id for a request: a string that begins with `longcall:`, which collides with none of the SDK's. */
  nextId(): string
  /** The least severe level of log messages that are wanted, for 2026-07-28, where each request says so. */
  logLevel(): LoggingLevel | undefined
  /** Any notification, unread, before it has an effect. */
  onNotification(method: string, params: unknown): void
  /** A `subscriptions/listen` that was dispatched is open; `honored` is what the server will send, unread. */
  onSubscribed(id: string, honored: unknown): void
  /** Sends our answer to a request of the server's; may send it again when the way there fails. */
  deliver(id: string | number | undefined, send: () => Promise<void>): Promise<void>
  onClose(): void
}

/** A request of ours, as it goes on the wire. */
export interface RawRequest {
  readonly method: string
  readonly params?: Readonly<Record<string, unknown>>
}

/** An answer as it came, unread. */
export type RawReply =
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'error'; readonly error: RpcErrorObject }
