import type { HttpRequest } from './http-exchange.ts'
import type { PooledResponse } from './pooled-response.ts'

/**
 * The request that a redirect asks for in place of `request`; `undefined` where the response is none.
 *
 * @throws {TypeError} Thrown when it leads nowhere that can be followed.
 *
 * Source: Fetch standard, HTTP-redirect fetch.
 */
export function redirected(request: HttpRequest, response: PooledResponse): HttpRequest | undefined {
  const location = isRedirect(response.status) ? response.headers.get('location') : null
  if (location === null) return undefined
  const url = targetOf(location, request.url)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw unfollowable('it does not lead to an HTTP server')
  if (url.username !== '' || url.password !== '') throw unfollowable('it holds a user name or password')
  if (url.hash === '') url.hash = request.url.hash
  const becomesGet =
    (response.status === 303 && request.method !== 'GET' && request.method !== 'HEAD') ||
    ((response.status === 301 || response.status === 302) && request.method === 'POST')
  const isSameOrigin = url.origin === request.url.origin
  const dropped = new Set([...(becomesGet ? headersOfBody : []), ...(isSameOrigin ? [] : headersOfOrigin)])
  return {
    ...request,
    url,
    headers: without(request.headers, dropped),
    redirected: true,
    type: isSameOrigin ? request.type : 'cors',
    ...(becomesGet && { method: 'GET', body: null }),
  }
}

function targetOf(location: string, base: URL): URL {
  try {
    return new URL(location, base)
  } catch (error) {
    throw new TypeError('fetch failed', { cause: error })
  }
}

/** The statuses that a `Location` belongs to. */
export function isRedirect(status: number): boolean {
  return redirectStatuses.has(status)
}

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const headersOfBody = ['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length']
/** They were meant for the server that was asked, and for nobody else. */
const headersOfOrigin = ['authorization', 'proxy-authorization', 'cookie', 'host']

function without(headers: readonly string[], dropped: ReadonlySet<string>): readonly string[] {
  return headers.filter((_, index) => !dropped.has(headers[index - (index % 2)] ?? ''))
}

function unfollowable(reason: string): TypeError {
  return new TypeError('fetch failed', { cause: new Error(`The redirect cannot be followed: ${reason}.`) })
}
