import type { FetchLike } from '@modelcontextprotocol/client'
import { InvalidTargetError } from '../errors/usage-errors.ts'
import type { TlsOptions } from '../transport/http/open-pool.ts'

/** A server at a URL. */
export interface HttpTarget {
  /** `http:` or `https:`. Its path and query are sent as they are. */
  readonly url: string | URL
  /** Sent with each request; what the protocol itself sends comes first. They are kept to the origin of the URL. */
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as `Authorization: Bearer …`. */
  readonly token?: string
  /** Takes the place of the client's own sockets; whoever gives it sees to proxies and certificates. */
  readonly fetch?: FetchLike
  /**
   * The URL of an HTTP proxy, which may hold a user name and password, or `'env'`: what HTTP_PROXY, HTTPS_PROXY and NO_PROXY say.
   * None by default.
   */
  readonly proxy?: string
  /** Authorities of one's own, or a certificate of this client. */
  readonly tls?: TlsOptions
  /** `'sse'` for a server that predates Streamable HTTP; by default it is found out, and taken as said by a path with `/sse`. */
  readonly transport?: 'http' | 'sse'
}

/** An `HttpTarget` in which everything is checked. */
export interface CheckedHttpTarget {
  readonly url: URL
  /** All of them, the token among them. */
  readonly headers: Readonly<Record<string, string>>
  readonly fetch: FetchLike | undefined
  readonly proxy: string | undefined
  readonly tls: TlsOptions | undefined
  readonly transport: 'http' | 'sse' | undefined
}

/**
 * Checks a target for mistakes that would otherwise be seen in the first request, or never.
 *
 * @throws {InvalidTargetError} Thrown when it holds one; what may be secret is not repeated.
 */
export function checkHttpTarget(target: HttpTarget): CheckedHttpTarget {
  const url = checkUrl(target.url)
  const name = url.origin + url.pathname
  const { fetch, proxy, tls, transport } = target
  const wrong = (what: string): InvalidTargetError => new InvalidTargetError(`The target ${name} ${what}`)
  if (fetch !== undefined && typeof fetch !== 'function') throw wrong('has a fetch that is no function.')
  if (fetch !== undefined && (proxy !== undefined || tls !== undefined)) {
    const given = proxy !== undefined ? 'a proxy' : 'tls'
    throw wrong(
      `has both a fetch and ${given}. A fetch that is given has to see to that itself: leave one of them out.`,
    )
  }
  if (transport !== undefined && transport !== 'http' && transport !== 'sse')
    throw wrong(`has a transport that is neither 'http' nor 'sse'.`)
  if (proxy !== undefined && !isProxy(proxy))
    throw wrong(`has a proxy that is neither an http: or https: URL nor 'env'.`)
  if (tls !== undefined) checkTls(tls, wrong)
  return { url, headers: checkHeaders(target, wrong), fetch, proxy, tls, transport }
}

type Wrong = (what: string) => InvalidTargetError

function checkUrl(given: string | URL): URL {
  if (!(given instanceof URL) && (typeof given !== 'string' || !URL.canParse(given)))
    throw new InvalidTargetError('The url of a target must be an http: or https: URL.')
  const url = new URL(given)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new InvalidTargetError(`The url of a target has the scheme ${url.protocol} and must have http: or https:.`)
  if (url.username !== '' || url.password !== '') {
    throw new InvalidTargetError(
      `The URL of ${url.host} holds a user name or password, which would end up in logs; send them as a header: { url, headers: { authorization } }.`,
    )
  }
  return url
}

function checkHeaders({ headers = {}, token }: HttpTarget, wrong: Wrong): Readonly<Record<string, string>> {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers) || headers instanceof Headers)
    throw wrong('has headers that are no plain object of names and values.')
  const checked: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (!isFieldName(name)) throw wrong(`has a header with a name that cannot be sent: ${shownName(name)}.`)
    if (!isFieldValue(value)) throw wrong(`has a value of the header ${name} that is no text or cannot be sent.`)
    const key = name.toLowerCase()
    if (connectionHeaders.has(key)) throw wrong(`has the header ${name}, which belongs to the connection.`)
    if (Object.hasOwn(checked, key)) throw wrong(`has the header ${key} twice.`)
    checked[key] = value
  }
  if (token === undefined) return checked
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
    throw wrong('has a token that is empty, or holds a space, a line break or what is not ASCII.')
  if ('authorization' in checked) throw wrong('has both a token and the header authorization: leave one of them out.')
  return { ...checked, authorization: `Bearer ${token}` }
}

function isFieldName(name: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) && name !== '__proto__'
}

/** Source: RFC 9110, section 5.5; characters past Latin-1 cannot be sent. */
function isFieldValue(value: unknown): value is string {
  return typeof value === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
}

function shownName(name: string): string {
  return JSON.stringify(name.length > 50 ? `${name.slice(0, 50)}…` : name)
}

/** They say how a message is sent, not what; the client sets them itself. */
const connectionHeaders: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

function isProxy(proxy: unknown): boolean {
  if (proxy === 'env') return true
  return typeof proxy === 'string' && URL.canParse(proxy) && /^https?:$/.test(new URL(proxy).protocol)
}

function checkTls(tls: TlsOptions, wrong: Wrong): void {
  if (typeof tls !== 'object' || tls === null) throw wrong('has tls that is no object.')
  for (const [name, value] of Object.entries(tls)) {
    const isRight = Object.hasOwn(tlsChecks, name) ? tlsChecks[name as keyof TlsOptions](value) : undefined
    if (isRight === undefined)
      throw wrong(`has tls with ${shownName(name)}; it may have ${Object.keys(tlsChecks).join(', ')}.`)
    if (!isRight && value !== undefined) throw wrong(`has tls with a ${name} of the wrong type.`)
  }
}

const isText = (value: unknown): boolean => typeof value === 'string'
const isPem = (value: unknown): boolean => typeof value === 'string' || Buffer.isBuffer(value)

const tlsChecks: Readonly<Record<keyof TlsOptions, (value: unknown) => boolean>> = {
  ca: (value) => isPem(value) || (Array.isArray(value) && value.every(isPem)),
  cert: isPem,
  key: isPem,
  passphrase: isText,
  rejectUnauthorized: (value) => typeof value === 'boolean',
  servername: isText,
}
