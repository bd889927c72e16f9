import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError, UnauthorizedError } from '@modelcontextprotocol/client'
import { LongcallError, MalformedMessageError, type RpcErrorObject } from '@longcall/core'
import { RequestError, RpcError, type RequestFailure } from '../errors/request-errors.ts'
import { connectionClosed, streamEnded, streamEndedMark } from './sdk-client.ts'
import type { RawRequest } from './sdk-hooks.ts'

/** The one funnel from what the SDK and its transports throw to this package's errors. `request` reads as a heading. */
export function toRequestError(request: string, thrown: unknown): LongcallError {
  if (thrown instanceof MalformedMessageError)
    return new RequestError(request, { kind: 'malformed' }, { cause: thrown })
  if (thrown instanceof LongcallError) return thrown
  if (thrown instanceof ProtocolError) {
    if (isMark(thrown.data)) return new RequestError(request, { kind: 'stream_ended' }, { cause: thrown })
    return toRpcError(request, thrown, thrown)
  }
  return new RequestError(request, failureOf(thrown), { cause: thrown })
}

/**
 * Whether a failure says that the server does not know the session.
 *
 * Source: specification 2025-11-25, Streamable HTTP, "Session Management": 404. Servers made after an example of the first
 * SDK say 400, and that there is no valid session.
 */
export function isSessionGone(error: unknown): boolean {
  if (!(error instanceof RequestError) || error.failure.kind !== 'http') return false
  const { status } = error.failure
  if (status === 404) return true
  const text = error.cause instanceof SdkHttpError ? (error.cause.data as { text?: unknown }).text : undefined
  return status === 400 && typeof text === 'string' && /\bsession\b/i.test(text.slice(0, 1000))
}

/**
 * Whether a server refused the stream of a session as it refuses a session that it does not know. Servers that have no such
 * stream may say the same: what it means shows in the answer to a request.
 */
export function isStreamRefused(error: unknown): boolean {
  if (!(error instanceof SdkHttpError) || error.code !== SdkErrorCode.ClientHttpFailedToOpenStream) return false
  const { status } = error.data as { status?: unknown }
  return status === 404 || status === 400
}

/** A JSON-RPC error that came back for `request`. */
export function toRpcError(request: string, error: RpcErrorObject, cause?: unknown): RpcError {
  const { code, message, data } = error
  // Not every transport checks what it hands on.
  const read = { code, message: typeof message === 'string' ? message : 'it gave no message' }
  return new RpcError(request, { ...read, ...(data !== undefined && { data }) }, cause === undefined ? {} : { cause })
}

function failureOf(thrown: unknown): RequestFailure {
  if (thrown === streamEnded) return { kind: 'stream_ended' }
  if (thrown === connectionClosed) return { kind: 'closed' }
  if (thrown instanceof SdkHttpError) {
    const { status, retryAfterMs } = thrown.data as { status?: unknown; retryAfterMs?: unknown }
    if (typeof status !== 'number') return { kind: 'network' }
    return { kind: 'http', status, ...(typeof retryAfterMs === 'number' && { retryAfterMs }) }
  }
  if (thrown instanceof SdkError) return failureOfSdk(thrown)
  // A body that is cut off or is no JSON-RPC fails in JSON.parse or in the SDK's schemas.
  if (thrown instanceof SyntaxError || (thrown instanceof Error && thrown.name === 'ZodError'))
    return { kind: 'malformed' }
  if (thrown instanceof UnauthorizedError) return { kind: 'http', status: 401 }
  if (thrown instanceof Error && thrown.message === 'Not connected') return { kind: 'closed' }
  return { kind: isOfTheSystem(thrown) ? 'network' : 'unexpected' }
}

/** Whether it came of a socket or pipe: Node's errors carry a code, and fetch wraps them. */
function isOfTheSystem(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false
  return (
    'code' in thrown ||
    thrown.cause instanceof Error ||
    (thrown instanceof TypeError && thrown.message === 'terminated')
  )
}

function failureOfSdk(error: SdkError): RequestFailure {
  switch (error.code) {
    case SdkErrorCode.RequestTimeout: {
      const timeout = (error.data as { timeout?: unknown } | undefined)?.timeout
      return { kind: 'timeout', timeoutMs: typeof timeout === 'number' ? timeout : 0 }
    }
    case SdkErrorCode.ConnectionClosed:
    case SdkErrorCode.NotConnected:
      return { kind: 'closed' }
    case SdkErrorCode.SendFailed:
      return { kind: 'network' }
    case SdkErrorCode.InvalidResult:
    case SdkErrorCode.UnsupportedResultType:
    case SdkErrorCode.ClientHttpUnexpectedContent:
      return { kind: 'malformed' }
    default:
      return { kind: 'unexpected' }
  }
}

function isMark(data: unknown): boolean {
  return typeof data === 'object' && data !== null && streamEndedMark in data
}

/** Names a request in messages: its method, and the task or the name that it is about. */
export function nameRequest({ method, params }: RawRequest): string {
  const about = params?.['taskId'] ?? params?.['name']
  return typeof about === 'string' ? `${method} of ${JSON.stringify(about)}` : method
}
