import type { Clock } from '../clock/clock.ts'
import { LongcallError } from '../errors/longcall-error.ts'
import { persistently } from './persistently.ts'

/** How long a store may fail until a body is told. One that cannot be reached at all costs it its lease before, by default. */
const patienceMs = 60_000

/**
 * Does something with the store for a body, which has better to do than to fail because a store was away for a moment.
 *
 * @throws {LongcallError} Thrown with the code `store_failed` when it stays away; its `cause` says why, its message does not:
 * what a body throws may reach its caller.
 */
export async function patiently<T>(call: () => Promise<T>, clock: Clock, signal: AbortSignal): Promise<T> {
  try {
    return await persistently(call, { clock, forMs: patienceMs, signal })
  } catch (error) {
    signal.throwIfAborted()
    throw new LongcallError('store_failed', 'What the tool asked to keep could not be kept.', { cause: error })
  }
}
