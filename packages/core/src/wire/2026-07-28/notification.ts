import { subscriptionIdMetaKey } from '../meta-keys.ts'
import type { TaskState } from '../task-state.ts'
import { writeDetailed, type WireDetailedTask } from './state.ts'

export { readState as readNotification } from './state.ts'

/** The method that pushes a task to the subscriptions that name it. */
export const taskNotification = 'notifications/tasks'

/**
 * The notification of a task on one subscription, named by the JSON-RPC id of its `subscriptions/listen` request.
 *
 * @throws {LongcallError} Thrown with the code `outcome_missing` when a completed task comes without its outcome.
 */
export function writeNotification(
  state: Omit<TaskState, 'unreadable'>,
  subscriptionId: string | number,
): {
  readonly method: typeof taskNotification
  readonly params: WireDetailedTask & { readonly _meta: { readonly [subscriptionIdMetaKey]: string | number } }
} {
  return {
    method: taskNotification,
    params: { ...writeDetailed(state), _meta: { [subscriptionIdMetaKey]: subscriptionId } },
  }
}
