import { LongcallError } from './longcall-error.ts'

/**
 * Thrown when a body goes on with a task that is no longer its to run: it ended otherwise, another process took it, or may
 * have, because the store could not be reached for as long as the lease lasted. Its signal aborts with this, too.
 */
export class LeaseLostError extends LongcallError {
  override readonly name = 'LeaseLostError'
  readonly taskId: string

  constructor(taskId: string, tool: string, why: 'taken' | 'unreachable' = 'taken') {
    const because =
      why === 'taken'
        ? 'it has ended, or another process took it'
        : 'the store could not be reached for as long as its lease lasted, and another process may have taken it'
    super('lease_lost', `Task ${taskId} of ${quote(tool)} is no longer run here: ${because}.`)
    this.taskId = taskId
  }
}

/** Thrown when a body ran longer than its `timeoutMs`: its signal aborts with this. */
export class TaskTimeoutError extends LongcallError {
  override readonly name = 'TaskTimeoutError'
  /** `undefined` in a call that is answered at once. */
  readonly taskId: string | undefined
  readonly timeoutMs: number

  constructor(taskId: string | undefined, tool: string, timeoutMs: number) {
    const what = taskId === undefined ? 'The call' : `Task ${taskId}`
    super('task_timeout', `${what} of ${quote(tool)} ran longer than its timeoutMs of ${timeoutMs} ms.`)
    this.taskId = taskId
    this.timeoutMs = timeoutMs
  }
}

/** Thrown when a body is stopped because its process shuts down and cannot wait for it: its signal aborts with this. */
export class ShutdownError extends LongcallError {
  override readonly name = 'ShutdownError'
  readonly taskId: string

  constructor(taskId: string, tool: string) {
    super('shutdown', `Task ${taskId} of ${quote(tool)} was stopped: its process shuts down.`)
    this.taskId = taskId
  }
}

/** Thrown when nobody answered a question in time. */
export class QuestionTimeoutError extends LongcallError {
  override readonly name = 'QuestionTimeoutError'
  /** `undefined` in a call that is answered at once. */
  readonly taskId: string | undefined

  constructor(taskId: string | undefined, key: string, timeoutMs: number) {
    const whose = taskId === undefined ? 'the call' : `task ${taskId}`
    super('question_timeout', `Question ${key} of ${whose} was not answered within ${timeoutMs} ms.`)
    this.taskId = taskId
  }
}

/** Thrown when an owner has as many open tasks as one may have. */
export class TaskLimitError extends LongcallError {
  override readonly name = 'TaskLimitError'
  readonly maxOpen: number

  constructor(tool: string, maxOpen: number) {
    super(
      'task_limit',
      `${quote(tool)} was not started: ${maxOpen} tasks of the caller are still open, which is the most there may be. Wait for one, or cancel one.`,
    )
    this.maxOpen = maxOpen
  }
}

/** Thrown when a name is used that no body was given for. */
export class UnknownToolError extends LongcallError {
  override readonly name = 'UnknownToolError'

  constructor(tool: string) {
    super('unknown_tool', `There is no task tool ${quote(tool)}.`)
  }
}

function quote(tool: string): string {
  return JSON.stringify(tool)
}
