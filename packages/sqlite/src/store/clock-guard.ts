import { monotonic, type Clock } from '@longcall/core'
import { SqliteStoreError } from '../errors/sqlite-store-error.ts'
import type { OpenedFile } from '../file/opened-file.ts'
import { renewAllLeases } from './leases.ts'

/** More than clocks drift apart between two looks, and less than a correction that would matter to a lease. */
const toleranceMs = 2_000

/** How long nothing is deleted after the clock went forward: time to set it right. */
const settleMs = 300_000

/**
 * Notices when the clock on the wall jumps, by one that goes on evenly; a machine that slept looks the same.
 *
 * What looks lost or expired then need not be. Every lease begins anew, and for a while nothing is deleted.
 */
export class ClockGuard {
  readonly #file: OpenedFile
  readonly #clock: Clock
  #offsetMs: number
  #deletesFromMs = -Infinity

  constructor(file: OpenedFile, clock: Clock) {
    this.#file = file
    this.#clock = clock
    this.#offsetMs = this.#offset()
  }

  /** Whether what has expired may be deleted now. */
  get mayDelete(): boolean {
    return monotonic(this.#clock) >= this.#deletesFromMs
  }

  /** Whether the clock goes on as it did when {@link check} was called last. */
  get isSteady(): boolean {
    return Math.abs(this.#offset() - this.#offsetMs) < toleranceMs
  }

  /**
   * Called before anything is taken from anybody.
   *
   * @throws {SqliteStoreError} Thrown with `clock_jumped`, once, when the clock jumped; leases have begun anew then.
   */
  async check(): Promise<void> {
    const offsetMs = this.#offset()
    const jumpMs = offsetMs - this.#offsetMs
    if (Math.abs(jumpMs) < toleranceMs) {
      // What it drifts is taken along, so that it never adds up.
      this.#offsetMs = offsetMs
      return
    }
    await renewAllLeases(this.#file, this.#clock)
    this.#offsetMs = offsetMs
    if (jumpMs > 0) this.#deletesFromMs = monotonic(this.#clock) + settleMs
    const far = `${Math.round(Math.abs(jumpMs) / 1_000)} s ${jumpMs > 0 ? 'forward' : 'back'}`
    throw new SqliteStoreError(
      'clock_jumped',
      `The clock of this machine went ${far}, or the machine slept. The leases of all tasks begin anew; nothing was lost.`,
    )
  }

  #offset(): number {
    return this.#clock.now() - monotonic(this.#clock)
  }
}
