import { LongcallError } from '../errors/longcall-error.ts'
import type { EngineSlot, EngineTask, EngineWorker, TaskEngine } from './task-engine.ts'

/**
 * Runs tasks in this process, in the order in which they were submitted, `concurrency` at once.
 *
 * A task that waits for a person gives its place to the next, and gets one again before those that have not begun.
 */
export class InProcessEngine implements TaskEngine {
  readonly #concurrency: number
  readonly #queue: EngineTask[] = []
  readonly #queued = new Set<string>()
  /** Parked bodies that want to go on: they come before the queue. */
  readonly #returning: (() => void)[] = []
  readonly #handedOut = new Set<Promise<void>>()
  #free: number
  #worker: EngineWorker | undefined
  #isStopped = false

  /** @param options.concurrency How many bodies run at once; 64 by default. */
  constructor(options: { readonly concurrency?: number } = {}) {
    this.#concurrency = options.concurrency ?? 64
    if (!(this.#concurrency >= 1)) throw new RangeError(`concurrency must be 1 or more, but is ${this.#concurrency}.`)
    this.#free = this.#concurrency
  }

  async submit(task: EngineTask): Promise<void> {
    if (this.#isStopped || this.#queued.has(task.id)) return
    this.#queued.add(task.id)
    this.#queue.push(task)
    this.#fill()
  }

  async start(worker: EngineWorker): Promise<void> {
    if (this.#worker !== undefined) {
      const why = 'This engine hands out tasks already: a backend belongs to one runtime. Several may share a store.'
      throw new LongcallError('engine_started', why)
    }
    this.#worker = worker
    this.#fill()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#queue.length = 0
    this.#queued.clear()
    while (this.#handedOut.size > 0) await Promise.all(this.#handedOut)
  }

  #fill(): void {
    while (this.#free > 0) {
      const goOn = this.#returning.shift()
      if (goOn !== undefined) {
        this.#free -= 1
        goOn()
        continue
      }
      const worker = this.#worker
      const id = worker === undefined ? undefined : this.#next(worker)
      if (worker === undefined || id === undefined) return
      this.#free -= 1
      const running = this.#run(worker, id).then(() => void this.#handedOut.delete(running))
      this.#handedOut.add(running)
    }
  }

  /** The next task that is known here; others are dropped, and stay in the store for a process that knows them. */
  #next({ namespace, tools }: EngineWorker): string | undefined {
    for (let task = this.#queue.shift(); task !== undefined; task = this.#queue.shift()) {
      this.#queued.delete(task.id)
      if (task.namespace === namespace && tools().includes(task.tool)) return task.id
    }
    return undefined
  }

  async #run(worker: EngineWorker, id: string): Promise<void> {
    const slot = new Slot(this)
    try {
      await worker.run(id, slot)
    } catch {
      // A worker never rejects. One that does is done with its task, and the others go on.
    } finally {
      slot.end()
    }
  }

  /** Gives a place to whoever is next. */
  give(): void {
    this.#free += 1
    this.#fill()
  }

  /** Resolves with a place. */
  take(): Promise<void> {
    return new Promise((resolve) => {
      this.#returning.push(resolve)
      this.#fill()
    })
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
