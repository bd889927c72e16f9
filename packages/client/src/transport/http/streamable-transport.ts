import { StreamableHTTPClientTransport, type FetchLike } from '@modelcontextprotocol/client'
import { patientFetch, throwBusy } from './patient-fetch.ts'

/** What requests of a transport are sent with: its own sockets, or what the program gave. */
export interface HttpPath {
  readonly fetch: FetchLike
  /** Frees what this transport alone used. */
  close(): Promise<void>
}

/** What a transport to a server at a URL is made of. */
export interface HttpTransportOptions {
  readonly url: URL
  /** Sent with each request, unless the protocol has a header of that name. */
  readonly headers: Readonly<Record<string, string>>
  readonly path: HttpPath
}

/** Streamable HTTP: the SDK's transport, patient with its stream, and freeing its sockets when it is closed. */
export class StreamableTransport extends StreamableHTTPClientTransport {
  readonly #path: HttpPath
  /** The streams that broke and wait to be tried again. */
  readonly #retries: Set<NodeJS.Timeout>

  constructor(
    { url, headers, path }: HttpTransportOptions,
    session?: { readonly id: string; readonly protocolVersion: string },
  ) {
    const retries = new Set<NodeJS.Timeout>()
    super(url, {
      fetch: patientFetch(throwBusy(path.fetch)),
      requestInit: { headers },
      reconnectionOptions,
      reconnectionScheduler: (reconnect, delayMs) => {
        const stop = (): void => {
          clearTimeout(timer)
          retries.delete(timer)
        }
        // It holds the process open: a call may wait for the stream that its answer comes on, and for nothing else.
        const timer = setTimeout(() => {
          stop()
          reconnect()
        }, clamp(delayMs))
        retries.add(timer)
        return stop
      },
      ...(session !== undefined && { sessionId: session.id, protocolVersion: session.protocolVersion }),
    })
    this.#path = path
    this.#retries = retries
  }

  override async close(): Promise<void> {
    try {
      await super.close()
    } finally {
      // The SDK stops the latest of these alone.
      for (const timer of this.#retries) clearTimeout(timer)
      this.#retries.clear()
      await this.#path.close()
    }
  }
}

/** A server's `retry` is a hint: none makes this client ask all the time, or wait for hours. */
function clamp(delayMs: number): number {
  return Math.min(Math.max(delayMs, 100), 300_000)
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
