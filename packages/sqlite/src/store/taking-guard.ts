import { monotonic, type Clock } from '@longcall/core'
import type { OpenedFile } from '../file/opened-file.ts'
import { ClockGuard } from './clock-guard.ts'
import { endDeadLeases } from './leases.ts'

/** Sees to it that only what is lost is taken, and only what is over deleted: a lease may have run out although its holder is alive. */
export class TakingGuard {
  readonly #file: OpenedFile
  readonly #clock: Clock
  readonly #clockGuard: ClockGuard
  readonly #process: string

  /** @param process The name of this process. */
  constructor(file: OpenedFile, clock: Clock, process: string) {
    this.#file = file
    this.#clock = clock
    this.#clockGuard = new ClockGuard(file, clock)
    this.#process = process
  }

  /**
   * Whether what has expired may be deleted now.
   *
   * @throws {SqliteStoreError} Thrown with `clock_jumped`, once, when the clock jumped.
   */
  async mayDelete(): Promise<boolean> {
    await this.#clockGuard.check()
    return this.#clockGuard.mayDelete
  }

  /**
   * Called before anything is looked for that could be taken.
   *
   * @throws {SqliteStoreError} Thrown with `clock_jumped`, once, when the clock jumped.
   */
  async prepare(): Promise<void> {
    await this.#clockGuard.check()
    await endDeadLeases(this.#file, this.#process, this.#clock)
  }

  /**
   * Called when a write is asked for that may take a task; what it gives is asked when that write is done, whether a lease
   * that has run out is nobody's any more.
   *
   * It may be somebody's where the clock has jumped, and where the file was locked for so long that nobody could renew it.
   */
  begin(leaseMs: number): () => boolean {
    const askedAtMs = monotonic(this.#clock)
    return () => {
      // By a clock of its own: whoever was kept from renewing a lease does so at the next third of it.
      const isRenewed = performance.now() - this.#file.blockedAtMs > leaseMs / 2
      return this.#clockGuard.isSteady && isRenewed && monotonic(this.#clock) - askedAtMs < leaseMs / 3
    }
  }
}
