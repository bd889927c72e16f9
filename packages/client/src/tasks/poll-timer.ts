import type { Clock } from '@longcall/core'
import { minPollIntervalMs } from './poll-schedule.ts'

/** When the next poll of a task is due; it may move while somebody sleeps until then. */
export class PollTimer {
  readonly #clock: Clock
  /** Milliseconds since the epoch, as the other time. */
  #dueAt: number
  #lastAt = -Infinity
  #notBefore = -Infinity
  #wake: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
    this.#dueAt = clock.now()
  }

  /** A poll is being sent. */
  sent(): void {
    this.#lastAt = this.#clock.now()
  }

  /** The next poll is due so many milliseconds from now; nothing brings it forward to before `atLeastMs` from now. */
  dueIn(ms: number, atLeastMs: number = 0): void {
    this.#dueAt = this.#clock.now() + ms
    this.#notBefore = this.#clock.now() + Math.min(ms, atLeastMs)
    this.#wake?.()
  }

  /** The next poll is due now, or as soon as polling as often as that is bearable. */
  soon(): void {
    const bearable = Math.max(this.#clock.now(), this.#lastAt + minPollIntervalMs, this.#notBefore)
    this.#dueAt = Math.min(this.#dueAt, bearable)
    this.#wake?.()
  }

  /** Sleeps until the next poll is due. Rejects with the signal's reason when it aborts. */
  async untilDue(signal: AbortSignal): Promise<void> {
    for (;;) {
      if (signal.aborted) throw signal.reason
      const wait = this.#dueAt - this.#clock.now()
      if (wait <= 0) return
      const woken = new AbortController()
      const wake = (): void => woken.abort(new Error('woken'))
      this.#wake = wake
      signal.addEventListener('abort', wake, { once: true })
      await this.#clock.sleep(wait, woken.signal).catch(() => {})
      signal.removeEventListener('abort', wake)
      this.#wake = undefined
    }
  }
}
