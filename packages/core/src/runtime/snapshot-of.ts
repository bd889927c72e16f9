import type { TaskRecord, TaskSummary } from '../store/task-record.ts'
import type { TaskQuestion, TaskSnapshot } from '../task/task-snapshot.ts'
import { isTerminal } from '../task/task-status.ts'

/** The task as its requestor may see it. */
export function snapshotOf(task: TaskRecord | TaskSummary, nowMs: number): TaskSnapshot {
  const { id, status, statusMessage, pollIntervalMs } = task
  return {
    id,
    status,
    ...(statusMessage !== undefined && { statusMessage }),
    createdAt: new Date(task.createdAtMs).toISOString(),
    lastUpdatedAt: new Date(task.updatedAtMs).toISOString(),
    ttlMs: actualTtl(task, nowMs),
    pollIntervalMs,
  }
}

/** The questions that the task waits for, in the order in which they were asked. */
export function openQuestions(task: TaskRecord): readonly TaskQuestion[] {
  return task.questions
    .filter(({ state }) => state === 'open')
    .map(({ key, method, params }) => ({ key, method, params }))
}

/** An open task outlives its ttl, up to its maximum: what it is told then is that it lives as long as it already has. */
function actualTtl({ status, ttlMs, maxTtlMs, createdAtMs }: TaskRecord | TaskSummary, nowMs: number): number | null {
  if (ttlMs === null || isTerminal(status)) return ttlMs
  const lived = Math.max(ttlMs, nowMs - createdAtMs + 1)
  return maxTtlMs === null ? lived : Math.min(lived, maxTtlMs)
}
