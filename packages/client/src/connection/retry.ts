import { monotonic, type Clock } from '@longcall/core'
import { isSuspicious, isTransient, retryAfterOf, suspiciousLimit } from '../errors/request-errors.ts'
import { retryDelayMs } from './retry-delay.ts'

/**
 * Sends a request that may be repeated until it is answered, with growing pauses between failures that may pass.
 *
 * Rejects with the first failure that will not pass, with the last one when patience is over, or with the signal's reason.
 */
export async function untilAnswered<T>(send: () => Promise<T>, port: RetryPort): Promise<T> {
  const { clock, signal, patienceMs = Infinity } = port
  const startedAt = monotonic(clock)
  let suspicious = 0
  for (let failures = 1; ; failures += 1) {
    try {
      return await send()
    } catch (error) {
      if (isSuspicious(error)) suspicious += 1
      else if (isTransient(error)) suspicious = 0
      else throw error
      if (signal.aborted || suspicious > suspiciousLimit) throw error
      const delayMs = retryDelayMs(failures, firstDelayMs, Math.random(), retryAfterOf(error))
      if (monotonic(clock) - startedAt + delayMs >= patienceMs) throw error
      await clock.sleep(delayMs, signal)
    }
  }
}

/** What {@link untilAnswered} needs, and keeps to. */
export interface RetryPort {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Milliseconds from the first try after which there is no other; without, there always is. */
  readonly patienceMs?: number | undefined
}

const firstDelayMs = 500
