import type { Clock, TaskQuestion, TaskSnapshot } from '@longcall/core'
import type { RequestOptions } from '../connection/connection.ts'
import type { TaskDriver } from './task-driver.ts'
import type { Operation } from './operation.ts'
import type { RunningReference } from './task-reference.ts'
import type { TaskEnding, TaskSource, TaskWatcher } from './task-source.ts'

/** A task picked up by its reference: nothing is sent, and no session opened, before it is first used. */
export class ResumedTask implements TaskSource {
  readonly taskId: string
  readonly operation: Operation
  readonly clock: Clock
  readonly #reference: RunningReference
  readonly #open: () => Promise<TaskDriver>
  #opening: Promise<TaskDriver> | undefined
  #driver: TaskDriver | undefined

  constructor(reference: RunningReference, clock: Clock, open: () => Promise<TaskDriver>) {
    this.taskId = reference.taskId
    this.operation = reference.operation
    this.clock = clock
    this.#reference = reference
    this.#open = open
  }

  get reference(): RunningReference {
    return { ...(this.#driver?.reference ?? this.#reference), operation: this.operation }
  }

  get latest(): TaskSnapshot | undefined {
    return this.#driver?.latest
  }

  async status(options: RequestOptions): Promise<TaskSnapshot> {
    return (await this.#opened()).status(options)
  }

  watch(watcher: TaskWatcher): () => void {
    let unwatch: (() => void) | undefined
    let given = false
    this.#opened().then(
      (driver) => {
        if (!given) unwatch = driver.watch(watcher)
      },
      (error: Error) => {
        if (!given) watcher.failed?.(error)
      },
    )
    return () => {
      given = true
      unwatch?.()
    }
  }

  async ending(): Promise<TaskEnding> {
    return (await this.#opened()).ending()
  }

  async cancel(options: RequestOptions): Promise<TaskSnapshot> {
    return (await this.#opened()).cancel(options)
  }

  questions(): readonly TaskQuestion[] {
    return this.#driver?.questions() ?? []
  }

  async answer(key: string, answer: object): Promise<void> {
    return (await this.#opened()).answer(key, answer)
  }

  busy(): boolean {
    return this.#driver?.busy() ?? false
  }

  #opened(): Promise<TaskDriver> {
    this.#opening ??= this.#open().then(
      (driver) => {
        this.#driver = driver
        return driver
      },
      (error: unknown) => {
        this.#opening = undefined
        throw error
      },
    )
    return this.#opening
  }
}
