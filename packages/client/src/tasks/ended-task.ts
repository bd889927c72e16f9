import { LongcallError, type Clock, type TaskQuestion, type TaskSnapshot } from '@longcall/core'
import { nameTask, type Operation } from './operation.ts'
import type { RunningReference } from './task-reference.ts'
import type { TaskKeeper } from './task-keeper.ts'
import type { TaskEnding, TaskSource, TaskWatcher } from './task-source.ts'

/** A task whose outcome is kept here: the server, which may have forgotten it, is not asked. */
export class EndedTask implements TaskSource {
  readonly taskId: string
  readonly operation: Operation
  readonly reference: RunningReference
  readonly clock: Clock
  readonly keeper: TaskKeeper
  readonly latest: TaskSnapshot
  readonly #ending: TaskEnding

  constructor(reference: RunningReference, ending: TaskEnding, clock: Clock, keeper: TaskKeeper) {
    this.taskId = reference.taskId
    this.operation = reference.operation
    this.reference = reference
    this.clock = clock
    this.keeper = keeper
    this.latest = ending.snapshot
    this.#ending = ending
  }

  status(): Promise<TaskSnapshot> {
    return Promise.resolve(this.latest)
  }

  watch(watcher: TaskWatcher): () => void {
    queueMicrotask(() => watcher.ended?.(this.latest))
    return () => {}
  }

  ending(): Promise<TaskEnding> {
    return Promise.resolve(this.#ending)
  }

  cancel(): Promise<TaskSnapshot> {
    return Promise.resolve(this.latest)
  }

  questions(): readonly TaskQuestion[] {
    return []
  }

  answer(key: string): Promise<void> {
    const name = nameTask(this.taskId, this.operation)
    const message = `${name}: no question ${JSON.stringify(key)} waits for an answer; the task ended.`
    return Promise.reject(new LongcallError('unknown_question', message))
  }

  busy(): boolean {
    return false
  }
}
