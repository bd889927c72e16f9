import { LongcallError } from '../errors/longcall-error.ts'
import type { EngineSlot, EngineWorker } from './task-engine.ts'

/** How many bodies run at once where nothing is said. */
export const defaultConcurrency = 64

/** What an engine throws that is started a second time. */
export function engineStartedError(): LongcallError {
  const why = 'This engine hands out tasks already: a backend belongs to one runtime. Several may share a store.'
  return new LongcallError('engine_started', why)
}

/**
 * The places at which bodies run in this process, so many at once. A body that waits for a person gives its place away, and
 * gets one again before those that have not begun.
 */
export class EnginePlaces {
  readonly #onFree: () => void
  /** Parked bodies that want to go on: they come before others. */
  readonly #returning: (() => void)[] = []
  readonly #running = new Set<Promise<void>>()
  #free: number

  /** @param onFree Called when a place is free and nobody wants to return to it. */
  constructor(concurrency: number, onFree: () => void) {
    if (!Number.isInteger(concurrency) || concurrency < 1) {
      throw new RangeError(`concurrency must be a whole number, 1 or more, but is ${String(concurrency)}.`)
    }
    this.#free = concurrency
    this.#onFree = onFree
  }

  /** How many more tasks can begin. */
  get free(): number {
    return this.#free
  }

  /** Runs a task at a free place. */
  run(worker: EngineWorker, id: string): void {
    this.#free -= 1
    const running = this.#run(worker, id).then(() => void this.#running.delete(running))
    this.#running.add(running)
  }

  /** Resolves when nothing runs. */
  async untilEmpty(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  async #run(worker: EngineWorker, id: string): Promise<void> {
    const slot = new Slot({ give: () => this.#give(), take: () => this.#take() })
    try {
      await worker.run(id, slot)
    } catch {
      // A worker never rejects. One that does is done with its task, and the others go on.
    } finally {
      slot.end()
    }
  }

  #give(): void {
    this.#free += 1
    this.#fill()
  }

  /** Resolves with a place. */
  #take(): Promise<void> {
    return new Promise((resolve) => {
      this.#returning.push(resolve)
      this.#fill()
    })
  }

  #fill(): void {
    while (this.#free > 0) {
      const goOn = this.#returning.shift()
      if (goOn === undefined) return this.#onFree()
      this.#free -= 1
      goOn()
    }
  }
}

/** A body's place: it has one as long as none of its waits is under way. */
class Slot implements EngineSlot {
  readonly #places: { give(): void; take(): Promise<void> }
  #waits = 0
  #isHeld = true
  #isOver = false
  #taking: Promise<void> | undefined

  constructor(places: { give(): void; take(): Promise<void> }) {
    this.#places = places
  }

  async park<T>(wait: () => Promise<T>): Promise<T> {
    this.#waits += 1
    this.#settle()
    try {
      return await wait()
    } finally {
      this.#waits -= 1
      if (this.#waits === 0 && !this.#isHeld && !this.#isOver) await (this.#taking ??= this.#take())
    }
  }

  end(): void {
    this.#isOver = true
    this.#settle()
  }

  async #take(): Promise<void> {
    await this.#places.take()
    this.#taking = undefined
    this.#isHeld = true
    this.#settle()
  }

  /** Gives the place back when the body waits, or is over. */
  #settle(): void {
    if (!this.#isHeld || (this.#waits === 0 && !this.#isOver)) return
    this.#isHeld = false
    this.#places.give()
  }
}
