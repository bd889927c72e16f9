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

  constructor(
    { url, headers, path }: HttpTransportOptions,
    session?: { readonly id: string; readonly protocolVersion: string },
  ) {
    super(url, {
      fetch: patientFetch(throwBusy(path.fetch)),
      requestInit: { headers },
      reconnectionOptions,
      reconnectionScheduler: (reconnect, delayMs) => {
        const timer = setTimeout(reconnect, delayMs)
        // The SDK forgets all but one of these on close, and none may hold the process open.
        timer.unref()
        return () => clearTimeout(timer)
      },
      ...(session !== undefined && { sessionId: session.id, protocolVersion: session.protocolVersion }),
    })
    this.#path = path
  }

  override async close(): Promise<void> {
    try {
      await super.close()
    } finally {
      await this.#path.close()
    }
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
