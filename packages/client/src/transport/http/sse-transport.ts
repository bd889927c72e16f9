import { SdkErrorCode, SdkHttpError, SSEClientTransport, type FetchLike } from '@modelcontextprotocol/client'
import { throwBusy } from './patient-fetch.ts'
import type { HttpPath, HttpTransportOptions } from './streamable-transport.ts'

/**
 * HTTP with SSE, the transport before Streamable HTTP.
 *
 * Its session is its stream: once that has ended the transport is closed, where the SDK would open another stream, to a session
 * that knows nothing of this client.
 *
 * Source: specification 2024-11-05, transports.
 */
export class SseTransport extends SSEClientTransport {
  readonly #path: HttpPath

  constructor({ url, headers, path }: HttpTransportOptions) {
    let hasStream = false
    const post = throwFailed(throwBusy(path.fetch))
    const fetch: FetchLike = (input, init) => {
      if (init?.method === 'POST') return post(input, init)
      if (hasStream) {
        void this.close()
        return Promise.reject(new TypeError('The stream of the session has ended.'))
      }
      hasStream = true
      return path.fetch(input, init)
    }
    super(url, { fetch, requestInit: { headers } })
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

/** The SDK's error for a failed POST names its status only in its text. */
function throwFailed(fetch: FetchLike): FetchLike {
  return async (input, init) => {
    const response = await fetch(input, init)
    // A redirect is followed by the SDK, or explained.
    if (response.status < 400) return response
    await response.body?.cancel()
    const { status, statusText } = response
    throw new SdkHttpError(SdkErrorCode.ClientHttpNotImplemented, `the server answered with HTTP ${status}`, {
      status,
      statusText,
    })
  }
}
