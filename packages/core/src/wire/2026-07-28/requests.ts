/** The request for all that is known of a task; it answers at once. */
export function getTask(taskId: string): {
  readonly method: 'tasks/get'
  readonly params: { readonly taskId: string }
} {
  return { method: 'tasks/get', params: { taskId } }
}

/** The request to cancel a task. It is acknowledged before the task has stopped. */
export function cancelTask(taskId: string): {
  readonly method: 'tasks/cancel'
  readonly params: { readonly taskId: string }
} {
  return { method: 'tasks/cancel', params: { taskId } }
}

/**
 * The request that answers questions of a task, each under the key of its question.
 *
 * Source: SEP-2663, `UpdateTaskRequest`.
 */
export function updateTask(
  taskId: string,
  answers: Readonly<Record<string, unknown>>,
): {
  readonly method: 'tasks/update'
  readonly params: { readonly taskId: string; readonly inputResponses: Readonly<Record<string, unknown>> }
} {
  return { method: 'tasks/update', params: { taskId, inputResponses: { ...answers } } }
}
