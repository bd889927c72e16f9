import { minPollIntervalMs, monotonic, type Clock } from '@longcall/core'

/**
 * When the next poll of a task is due; it may move while somebody sleeps until then.
 *
 * Its times are lengths, whatever is done to the clock on the wall: one that was set back puts off no poll.
 */
export class PollTimer {
  readonly #clock: Clock
  /** In milliseconds since any moment, as the other times. */
  #dueAt: number
  #lastAt = -Infinity
  #notBefore = -Infinity
  /** Whether something may have happened since the last poll was sent, which its answer may not know of. */
  #isHurried = false
  #wake: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
    this.#dueAt = monotonic(clock)
  }

  /** Whether somebody sleeps until the next poll is due. */
  get isWaiting(): boolean {
    return this.#wake !== undefined
  }

  /** A poll is being sent; should it be given up, the next is due so many milliseconds from now all the same. */
  sent(nextMs: number): void {
    this.#lastAt = monotonic(this.#clock)
    this.#isHurried = false
    this.#dueAt = this.#lastAt + nextMs
  }

  /**
   * The next poll is due so many milliseconds from now; sooner if one was wanted {@link soon} in the meantime, but never
   * before `atLeastMs` from now.
   */
  dueIn(ms: number, atLeastMs: number = 0): void {
    this.#dueAt = monotonic(this.#clock) + ms
    this.#notBefore = monotonic(this.#clock) + Math.min(ms, atLeastMs)
    if (this.#isHurried) this.soon()
    this.#wake?.()
  }

  /** The next poll is due now, or as soon as polling as often as that is bearable. */
  soon(): void {
    this.#isHurried = true
    const bearable = Math.max(monotonic(this.#clock), this.#lastAt + minPollIntervalMs, this.#notBefore)
    this.#dueAt = Math.min(this.#dueAt, bearable)
    this.#wake?.()
  }

  /** Sleeps until the next poll is due. Rejects with the signal's reason when it aborts. */
  async untilDue(signal: AbortSignal): Promise<void> {
    for (;;) {
      if (signal.aborted) throw signal.reason
      const wait = this.#dueAt - monotonic(this.#clock)
      if (wait <= 0) return
      const woken = new AbortController()
      const wake = (): void => woken.abort(new Error('woken'))
      this.#wake = wake
      signal.addEventListener('abort', wake, { once: true })
      await this.#clock.sleep(wait, woken.signal).catch(() => {})
      signal.removeEventListener('abort', wake)
      // Somebody else may have begun to sleep while this sleep was being ended.
      if (this.#wake === wake) this.#wake = undefined
    }
  }
}
