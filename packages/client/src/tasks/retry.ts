import type { Clock } from '@longcall/core'
import { isSuspicious, isTransient, RequestError, suspiciousLimit } from '../errors/request-errors.ts'
import { defaultPollIntervalMs, retryDelayMs } from './poll-schedule.ts'

/**
 * Sends a request that may be repeated until it is answered, with growing pauses between failures that may pass.
 *
 * Rejects with the first failure that will not pass, or with the signal's reason.
 */
export async function untilAnswered<T>(
  send: () => Promise<T>,
  port: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<T> {
  let suspicious = 0
  for (let failures = 1; ; failures += 1) {
    try {
      return await send()
    } catch (error) {
      if (isSuspicious(error)) suspicious += 1
      else if (!isTransient(error)) throw error
      if (port.signal.aborted || suspicious > suspiciousLimit) throw error
      await port.clock.sleep(
        retryDelayMs(failures, defaultPollIntervalMs, Math.random(), retryAfterOf(error)),
        port.signal,
      )
    }
  }
}

/** The time that the server asked to wait, in milliseconds. */
export function retryAfterOf(error: unknown): number | undefined {
  if (!(error instanceof RequestError) || error.failure.kind !== 'http') return undefined
  return error.failure.retryAfterMs
}
