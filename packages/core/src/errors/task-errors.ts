import type { RpcErrorObject } from '../task/task-outcome.ts'
import type { TaskSnapshot } from '../task/task-snapshot.ts'
import { LongcallError } from './longcall-error.ts'

/** Thrown when a task ended in `failed` with a JSON-RPC error, or with nothing that says more than its message. */
export class TaskFailedError extends LongcallError {
  override readonly name = 'TaskFailedError'
  readonly taskId: string
  /** The JSON-RPC error that the task's request ended in, code and data kept; absent when the receiver kept none. */
  readonly rpcError: RpcErrorObject | undefined
  readonly snapshot: TaskSnapshot | undefined

  /** @param told What the receiver said of it elsewhere than in an error or a status message. */
  constructor(
    taskId: string,
    operation: string,
    rpcError: RpcErrorObject | undefined,
    snapshot?: TaskSnapshot,
    told?: string,
  ) {
    const reasons = new Set(
      [told, rpcError?.message, snapshot?.statusMessage].filter((reason) => reason !== undefined && reason !== ''),
    )
    const said = reasons.size === 0 ? 'the server gave no reason' : [...reasons].join('; ')
    const coded = rpcError === undefined ? '' : ` (JSON-RPC ${rpcError.code})`
    super('task_failed', `Task ${taskId} of ${operation} failed${coded}: ${said}`)
    this.taskId = taskId
    this.rpcError = rpcError
    this.snapshot = snapshot
  }
}

/** Thrown when the result of a cancelled task is wanted: it has none. */
export class TaskCancelledError extends LongcallError {
  override readonly name = 'TaskCancelledError'
  readonly taskId: string
  readonly snapshot: TaskSnapshot | undefined

  constructor(taskId: string, operation: string, snapshot?: TaskSnapshot) {
    const said = snapshot?.statusMessage === undefined ? '' : `: ${snapshot.statusMessage}`
    super('task_cancelled', `Task ${taskId} of ${operation} was cancelled${said}`)
    this.taskId = taskId
    this.snapshot = snapshot
  }
}

/** Thrown when the receiver does not know the task, and nothing seen here says that it should have expired. */
export class TaskNotFoundError extends LongcallError {
  override readonly name = 'TaskNotFoundError'
  readonly taskId: string

  constructor(taskId: string, operation: string, options?: ErrorOptions) {
    super(
      'task_not_found',
      `Task ${taskId} of ${operation} is not known to the server: it was never there, belongs to somebody else or another session, or was deleted.`,
      options,
    )
    this.taskId = taskId
  }
}

/** Thrown when a task is gone and, by its last snapshot and the local clock, its time to live has passed. */
export class TaskExpiredError extends LongcallError {
  override readonly name = 'TaskExpiredError'
  readonly taskId: string
  readonly snapshot: TaskSnapshot | undefined

  /** @param ttlMs The time to live that has passed, in milliseconds. */
  constructor(taskId: string, operation: string, ttlMs: number, snapshot?: TaskSnapshot, options?: ErrorOptions) {
    const seen = snapshot === undefined ? '' : `; it was last seen ${snapshot.status}`
    super(
      'task_expired',
      `Task ${taskId} of ${operation} is gone: its time to live of ${ttlMs} ms has passed${seen}. A 2025-11-25 server can be asked for a longer one with task: { ttlMs }.`,
      options,
    )
    this.taskId = taskId
    this.snapshot = snapshot
  }
}
