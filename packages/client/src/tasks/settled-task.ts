import {
  generateTaskId,
  systemClock,
  LongcallError,
  type Clock,
  type TaskQuestion,
  type TaskSnapshot,
} from '@longcall/core'
import { nameTask, type Operation } from './operation.ts'
import type { SettledReference } from './task-reference.ts'
import type { TaskEnding, TaskSource, TaskWatcher } from './task-source.ts'

/** A call that the server did not run as a task: completed, under an id of this client's own. */
export class SettledTask implements TaskSource {
  readonly taskId: string
  readonly operation: Operation
  readonly reference: SettledReference
  readonly latest: TaskSnapshot
  readonly clock: Clock = systemClock

  constructor(reference: SettledReference) {
    this.taskId = reference.taskId
    this.operation = reference.operation
    this.reference = reference
    const { createdAt, taskId: id } = reference
    this.latest = { id, status: 'completed', createdAt, lastUpdatedAt: createdAt, ttlMs: null }
  }

  /** Keeps the result of a call that has just been answered. */
  static of(operation: Operation, result: Readonly<Record<string, unknown>>, now: Date): SettledTask {
    return new SettledTask({
      longcall: 1,
      kind: 'settled',
      taskId: `local-${generateTaskId()}`,
      operation,
      createdAt: now.toISOString(),
      result,
    })
  }

  status(): Promise<TaskSnapshot> {
    return Promise.resolve(this.latest)
  }

  watch(watcher: TaskWatcher): () => void {
    queueMicrotask(() => watcher.ended?.(this.latest))
    return () => {}
  }

  ending(): Promise<TaskEnding> {
    return Promise.resolve({ kind: 'result', result: this.reference.result, snapshot: this.latest })
  }

  cancel(): Promise<TaskSnapshot> {
    return Promise.resolve(this.latest)
  }

  questions(): readonly TaskQuestion[] {
    return []
  }

  answer(key: string): Promise<void> {
    const name = nameTask(this.taskId, this.operation)
    return Promise.reject(
      new LongcallError(
        'unknown_question',
        `${name}: no question ${JSON.stringify(key)} waits for an answer; the call was answered at once.`,
      ),
    )
  }

  busy(): boolean {
    return false
  }
}
