import type { TaskOutcome } from '../../task/task-outcome.ts'
import type { TaskSnapshot } from '../../task/task-snapshot.ts'
import type { TaskStatus } from '../../task/task-status.ts'
import { wireMs } from '../write.ts'

export { readTask } from '../read-task.ts'

/** A task on the 2025-11-25 wire. Source: schema 2025-11-25, `Task`. */
export type WireTask = {
  readonly taskId: string
  readonly status: TaskStatus
  readonly statusMessage?: string
  readonly createdAt: string
  readonly lastUpdatedAt: string
  readonly ttl: number | null
  readonly pollInterval?: number
}

/**
 * The task as 2025-11-25 words it; durations are rounded up to whole milliseconds.
 *
 * The outcome, when it is known, decides between `completed` and `failed`: here a tool's `isError` result is a failure.
 *
 * Source: specification 2025-11-25, Tasks, "Task Execution Errors".
 */
export function writeTask(task: TaskSnapshot, outcome?: TaskOutcome): WireTask {
  const pollInterval = wireMs(task.pollIntervalMs)
  return {
    taskId: task.id,
    status: wireStatus(task.status, outcome),
    ...(task.statusMessage !== undefined && { statusMessage: task.statusMessage }),
    createdAt: task.createdAt,
    lastUpdatedAt: task.lastUpdatedAt,
    ttl: wireMs(task.ttlMs) ?? null,
    ...(pollInterval !== undefined && { pollInterval }),
  }
}

function wireStatus(status: TaskStatus, outcome: TaskOutcome | undefined): TaskStatus {
  if (outcome === undefined || (status !== 'completed' && status !== 'failed')) return status
  return outcome.kind === 'result' && outcome.result['isError'] !== true ? 'completed' : 'failed'
}
