import { abortReason, type Clock } from '../clock/clock.ts'

/**
 * A clock for tests that only moves when it is told to: pass it as the `clock` option, and no test has to wait.
 *
 * ```ts
 * const clock = new ManualClock()
 * const result = task.result()
 * await clock.untilSleeping()    // the task is polled, and now somebody waits for the next poll
 * await clock.advance(60_000)    // a minute passes
 * await result
 * ```
 */
export class ManualClock implements Clock {
  /** Time since the start, in milliseconds; never goes back, whatever the wall says. */
  #elapsed = 0
  #wallOffset: number
  #sleepers: Sleeper[] = []
  #watchers: { readonly count: number; readonly resolve: () => void }[] = []
  #advancing: Promise<void> = Promise.resolve()

  /** @param startMs The time it shows first, in milliseconds since the epoch; midnight of 2026-01-01 UTC by default. */
  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#wallOffset = startMs
  }

  now(): number {
    return this.#wallOffset + this.#elapsed
  }

  monotonic(): number {
    return this.#elapsed
  }

  /** Sleeps until {@link advance} has gone far enough; a wait of zero or less ends by itself, in a later task. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(abortReason(signal))
    return new Promise((resolve, reject) => {
      const sleeper: Sleeper = { due: this.#elapsed + ms, wake: () => finish(resolve) }
      const finish = (answer: () => void): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        signal?.removeEventListener('abort', onAbort)
        answer()
      }
      const onAbort = (): void => finish(() => reject(abortReason(signal!)))
      signal?.addEventListener('abort', onAbort, { once: true })
      if (ms > 0) this.#add(sleeper)
      else laterTask(sleeper.wake)
    })
  }

  /** How many are asleep. */
  get sleepers(): number {
    return this.#sleepers.length
  }

  /** Resolves when at least `count` are asleep, at once if they are. */
  untilSleeping(count: number = 1): Promise<void> {
    if (this.sleepers >= count) return Promise.resolve()
    return new Promise((resolve) => this.#watchers.push({ count, resolve }))
  }

  /**
   * Lets `ms` milliseconds pass: wakes who is due, one by one in the order of time, and lets what each of them sets off
   * run, and sleep again, before the next. Those due at the same time wake in the order in which they went to sleep.
   *
   * What they set off runs as far as it can without the outside world; for a network or a file, wait with
   * {@link untilSleeping}. A second call begins when the first is done.
   *
   * @throws {RangeError} Thrown when `ms` is negative, infinite or not a number.
   */
  advance(ms: number): Promise<void> {
    if (!(ms >= 0 && ms < Infinity)) return Promise.reject(new RangeError(`A clock cannot advance by ${ms} ms.`))
    this.#advancing = this.#advancing.then(() => this.#run(ms))
    return this.#advancing
  }

  /**
   * Sets what the clock shows, forward or back, as when somebody corrects it. Nobody wakes: a sleep is a length of time.
   *
   * @param timeMs Milliseconds since the epoch.
   */
  set(timeMs: number): void {
    this.#wallOffset = timeMs - this.#elapsed
  }

  #add(sleeper: Sleeper): void {
    const later = this.#sleepers.findIndex((other) => other.due > sleeper.due)
    this.#sleepers.splice(later === -1 ? this.#sleepers.length : later, 0, sleeper)
    const ready = this.#watchers.filter(({ count }) => count <= this.sleepers)
    this.#watchers = this.#watchers.filter(({ count }) => count > this.sleepers)
    for (const { resolve } of ready) resolve()
  }

  async #run(ms: number): Promise<void> {
    const end = this.#elapsed + ms
    await settle()
    for (let next = this.#sleepers[0]; next !== undefined && next.due <= end; next = this.#sleepers[0]) {
      this.#elapsed = next.due
      next.wake()
      await settle()
    }
    this.#elapsed = end
  }
}

interface Sleeper {
  /** In milliseconds since the clock's start. */
  readonly due: number
  readonly wake: () => void
}

/** Taken now, so that a test's fake timers cannot stop this clock as well. */
const laterTask: (run: () => void) => unknown = globalThis.setImmediate ?? globalThis.setTimeout

/** Some rounds of the event loop: enough for in-memory streams and transports, which hand on a message in several. */
async function settle(): Promise<void> {
  for (let round = 0; round < 5; round++) await new Promise<void>((resolve) => laterTask(resolve))
}
