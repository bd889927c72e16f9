import { monotonic, type Clock } from '../clock/clock.ts'

/** How long a body has run, not counting what it waited for people. */
export class RunningTime {
  readonly #clock: Clock
  readonly #onPause: () => void
  #waits = 0
  #limit: { leftMs: number; readonly onOver: () => void } | undefined
  #running: { readonly sinceMs: number; readonly stop: AbortController } | undefined

  /** @param onPause Called when the body begins to wait for a person. */
  constructor(clock: Clock, onPause: () => void = () => {}) {
    this.#clock = clock
    this.#onPause = onPause
  }

  /** Whether the body waits for a person. */
  get isPaused(): boolean {
    return this.#waits > 0
  }

  /** Calls `onOver` once the body has run for `ms`; returns the end of it. */
  limit(ms: number, onOver: () => void): () => void {
    this.#limit = { leftMs: ms, onOver }
    this.#settle()
    return () => {
      this.#limit = undefined
      this.#settle()
    }
  }

  /** What `wait` gives; the time stands still meanwhile. */
  async pause<T>(wait: () => Promise<T>): Promise<T> {
    this.#waits += 1
    this.#settle()
    this.#onPause()
    try {
      return await wait()
    } finally {
      this.#waits -= 1
      this.#settle()
    }
  }

  #settle(): void {
    const limit = this.#limit
    if (limit !== undefined && this.#waits === 0) {
      if (this.#running !== undefined) return
      const stop = new AbortController()
      this.#running = { sinceMs: monotonic(this.#clock), stop }
      this.#clock.sleep(limit.leftMs, stop.signal, { background: true }).then(limit.onOver, () => {})
    } else if (this.#running !== undefined) {
      if (limit !== undefined) limit.leftMs -= monotonic(this.#clock) - this.#running.sinceMs
      this.#running.stop.abort()
      this.#running = undefined
    }
  }
}
