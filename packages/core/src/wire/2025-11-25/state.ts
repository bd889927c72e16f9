import { readTask } from '../read-task.ts'
import type { TaskState } from '../task-state.ts'
import { writeTask, type WireTask } from './task.ts'

/**
 * What the answer to `tasks/get` or `tasks/cancel` says: the snapshot alone.
 *
 * @param nowMs The time of reading, in milliseconds since the epoch.
 * @throws {MalformedMessageError} Thrown when it holds no task with an id and a known status.
 */
export function readState(result: unknown, nowMs?: number): TaskState {
  return { task: readTask(result, nowMs), questions: [], unreadable: [] }
}

/** The answer to `tasks/get` and `tasks/cancel`. The outcome only decides between `completed` and `failed`. */
export function writeState(state: Pick<TaskState, 'task' | 'outcome'>): WireTask {
  return writeTask(state.task, state.outcome)
}
