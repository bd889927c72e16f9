import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toNodeHandler } from '@modelcontextprotocol/node'
import {
  hostHeaderValidationResponse,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  originValidationResponse,
  type AuthInfo,
  type McpServerFactory,
  type ServerNotifier,
} from '@modelcontextprotocol/server'
import { createHandler, type HandlerOptions } from './handler.ts'

/** Where and how a server listens. */
export interface HttpOptions extends HandlerOptions {
  /** 3000 by default; 0 takes any that is free. */
  readonly port?: number
  /** The address to listen on; `127.0.0.1` by default, which only this machine reaches. */
  readonly host?: string
  /** The path of the endpoint; `/mcp` by default. */
  readonly path?: string
  /**
   * Says who makes a request, or answers it instead: what the SDK's `requireBearerAuth` gives. Without it everybody is let
   * in, and nobody is known.
   */
  readonly authenticate?: (request: Request) => Promise<AuthInfo | Response>
  /**
   * Says where a request came from, for a server behind a proxy: what the proxy's header says, if it is to be believed.
   * `address` is the other end of the connection, which is what counts by default. Callers nobody knows are limited by it.
   */
  readonly remoteAddress?: (request: Request, address: string | undefined) => string | undefined
  /**
   * The host names that a request may name, and that a browser's page may come from; this machine's own by default, as long
   * as `host` is one of them. It keeps pages of strangers from reaching a server through a browser (DNS rebinding).
   */
  readonly allowedHosts?: readonly string[]
}

/** A server that listens. */
export interface HttpEndpoint extends AsyncDisposable {
  readonly url: string
  /** Tells 2026-07-28 subscribers that a list or a resource has changed. */
  readonly notify: ServerNotifier
  /**
   * Takes no more tasks, waits for those that run while it goes on to answer, and ends.
   *
   * @param options.graceMs How long it waits for them; 10 seconds by default.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>
}

/**
 * Serves a server with tasks over HTTP, both generations on one URL.
 *
 * @param factory Makes a server object for each session of 2025-11-25 and each request of 2026-07-28.
 */
export async function serveHttp(factory: McpServerFactory, options: HttpOptions): Promise<HttpEndpoint> {
  const { port = 3_000, host = '127.0.0.1', path = '/mcp', authenticate, tasks, maxRequestBodySize, onError } = options
  const allowedHosts = options.allowedHosts ?? (isLocal(host) ? localhostAllowedHostnames() : undefined)
  const handler = createHandler(factory, options)
  const addresses = new Addresses()

  const listener = {
    fetch: async (request: Request) => {
      if (new URL(request.url).pathname !== path) return new Response('Not found', { status: 404 })
      const refused =
        allowedHosts === undefined
          ? undefined
          : (hostHeaderValidationResponse(request, [...allowedHosts]) ??
            originValidationResponse(request, [...allowedHosts, ...localhostAllowedOrigins()]))
      if (refused !== undefined) return refused
      const authInfo = await authenticate?.(request)
      if (authInfo instanceof Response) return authInfo
      const address = addresses.of(request)
      const remoteAddress = options.remoteAddress === undefined ? address : options.remoteAddress(request, address)
      return handler.fetch(request, {
        ...(authInfo !== undefined && { authInfo }),
        ...(remoteAddress !== undefined && { remoteAddress }),
      })
    },
  }
  // It reads the body, and has a limit of its own.
  const serve = toNodeHandler(listener, {
    ...(maxRequestBodySize !== undefined && { maxRequestBodySize }),
    // What throws before the handler has the request: `authenticate`, above all.
    ...(onError !== undefined && { onerror: onError }),
  })
  const http = createServer((request, response) => {
    addresses.note(request)
    void serve(request as Parameters<typeof serve>[0], response)
  })
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(port, host, () => resolve())
  })
  const { port: actual } = http.address() as AddressInfo
  const name = host.includes(':') ? `[${host}]` : host
  const close: HttpEndpoint['close'] = async (closing) => {
    const isDraining = tasks.runtime.running > 0
    await tasks.drain(closing)
    // Until here clients are served as ever; now those that wait for what was drained come for it.
    if (isDraining) await new Promise((resolve) => setTimeout(resolve, fetchMs))
    const closed = new Promise<void>((resolve) => http.close(() => resolve()))
    await handler.close()
    http.closeAllConnections()
    await closed
    await tasks.close()
  }
  return {
    notify: handler.notify,
    url: `http://${name}:${actual}${path}`,
    close,
    [Symbol.asyncDispose]: () => close(),
  }
}

/** How long clients have to fetch what was drained: who polls as told comes within it. */
const fetchMs = 750

/** Carries the address of a connection over to the request that `fetch` knows it by, in a header of our own. */
class Addresses {
  readonly #header = `x-remote-address-${crypto.randomUUID()}`

  note(request: IncomingMessage): void {
    request.headers[this.#header] = request.socket.remoteAddress ?? ''
  }

  of(request: Request): string | undefined {
    return request.headers.get(this.#header) ?? undefined
  }
}

function isLocal(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
