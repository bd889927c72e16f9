import type { Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import type { buildConnector, Dispatcher, Pool, ProxyAgent } from 'undici'
import { saidBy } from '../../errors/clip.ts'
import { InvalidTargetError } from '../../errors/usage-errors.ts'
import { undiciParts, wholeUndici, type UndiciParts } from './undici-parts.ts'

/** How a server proves who it is, and this client to it; see `tls.connect` of Node. */
export interface TlsOptions {
  /** The authorities to trust, as PEM, in place of those that Node trusts. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[]
  /** The certificate of this client, as PEM. */
  readonly cert?: string | Buffer
  /** The private key of this client, as PEM. */
  readonly key?: string | Buffer
  /** What the private key is encrypted with. */
  readonly passphrase?: string
  /** Whether a server whose certificate is not trusted is refused; by default it is. */
  readonly rejectUnauthorized?: boolean
  /** The name that the server's certificate must have; by default the host of the URL. */
  readonly servername?: string
}

/** The way to the server. */
export interface PoolOptions {
  /** The URL of a proxy, or `'env'`: what HTTP_PROXY, HTTPS_PROXY and NO_PROXY say. None by default. */
  readonly proxy?: string
  readonly tls?: TlsOptions
}

/** Sockets, and what sends requests over them. */
export interface SocketPool {
  readonly dispatcher: Dispatcher
  /** Drops all sockets, those that are still connecting too; resolves once they are gone. */
  close(): Promise<void>
}

/**
 * Opens a pool of sockets. A request gets an idle one or a new one, never a place in a queue: a response may be held open for
 * hours.
 *
 * An idle socket is kept for 4 s where the server does not say how long it keeps it (Node and uvicorn: 5 s), and does not hold
 * the process open.
 *
 * @throws {InvalidTargetError} Thrown when a certificate or key cannot be used, or the environment names a proxy that is no URL.
 */
export function openPool({ proxy, tls }: PoolOptions): SocketPool {
  const undici = undiciParts()
  const sockets = new Set<Socket>()
  const tlsOptions = tls === undefined ? {} : secured(tls)
  const settings = {
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: idleMs,
    connect: tracked(undici.buildConnector(tlsOptions), sockets),
  }
  const dispatcher = openDispatcher(undici, proxy, {
    ...settings,
    requestTls: tlsOptions,
    factory: (origin: URL, options: object) => new undici.Pool(origin, withFinalErrors(options)),
    clientFactory: (origin: URL, { connect }: { connect?: buildConnector.connector }) =>
      new undici.Pool(origin, { ...settings, ...(connect !== undefined && { connect: tracked(connect, sockets) }) }),
  })
  const dropAll = async (): Promise<void> => {
    const destroyed = dispatcher.destroy()
    await Promise.all([destroyed, ...[...sockets].map(drop)])
  }
  let closed: Promise<void> | undefined
  // Each request that finds the session forgotten closes the transport: all of them wait for the same sockets.
  return { dispatcher, close: () => (closed ??= dropAll()) }
}

const idleMs = 4000

type ProxySettings = Omit<ProxyAgent.Options, 'uri'>

function openDispatcher({ Agent }: UndiciParts, proxy: string | undefined, settings: ProxySettings): Dispatcher {
  if (proxy === undefined) return new Agent(settings)
  const { EnvHttpProxyAgent, ProxyAgent } = wholeUndici()
  if (proxy !== 'env') return new ProxyAgent({ ...settings, uri: proxy })
  try {
    return new EnvHttpProxyAgent(settings)
  } catch {
    // The error quotes the URL, which may hold a password.
    throw new InvalidTargetError('HTTP_PROXY or HTTPS_PROXY of the environment is not a URL of a proxy.')
  }
}

/** Reads certificates and keys once for all sockets. */
function secured({
  ca,
  cert,
  key,
  passphrase,
  rejectUnauthorized,
  servername,
}: TlsOptions): buildConnector.BuildOptions {
  try {
    const secureContext = createSecureContext({
      ...(ca !== undefined && { ca: ca as string | Buffer | (string | Buffer)[] }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(passphrase !== undefined && { passphrase }),
    })
    return {
      secureContext,
      ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
      ...(servername !== undefined && { servername }),
    }
  } catch (error) {
    throw new InvalidTargetError(`The certificates or the key of a target cannot be used: ${saidBy(error)}.`, {
      cause: error,
    })
  }
}

/** undici lets go of a socket that is still connecting only once it is connected, or 10 s are over. */
function tracked(connect: buildConnector.connector, sockets: Set<Socket>): buildConnector.connector {
  return (options, callback) => {
    // Its types keep the socket that it gives to themselves.
    const socket = connect(options, callback) as unknown as Socket | undefined
    if (socket === undefined) return
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  }
}

/**
 * undici connects again, at once and for ever, where connecting fails with a closed socket: it is one that a proxy closes in
 * place of an answer.
 */
function withFinalErrors(options: Pool.Options): Pool.Options {
  const { connect } = options
  if (typeof connect !== 'function') return options
  return {
    ...options,
    connect: (to, callback) =>
      connect(to, (...[error, socket]) => {
        if (error === null) callback(null, socket)
        else callback(isOfSocket(error) ? new Error(error.message, { cause: error }) : error, null)
      }),
  }
}

function isOfSocket(error: Error): boolean {
  return 'code' in error && error.code === 'UND_ERR_SOCKET'
}

/** With an error, or else undici is not told of the end of one that is connecting. */
function drop(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve())
    socket.destroy(new Error('The connection was closed.'))
  })
}
