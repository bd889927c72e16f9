import { LongcallError } from '../errors/longcall-error.ts'

/**
 * Where a task is in its life.
 *
 * `working` and `input_required` alternate; the other three are final.
 *
 * - `working → input_required`: the receiver asked something of the requestor.
 * - `input_required → working`: every open question was answered.
 * - any open status `→ completed | failed | cancelled`, once. A late report never reopens a task.
 *
 * A write of the same status is no move: it may change the message of an open task, and nothing of a final one.
 *
 * Source: specification 2025-11-25, Tasks, "Task Status Lifecycle"; SEP-2663 keeps the same five.
 */
export type TaskStatus = 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled'

/** A status that a task never leaves. */
export type TerminalStatus = 'completed' | 'failed' | 'cancelled'

/** Every status, in the order of a task's life. */
export const taskStatuses = ['working', 'input_required', 'completed', 'failed', 'cancelled'] as const

const moves: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  working: ['input_required', 'completed', 'failed', 'cancelled'],
  input_required: ['working', 'completed', 'failed', 'cancelled'],
  completed: [],
  failed: [],
  cancelled: [],
}

/** Whether `status` is final: `completed`, `failed` or `cancelled`. */
export function isTerminal(status: TaskStatus): status is TerminalStatus {
  return moves[status].length === 0
}

/** The statuses that a task may still leave. */
export const openStatuses: readonly TaskStatus[] = taskStatuses.filter((status) => !isTerminal(status))

/** Whether a task may go from one status to the other. */
export function canTransition(from: TaskStatus, to: TaskStatus): boolean {
  return moves[from].includes(to)
}

/**
 * The status that a task goes to: the one door through which a status changes, here and in every store.
 *
 * @throws {IllegalTransitionError} Thrown when the move is not in the table.
 */
export function move<S extends TaskStatus>(taskId: string, from: TaskStatus, to: S): S {
  if (!canTransition(from, to)) throw new IllegalTransitionError(taskId, from, to)
  return to
}

/**
 * The same task in another status, last updated at `at`.
 *
 * `lastUpdatedAt` strictly increases, also when the clock stands still or goes back.
 *
 * @throws {IllegalTransitionError} Thrown when the move is not in the table.
 */
export function transition<T extends Transitioning>(
  task: T,
  to: TaskStatus,
  at: Date,
  statusMessage?: string,
): T & { readonly status: TaskStatus } {
  const { statusMessage: _last, ...rest } = task
  return {
    ...(rest as T),
    status: move(task.id, task.status, to),
    lastUpdatedAt: later(task.lastUpdatedAt, at),
    ...(statusMessage !== undefined && { statusMessage }),
  }
}

/** What {@link transition} needs to know of a task. */
export interface Transitioning {
  readonly id: string
  readonly status: TaskStatus
  readonly statusMessage?: string
  readonly lastUpdatedAt: string
}

/** Thrown when a task is told to make a move that its life does not have. */
export class IllegalTransitionError extends LongcallError {
  override readonly name = 'IllegalTransitionError'
  readonly from: TaskStatus
  readonly to: TaskStatus

  constructor(taskId: string, from: TaskStatus, to: TaskStatus) {
    const why = isTerminal(from) ? `it is ${from}, which is final` : `a task cannot go from ${from} to ${to}`
    super('illegal_transition', `Task ${taskId} cannot become ${to}: ${why}.`)
    this.from = from
    this.to = to
  }
}

function later(previous: string, at: Date): string {
  const last = Date.parse(previous)
  return new Date(Number.isNaN(last) ? at.getTime() : Math.max(at.getTime(), last + 1)).toISOString()
}
