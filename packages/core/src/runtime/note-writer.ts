import type { Clock } from '../clock/clock.ts'
import type { TaskNote } from '../store/task-store.ts'

/** Reports that come closer than this are written as one. */
const gatherMs = 50

/**
 * Writes what a body says of itself: the first report at once, those that follow within a moment as one.
 *
 * A report that cannot be written is lost; the next one may get through.
 */
export class NoteWriter {
  readonly #write: (note: TaskNote) => Promise<unknown>
  readonly #clock: Clock
  #waiting: TaskNote | undefined
  #isWriting = false

  constructor(write: (note: TaskNote) => Promise<unknown>, clock: Clock) {
    this.#write = write
    this.#clock = clock
  }

  /** Takes a report; what it leaves out stays as it was. */
  add(note: TaskNote): void {
    this.#waiting = { ...this.#waiting, ...note }
    if (!this.#isWriting) void this.#run()
  }

  async #run(): Promise<void> {
    this.#isWriting = true
    while (this.#waiting !== undefined) {
      const note = this.#waiting
      this.#waiting = undefined
      await this.#write(note).catch(() => {})
      await this.#clock.sleep(gatherMs, undefined, { background: true })
    }
    this.#isWriting = false
  }
}
