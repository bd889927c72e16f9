import { setTimeout as sleep } from 'node:timers/promises'
import { SdkErrorCode, SdkHttpError, type FetchLike } from '@modelcontextprotocol/client'
import { readRetryAfter } from './retry-after.ts'

/**
 * Makes `fetch` patient with the stream that a 2025-11-25 server may bring pushes and questions on.
 *
 * It is opened by a GET that the SDK tries once. One that could not be opened is tried again, with growing pauses, for as long as
 * the transport lives.
 */
export function patientFetch(fetch: FetchLike): FetchLike {
  return async (input, init) => {
    const isFirst = init?.method === 'GET' && !new Headers(init.headers).has('last-event-id')
    for (let delayMs = 1000; ; delayMs = Math.min(delayMs * 2, 30_000)) {
      try {
        return await fetch(input, init)
      } catch (error) {
        if (!isFirst || init.signal?.aborted !== false) throw error
        await sleep(delayMs, undefined, { signal: init.signal, ref: false })
      }
    }
  }
}

/**
 * Makes `fetch` throw where a server or proxy says that it is busy: the SDK's error for a failed POST says nothing of
 * `Retry-After`, so it is made here, with it.
 */
export function throwBusy(fetch: FetchLike): FetchLike {
  return async (input, init) => {
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
}

const busyStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504])
