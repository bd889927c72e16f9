import type { TaskSnapshot } from '../../task/task-snapshot.ts'
import type { TaskStatus } from '../../task/task-status.ts'
import { wireMs } from '../write.ts'

export { readTask } from '../read-task.ts'

/** A task on the 2026-07-28 wire. Source: SEP-2663, `Task`. */
export type WireTask = {
  readonly taskId: string
  readonly status: TaskStatus
  readonly statusMessage?: string
  readonly createdAt: string
  readonly lastUpdatedAt: string
  readonly ttlMs: number | null
  readonly pollIntervalMs?: number
}

/** The task as 2026-07-28 words it; durations are rounded up to whole milliseconds. */
export function writeTask(task: TaskSnapshot): WireTask {
  const pollIntervalMs = wireMs(task.pollIntervalMs)
  return {
    taskId: task.id,
    status: task.status,
    ...(task.statusMessage !== undefined && { statusMessage: task.statusMessage }),
    createdAt: task.createdAt,
    lastUpdatedAt: task.lastUpdatedAt,
    ttlMs: wireMs(task.ttlMs) ?? null,
    ...(pollIntervalMs !== undefined && { pollIntervalMs }),
  }
}
