import { setTimeout as sleep } from 'node:timers/promises'
import { SdkErrorCode, SdkHttpError, StreamableHTTPClientTransport, type FetchLike } from '@modelcontextprotocol/client'
import { InvalidTargetError } from '../errors/usage-errors.ts'
import type { ResolvedTarget } from './resolved-target.ts'

/** A server at a URL, over Streamable HTTP. */
export function httpTarget(url: URL): ResolvedTarget {
  if (url.username !== '' || url.password !== '') {
    throw new InvalidTargetError(
      `The URL of ${url.host} holds a user name or password, which fetch refuses; send them as a header of a transport of your own.`,
    )
  }
  return {
    name: url.origin + url.pathname,
    endpoint: async () => {
      // A query often holds a key, and a reference may be stored anywhere.
      if (url.search === '') return url.origin + url.pathname
      return `${url.origin}${url.pathname}?${await digest(url.search)}`
    },
    open: (session) =>
      Promise.resolve(
        new StreamableHTTPClientTransport(url, {
          fetch: openPatiently,
          reconnectionOptions,
          reconnectionScheduler: (reconnect, delayMs) => {
            const timer = setTimeout(reconnect, delayMs)
            // The SDK forgets all but one of these on close, and none may hold the process open.
            timer.unref()
            return () => clearTimeout(timer)
          },
          ...(session !== undefined && { sessionId: session.id, protocolVersion: session.protocolVersion }),
        }),
      ),
  }
}

/**
 * How long a stream that broke is tried for again: about half an hour of a server that is away. A 2025-11-25 server may
 * have no other way to bring its questions than the stream that a client holds open.
 */
const reconnectionOptions = {
  initialReconnectionDelay: 1000,
  reconnectionDelayGrowFactor: 1.5,
  maxReconnectionDelay: 30_000,
  maxRetries: 60,
}

/** A short name for something that must not be shown. */
export async function digest(secret: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret))
  return `sha256:${Buffer.from(hash).subarray(0, 12).toString('hex')}`
}

/**
 * The stream that a 2025-11-25 server may bring pushes and questions on is opened by a GET that the SDK tries once. One that
 * could not be opened is tried again, with growing pauses, for as long as the transport lives.
 */
const openPatiently: FetchLike = async (input, init) => {
  const isFirst = init?.method === 'GET' && !new Headers(init.headers).has('last-event-id')
  for (let delayMs = 1000; ; delayMs = Math.min(delayMs * 2, 30_000)) {
    try {
      return await keepRetryAfter(input, init)
    } catch (error) {
      if (!isFirst || init.signal?.aborted !== false) throw error
      await sleep(delayMs, undefined, { signal: init.signal, ref: false })
    }
  }
}

/** The SDK's error for a failed POST says nothing of `Retry-After`, so it is made here, with it. */
const keepRetryAfter: FetchLike = async (input, init) => {
  const response = await fetch(input, init)
  if (!busyStatuses.has(response.status)) return response
  const retryAfterMs = readRetryAfter(response.headers.get('retry-after'), Date.now())
  await response.body?.cancel()
  const data = {
    status: response.status,
    statusText: response.statusText,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
  throw new SdkHttpError(SdkErrorCode.ClientHttpNotImplemented, response.statusText, data)
}

const busyStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504])

/**
 * Milliseconds that a `Retry-After` header asks to wait: seconds or a date; `undefined` when it says neither.
 *
 * Source: RFC 9110, section 10.2.3.
 */
export function readRetryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined
  const seconds = /^\s*\d+\s*$/.test(header) ? Number(header) : undefined
  if (seconds !== undefined) return seconds * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}
