import type { Clock } from '../clock/clock.ts'

/** Sweeps at once, and again and again. One sweep is over before the next. */
export class Sweeper {
  readonly #everyMs: number
  readonly #clock: Clock
  readonly #sweep: () => Promise<void>
  readonly #onError: (error: unknown) => void
  readonly #stopped = new AbortController()

  constructor(options: {
    readonly everyMs: number
    readonly clock: Clock
    readonly sweep: () => Promise<void>
    readonly onError: (error: unknown) => void
  }) {
    this.#everyMs = options.everyMs
    this.#clock = options.clock
    this.#sweep = options.sweep
    this.#onError = options.onError
  }

  start(): void {
    void this.#run()
  }

  stop(): void {
    this.#stopped.abort()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped
    while (!signal.aborted) {
      await this.#sweep().catch(this.#onError)
      await this.#clock.sleep(this.#everyMs, signal, { background: true }).catch(() => {})
    }
  }
}
