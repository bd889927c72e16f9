import { snapshotOf, type JsonObject, type TaskRecord, type TaskState, type TaskSummary } from '@longcall/core'
import { summaryOf } from '@longcall/core/backend'
import { statusText } from '../calls/status-text.ts'

/** What a client may know of a task at once; a call that named no progress token reads its progress in the status message. */
export function stateOf(task: TaskRecord | TaskSummary, nowMs: number): Pick<TaskState, 'task' | 'outcome'> {
  const { isError } = 'request' in task ? summaryOf(task) : task
  const snapshot = snapshotOf(task, nowMs)
  const statusMessage = hasProgressToken(task) ? snapshot.statusMessage : statusText(task)
  return {
    task: { ...snapshot, ...(statusMessage !== undefined && { statusMessage }) },
    // All that is said of an outcome here is whether it makes the task a failed one.
    ...(isError && { outcome: { kind: 'result', result: { isError } } }),
  }
}

/** Whether progress notifications can be sent of the task. */
export function hasProgressToken(task: TaskRecord | TaskSummary): boolean {
  const meta: JsonObject | undefined = 'request' in task ? task.request.meta : task.meta
  return meta?.['progressToken'] !== undefined
}
