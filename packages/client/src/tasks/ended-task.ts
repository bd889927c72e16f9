import { LongcallError, type Clock, type TaskQuestion, type TaskSnapshot } from '@longcall/core'
import { nameTask, type Operation } from './operation.ts'
import type { TaskKeeper } from './task-keeper.ts'
import type { TaskReference } from './task-reference.ts'
import type { TaskEnding, TaskSource, TaskWatcher } from './task-source.ts'

/** A task whose outcome is here: the server, which may have forgotten it or never ran it as one, is not asked. */
export class EndedTask implements TaskSource {
  readonly taskId: string
  readonly operation: Operation
  readonly reference: TaskReference
  readonly clock: Clock
  readonly keeper: TaskKeeper
  readonly latest: TaskSnapshot
  readonly #ending: TaskEnding

  constructor({ reference, ending, clock, keeper }: EndedParts) {
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
    const why = this.reference.kind === 'settled' ? 'the call was answered at once' : 'the task ended'
    const message = `${name}: no question ${JSON.stringify(key)} waits for an answer; ${why}.`
    return Promise.reject(new LongcallError('unknown_question', message))
  }

  busy(): boolean {
    return false
  }
}

/** What an {@link EndedTask} is made of. */
export interface EndedParts {
  readonly reference: TaskReference
  readonly ending: TaskEnding
  readonly clock: Clock
  readonly keeper: TaskKeeper
}
