import { asRecord, field, readId } from '../read.ts'

/**
 * The filter that subscribes to tasks, each named once: the `notifications` of a `subscriptions/listen` request.
 *
 * Source: SEP-2663, `TaskSubscriptionNotifications`.
 */
export function listenFilter(taskIds: readonly string[]): { readonly taskIds: readonly string[] } {
  return { taskIds: [...new Set(taskIds)] }
}

/**
 * The tasks that a filter names: of a `subscriptions/listen` request, or of its acknowledgement, where those that
 * will not be pushed are missing. Takes the filter itself, or the params that hold it.
 */
export function readListenFilter(value: unknown): readonly string[] {
  const holder = asRecord(value)
  const filter = asRecord(field(holder, 'notifications')) ?? holder
  const taskIds = field(filter, 'taskIds')
  return Array.isArray(taskIds) ? taskIds.filter((id: unknown) => readId(id) !== undefined) : []
}
