import type { TaskState } from '../task-state.ts'
import { writeState } from './state.ts'
import type { WireTask } from './task.ts'

export { readState as readNotification } from './state.ts'

/** The method that pushes a task's status; optional, so never to be relied on. */
export const taskNotification = 'notifications/tasks/status'

/**
 * The notification of a task's status.
 *
 * It carries no related-task metadata. Source: specification 2025-11-25, Tasks, "Task Notifications".
 */
export function writeNotification(state: Pick<TaskState, 'task' | 'outcome'>): {
  readonly method: typeof taskNotification
  readonly params: WireTask
} {
  return { method: taskNotification, params: writeState(state) }
}
