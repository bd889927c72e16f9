import { SdkHttpError, SseError } from '@modelcontextprotocol/client'
import { RequestError } from '../errors/request-errors.ts'
import { InvalidTargetError } from '../errors/usage-errors.ts'
import type { HttpPath } from '../transport/http/streamable-transport.ts'
import { checkHttpTarget, type CheckedHttpTarget, type HttpTarget } from './http-options.ts'
import type { ResolvedTarget } from './resolved-target.ts'

/**
 * A server at a URL: over Streamable HTTP, or over SSE where the target says so or a segment of its path is `sse`.
 *
 * Requests go over sockets of their own, which are freed when the transport is closed. A program that has set a dispatcher for all
 * of its requests (`setGlobalDispatcher` of undici, a proxy of the environment in Node) has them go through that by the global
 * `fetch`, unless the target names a proxy or certificates.
 *
 * @throws {InvalidTargetError} Thrown when the target holds a mistake.
 */
export function httpTarget(target: string | URL | HttpTarget): ResolvedTarget {
  const isUrl = typeof target === 'string' || target instanceof URL
  const checked = checkHttpTarget(isUrl ? { url: target } : target)
  const isSse =
    checked.transport === 'sse' || (checked.transport === undefined && sseSegment.test(checked.url.pathname))
  return isSse ? overSse(checked) : overStreamableHttp(checked)
}

const sseSegment = /\/sse(?:\/|$)/

function overStreamableHttp(target: CheckedHttpTarget): ResolvedTarget {
  return {
    ...namesOf(target),
    open: async (session) => {
      const { StreamableTransport } = await import('../transport/http/streamable-transport.ts')
      return new StreamableTransport({ ...target, path: await openPath(target) }, session)
    },
    // Who named the transport meant it.
    fallback: (error) => (target.transport === undefined && isOfOlderServer(error) ? overSse(target) : undefined),
  }
}

function overSse(target: CheckedHttpTarget): ResolvedTarget {
  return {
    ...namesOf(target),
    isLegacy: true,
    open: async (session, era) => {
      if (session !== undefined) throw new InvalidTargetError('A server over SSE has no sessions to go on with.')
      if (era === 'modern')
        throw new InvalidTargetError('A server over SSE speaks no version of the protocol after 2025-11-25.')
      const { SseTransport } = await import('../transport/http/sse-transport.ts')
      return new SseTransport({ ...target, path: await openPath(target) })
    },
  }
}

function namesOf({ url }: CheckedHttpTarget): Pick<ResolvedTarget, 'name' | 'endpoint'> {
  const name = url.origin + url.pathname
  return {
    name,
    // A query often holds a key, and a reference may be stored anywhere.
    endpoint: async () => (url.search === '' ? name : `${name}?${await digest(url.search)}`),
  }
}

async function openPath({ fetch, proxy, tls }: CheckedHttpTarget): Promise<HttpPath> {
  if (fetch !== undefined) return { fetch, close: () => Promise.resolve() }
  if (proxy === undefined && tls === undefined && hasGlobalDispatcher())
    return { fetch: globalThis.fetch, close: () => Promise.resolve() }
  const { pooledFetch } = await import('../transport/http/pooled-fetch.ts')
  return pooledFetch({ ...(proxy !== undefined && { proxy }), ...(tls !== undefined && { tls }) })
}

/**
 * Whether the program chose how its requests go out. What Node and undici put there by themselves is an `Agent`; undici 8 shows
 * it wrapped to what was written for an earlier one.
 */
function hasGlobalDispatcher(): boolean {
  return ['undici.globalDispatcher.1', 'undici.globalDispatcher.2'].some((key) => {
    const dispatcher: unknown = Reflect.get(globalThis, Symbol.for(key))
    if (typeof dispatcher !== 'object' || dispatcher === null) return false
    const { name } = dispatcher.constructor
    return name !== 'Agent' && name !== 'Dispatcher1Wrapper'
  })
}

/** Source: specification 2025-11-25, transports, backwards compatibility; 406 and 415 are what some servers say to a POST. */
function isOfOlderServer(error: unknown): boolean {
  let cause = error
  for (let depth = 0; depth < 5 && cause instanceof Error; depth += 1) {
    const status = httpStatusOf(cause)
    if (status !== undefined) return olderStatuses.has(status)
    cause = cause.cause
  }
  return false
}

function httpStatusOf(error: Error): number | undefined {
  if (error instanceof RequestError && error.failure.kind === 'http') return error.failure.status
  if (error instanceof SseError) return error.code
  if (!(error instanceof SdkHttpError)) return undefined
  const { status } = error.data as { status?: unknown }
  return typeof status === 'number' ? status : undefined
}

const olderStatuses: ReadonlySet<number> = new Set([400, 404, 405, 406, 415])

/** A short name for something that must not be shown. */
export async function digest(secret: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret))
  return `sha256:${Buffer.from(hash).subarray(0, 12).toString('hex')}`
}
