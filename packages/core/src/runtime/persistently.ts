import { monotonic, type Clock } from '../clock/clock.ts'

/**
 * Does a write until it succeeds, pausing longer each time, for `forMs` at most; then it rejects as the last one did.
 *
 * For what must not be lost because a disk was full for a moment. With a signal, nobody waits for it but who aborts it: it
 * does not hold the process open, and rejects with the signal's reason.
 */
export async function persistently<T>(
  write: () => Promise<T>,
  { clock, forMs, signal }: { readonly clock: Clock; readonly forMs: number; readonly signal?: AbortSignal },
): Promise<T> {
  const giveUpAtMs = monotonic(clock) + forMs
  for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 2, 1_000)) {
    try {
      return await write()
    } catch (error) {
      if (monotonic(clock) + pauseMs >= giveUpAtMs) throw error
      await clock.sleep(pauseMs, signal, { background: signal !== undefined })
    }
  }
}
