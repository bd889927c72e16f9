import { LongcallError, type TaskSnapshot } from '@longcall/core'
import type { TaskReference } from '../tasks/task-reference.ts'

/** Thrown when a wait for a task was given up here. The task runs on: {@link reference} picks it up again. */
export class WaitTimeoutError extends LongcallError {
  override readonly name = 'WaitTimeoutError'
  /** `total`: the wait's own time was up. `idle`: nothing was heard of the task for that long. */
  readonly limit: 'total' | 'idle'
  /** Give it to `client.tasks.resume()`. */
  declare readonly reference: TaskReference
  readonly snapshot: TaskSnapshot | undefined

  constructor(about: WaitedTask, limit: 'total' | 'idle', ms: number) {
    const why = limit === 'total' ? `gave up after ${ms} ms` : `heard nothing of it for ${ms} ms`
    super(
      'wait_timeout',
      `${about.name}: ${why}. The task was not cancelled and may still be running; resume it by error.reference.`,
    )
    this.limit = limit
    hide(this, about.reference)
    this.snapshot = about.snapshot
  }
}

/** Thrown when the caller's signal ended a wait for a task. The task runs on: {@link reference} picks it up again. */
export class WaitAbortedError extends LongcallError {
  override readonly name = 'WaitAbortedError'
  declare readonly reference: TaskReference
  readonly snapshot: TaskSnapshot | undefined

  constructor(about: WaitedTask, reason: unknown) {
    super(
      'wait_aborted',
      `${about.name}: the wait was aborted. The task was not cancelled and may still be running; resume it by error.reference.`,
      {
        cause: reason,
      },
    )
    hide(this, about.reference)
    this.snapshot = about.snapshot
  }
}

/**
 * Thrown when a wait cannot go on because the server cannot be asked any more: the connection closed, or the session is
 * gone. The task may run on: {@link reference} picks it up again on another connection.
 */
export class TaskUnreachableError extends LongcallError {
  override readonly name = 'TaskUnreachableError'
  declare readonly reference: TaskReference
  readonly snapshot: TaskSnapshot | undefined

  constructor(about: WaitedTask, cause: Error) {
    super(
      'task_unreachable',
      `${about.name}: its server cannot be asked any more (${cause.message}). The task was not cancelled; resume it by error.reference.`,
      { cause },
    )
    hide(this, about.reference)
    this.snapshot = about.snapshot
  }
}

/** Thrown when the task ended in a status that is not the one that `wait({ until })` waits for. */
export class WaitEndedError extends LongcallError {
  override readonly name = 'WaitEndedError'
  readonly snapshot: TaskSnapshot

  constructor(about: WaitedTask, snapshot: TaskSnapshot, until: string) {
    const said = snapshot.statusMessage === undefined ? '' : `: ${snapshot.statusMessage}`
    super('wait_ended', `${about.name} ended as ${snapshot.status} while ${until} was waited for${said}`)
    this.snapshot = snapshot
  }
}

/**
 * Thrown when a server's question cannot be answered here: there is no handler for it, the handler threw, or the question
 * cannot be read.
 *
 * The task stays open, and a question that can be read can still be answered with `task.answer()`.
 */
export class QuestionError extends LongcallError {
  override readonly name = 'QuestionError'
  /** Absent when the question was not asked by a task. */
  declare readonly reference: TaskReference | undefined

  declare readonly code: 'no_handler' | 'handler_failed' | 'unreadable'

  constructor(
    code: 'no_handler' | 'handler_failed' | 'unreadable',
    message: string,
    reference?: TaskReference,
    options?: ErrorOptions,
  ) {
    super(code, message, options)
    hide(this, reference)
  }
}

/** The task that a wait was about, as errors tell it. */
export interface WaitedTask {
  /** Reads as the beginning of a sentence: `Task 7f3c of "render"`. */
  readonly name: string
  readonly reference: TaskReference
  readonly snapshot: TaskSnapshot | undefined
}

/** Keeps the reference from what prints or serialises errors. */
function hide(error: Error, reference: TaskReference | undefined): void {
  Object.defineProperty(error, 'reference', { value: reference })
}
