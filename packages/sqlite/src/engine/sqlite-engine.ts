import type { EngineTask, EngineWorker, TaskEngine } from '@longcall/core'
import { defaultConcurrency, EnginePlaces, engineStartedError } from '@longcall/core/backend'
import type { OpenedFile } from '../file/opened-file.ts'
import { isAnyWaiting, isWaiting, putWork, takeWork } from './work-rows.ts'

/**
 * Runs tasks in the processes that share a file, `concurrency` at once in each.
 *
 * What this process can run at once, it runs; the rest waits in the file for whichever is free first, in the order in which
 * it was submitted. A task that waits for a person gives its place to the next.
 */
export class SqliteEngine implements TaskEngine {
  readonly #file: OpenedFile
  readonly #places: EnginePlaces
  #worker: EngineWorker | undefined
  #stopListening: (() => void) | undefined
  #isStopped = false
  /** Tasks on their way into the file: others do not overtake them. */
  #putting = 0
  #isTaking = false
  #taken: Promise<void> = Promise.resolve()
  /** Whether there may be more than was seen when the last were taken. */
  #isMore = false

  /** @param options.concurrency How many bodies run at once in this process; 64 by default. */
  constructor(file: OpenedFile, options: { readonly concurrency?: number } = {}) {
    this.#file = file
    this.#places = new EnginePlaces(options.concurrency ?? defaultConcurrency, () => this.#fill())
  }

  async submit(task: EngineTask): Promise<void> {
    const worker = this.#isStopped ? undefined : this.#worker
    const isQueueEmpty = this.#putting === 0 && !this.#isTaking
    if (worker !== undefined && isQueueEmpty && this.#places.free > 0 && knows(worker, task)) {
      this.#places.run(worker, task.id)
      return
    }
    this.#putting += 1
    try {
      // A sweep submits all that waits, again and again: no write where there is nothing to be written.
      const isThere = await this.#file.read((prepare) => isWaiting(prepare, task))
      if (!isThere) await this.#file.write(() => putWork(this.#file, task))
    } finally {
      this.#putting -= 1
      this.#fill()
    }
  }

  async start(worker: EngineWorker): Promise<void> {
    if (this.#worker !== undefined) throw engineStartedError()
    this.#worker = worker
    this.#stopListening = this.#file.onForeignWrite(() => this.#fill())
    this.#fill()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#stopListening?.()
    await this.#taken
    await this.#places.untilEmpty()
  }

  #fill(): void {
    this.#isMore = true
    if (!this.#isTaking) this.#taken = this.#take()
  }

  /** Runs what waits, as long as there are places. */
  async #take(): Promise<void> {
    this.#isTaking = true
    try {
      while (this.#isMore && !this.#isStopped && this.#worker !== undefined && this.#places.free > 0) {
        this.#isMore = false
        for (const id of await this.#next(this.#worker)) {
          this.#isMore = true
          this.#places.run(this.#worker, id)
        }
      }
    } catch {
      // A file that cannot be read or written now is looked at again: the runtime's sweep submits what still waits.
    } finally {
      this.#isTaking = false
    }
  }

  async #next({ namespace, tools }: EngineWorker): Promise<readonly string[]> {
    const wanted = { namespace, tools: tools() }
    if (!(await this.#file.read((prepare) => isAnyWaiting(prepare, wanted)))) return []
    // By then, a body may have gone on at a place that was free.
    return this.#file.write(() =>
      takeWork(this.#file, wanted, this.#isStopped ? 0 : Math.min(this.#places.free, longestTake)),
    )
  }
}

/** How many are taken at once: what one process takes, others cannot. */
const longestTake = 100

function knows({ namespace, tools }: EngineWorker, task: EngineTask): boolean {
  return task.namespace === namespace && tools().includes(task.tool)
}
