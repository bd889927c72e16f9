import { MalformedMessageError, type TaskState } from '@longcall/core'

/**
 * The state of the task that was asked for.
 *
 * @throws {MalformedMessageError} Thrown when it is another task's.
 */
export function ofTask(taskId: string, state: TaskState): TaskState {
  if (state.task.id === taskId) return state
  throw new MalformedMessageError('taskId', state.task.id, `${taskId}, which was asked for`)
}
