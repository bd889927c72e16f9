/** Time, injected, so that a test can hold it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Milliseconds since any moment, which go on evenly whatever is done to the clock on the wall. */
  monotonic?(): number
  /**
   * Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts first.
   *
   * Any length is fine: a zero or negative wait resolves in a later task, `Infinity` only ends by its signal.
   *
   * @param options.background A sleep that nobody waits for: it does not hold the process open.
   */
  sleep(ms: number, signal?: AbortSignal, options?: { readonly background?: boolean }): Promise<void>
  /** Calls `run` after `ms` milliseconds, unless what it returns is called first; of any length that a timer of the platform has. */
  after?(ms: number, run: () => void): () => void
}

/** The clock on the wall. Its timers hold the process open, as a wait that somebody awaits should. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal, { background = false } = {}) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(abortReason(signal))
      const endsAt = performance.now() + Math.max(0, ms)
      let timer: ReturnType<typeof setTimeout>
      const onAbort = (): void => {
        clearTimeout(timer)
        reject(abortReason(signal!))
      }
      const arm = (): void => {
        const left = endsAt - performance.now()
        timer = setTimeout(left > longestTimerMs ? arm : done, Math.min(Math.max(0, left), longestTimerMs))
        if (background) timer.unref()
      }
      const done = (): void => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      arm()
    }),
  after: (ms, run) => {
    const timer = setTimeout(run, Math.max(0, ms))
    return () => clearTimeout(timer)
  },
}

/** The longest that a timer of the platform can run, in milliseconds: above it, one overflows and fires at once. */
export const longestTimerMs = 2_147_483_647

/** A time to measure lengths by: the clock's even one, where it has one. */
export function monotonic(clock: Clock): number {
  return clock.monotonic?.() ?? clock.now()
}

/**
 * Calls `run` after `ms` milliseconds, unless what it returns is called first: a sleep without a promise, for waits that are
 * many and hardly ever end by their time. Any length is fine.
 */
export function after(clock: Clock, ms: number, run: () => void): () => void {
  if (clock.after !== undefined && ms <= longestTimerMs) return clock.after(ms, run)
  const over = new AbortController()
  clock.sleep(ms, over.signal).then(run, () => {})
  return () => over.abort(new Error('not waited for any more'))
}

/** What an aborted wait rejects with: the signal's reason, inside an error when it is none itself. */
export function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason), { cause: signal.reason })
}
