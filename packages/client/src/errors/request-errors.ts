import { LongcallError, type RpcErrorObject } from '@longcall/core'
import { clip, saidBy } from './clip.ts'

/** Thrown when the server answered a request with a JSON-RPC error; its code and data are kept. */
export class RpcError extends LongcallError {
  override readonly name = 'RpcError'
  /** The JSON-RPC error code: -32602 is "invalid params". */
  readonly rpcCode: number
  /** What the server said. Untrusted text. */
  readonly rpcMessage: string
  /** What the server sent along, untouched and untrusted. */
  readonly data: unknown

  constructor(request: string, error: RpcErrorObject, options?: ErrorOptions) {
    super('rpc_error', `${request}: the server answered with error ${error.code}: ${clip(error.message)}`, options)
    this.rpcCode = error.code
    this.rpcMessage = error.message
    this.data = error.data
  }
}

/** Why a request got no answer. */
export type RequestFailure =
  /** No answer in time. */
  | { readonly kind: 'timeout'; readonly timeoutMs: number }
  /** The stream or connection that should have carried the answer ended without it. */
  | { readonly kind: 'stream_ended' }
  /** The server could not be reached, or the connection broke. */
  | { readonly kind: 'network' }
  /** An HTTP status other than success; `retryAfterMs` when the server named a time. */
  | { readonly kind: 'http'; readonly status: number; readonly retryAfterMs?: number }
  /** The connection was closed, and is not opened again. */
  | { readonly kind: 'closed' }
  /** The server forgot the session, or the connection is gone; the next request opens another. */
  | { readonly kind: 'lost'; readonly what: 'session' | 'connection' }
  /** An answer came that cannot be read. */
  | { readonly kind: 'malformed' }
  /** Something that should not happen, such as an error of a transport that says nothing of its kind. */
  | { readonly kind: 'unexpected' }
  /** The caller's signal aborted it. */
  | { readonly kind: 'aborted' }

/** Thrown when a request got no readable answer. Whether the server acted on it is not known. */
export class RequestError extends LongcallError {
  override readonly name = 'RequestError'
  readonly failure: RequestFailure

  constructor(request: string, failure: RequestFailure, options?: ErrorOptions) {
    super(`request_${failure.kind}`, `${request}: ${describe(failure, options?.cause)}`, options)
    this.failure = failure
  }
}

/** Whether a failure passes by itself, sooner or later: the request may be repeated for as long as somebody waits. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof RequestError)) return false
  const { failure } = error
  if (failure.kind === 'http') return transientStatuses.has(failure.status)
  return transientKinds.has(failure.kind)
}

/**
 * Whether a failure is worth a few more tries: an internal error of the server, an answer that cannot be read, a server that
 * died of the request, or something that should not happen. One that keeps coming is how the server is.
 */
export function isSuspicious(error: unknown): boolean {
  if (error instanceof RequestError) return suspiciousKinds.has(error.failure.kind)
  return (
    error instanceof RpcError && (error.rpcCode === -32_603 || (error.rpcCode <= -32_000 && error.rpcCode > -32_020))
  )
}

/** Whether a request that got no result was certainly not acted on: what its error says of it. */
export function wasRefused({ failure }: RequestError): boolean {
  return (failure.kind === 'http' && failure.status < 500) || (failure.kind === 'lost' && failure.what === 'session')
}

/** The time that the server asked to wait, in milliseconds: five minutes at most, and zero where it named none. */
export function retryAfterOf(error: unknown): number {
  if (!(error instanceof RequestError) || error.failure.kind !== 'http') return 0
  return Math.min(error.failure.retryAfterMs ?? 0, longestRetryAfterMs)
}

const longestRetryAfterMs = 300_000

/** How many suspicious failures in a row are put up with. */
export const suspiciousLimit = 5

const transientKinds: ReadonlySet<RequestFailure['kind']> = new Set(['timeout', 'stream_ended', 'network', 'lost'])
const suspiciousKinds: ReadonlySet<RequestFailure['kind']> = new Set(['malformed', 'unexpected', 'lost'])
const transientStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])

function describe(failure: RequestFailure, cause: unknown): string {
  const because = cause instanceof Error && cause.message !== '' ? `: ${saidBy(cause)}` : ''
  const doubt = '; whether the server acted on it is not known'
  switch (failure.kind) {
    case 'timeout':
      return `no answer within ${failure.timeoutMs} ms${doubt}`
    case 'stream_ended':
      return `the connection ended before the answer came${doubt}`
    case 'network':
      return `the server could not be reached, or the connection broke${because}${doubt}`
    case 'http':
      // A gateway may say so of a server that acted; what the server itself refused was not acted on.
      return `the server answered with HTTP status ${failure.status}${because}${failure.status < 500 ? '' : doubt}`
    case 'closed':
      return `the connection is closed${doubt}`
    case 'lost':
      return failure.what === 'session'
        ? 'the server does not know the session any more, and did not act on it. The next request begins a new one'
        : `the connection was lost${doubt}. The next request opens another`
    case 'aborted':
      return `the call was aborted${doubt}`
    case 'unexpected':
      return `it failed unexpectedly${because}${doubt}`
    case 'malformed':
      return `the server sent an answer that cannot be read${because}`
  }
}
