import { defaultConcurrency, EnginePlaces, engineStartedError } from './engine-places.ts'
import type { EngineTask, EngineWorker, TaskEngine } from './task-engine.ts'

/**
 * Runs tasks in this process, in the order in which they were submitted, `concurrency` at once.
 *
 * A task that waits for a person gives its place to the next, and gets one again before those that have not begun.
 */
export class InProcessEngine implements TaskEngine {
  readonly #places: EnginePlaces
  readonly #queue: EngineTask[] = []
  readonly #queued = new Set<string>()
  #worker: EngineWorker | undefined
  #isStopped = false

  /** @param options.concurrency How many bodies run at once; 64 by default. */
  constructor(options: { readonly concurrency?: number } = {}) {
    this.#places = new EnginePlaces(options.concurrency ?? defaultConcurrency, () => this.#fill())
  }

  async submit(task: EngineTask): Promise<void> {
    if (this.#isStopped || this.#queued.has(task.id)) return
    this.#queued.add(task.id)
    this.#queue.push(task)
    this.#fill()
  }

  async start(worker: EngineWorker): Promise<void> {
    if (this.#worker !== undefined) throw engineStartedError()
    this.#worker = worker
    this.#fill()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#queue.length = 0
    this.#queued.clear()
    await this.#places.untilEmpty()
  }

  #fill(): void {
    while (this.#worker !== undefined && this.#places.free > 0) {
      const id = this.#next(this.#worker)
      if (id === undefined) return
      this.#places.run(this.#worker, id)
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
}
