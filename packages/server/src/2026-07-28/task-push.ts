import { changedFrom, isTerminal, type TaskRecord } from '@longcall/core'
import { writeNotification } from '@longcall/core/wire/2026-07-28'
import type { TaskService } from '../calls/task-service.ts'
import { isVisibleChange } from '../calls/visible-change.ts'
import { stateOf } from './task-state.ts'

/** How many tasks one subscription may name; the rest is missing from its acknowledgement. */
const mostTasksPerSubscription = 1_000

/** Those of the tasks that the owner may see, as they are now: what a subscription is granted. */
export async function visibleTasks(
  { runtime }: TaskService,
  taskIds: readonly string[],
  owner: string,
): Promise<readonly TaskRecord[]> {
  const ids = [...new Set(taskIds)].slice(0, mostTasksPerSubscription)
  const tasks = await Promise.all(ids.map((id) => runtime.get(id, owner)))
  return tasks.filter((task) => task !== undefined && !task.hidden) as TaskRecord[]
}

/**
 * Sends each change of these tasks to one subscription, until the signal aborts. What changed since they were looked at is
 * sent at once.
 */
export function pushTasks(
  { runtime }: TaskService,
  tasks: readonly TaskRecord[],
  subscriptionId: string | number,
  send: (notification: ReturnType<typeof writeNotification>) => void,
  signal: AbortSignal,
): void {
  // One signal for each task: a signal that a thousand listen to is taken for a leak.
  const overs = tasks.map(() => new AbortController())
  const end = (): void => overs.forEach((over) => over.abort(signal.reason))
  if (signal.aborted) end()
  else signal.addEventListener('abort', end, { once: true })
  const push = async (task: TaskRecord, over: AbortSignal): Promise<void> => {
    for (let sent = task; !isTerminal(sent.status);) {
      const now = await runtime.until(task.id, (seen) => changedFrom(sent, seen), { signal: over })
      if (now === 'gone') return
      if (isVisibleChange(sent, now)) send(writeNotification(stateOf(now, runtime), subscriptionId))
      sent = now
    }
  }
  // It ends with the subscription, or because the store is out of reach: then the client polls.
  for (const [index, task] of tasks.entries()) push(task, overs[index]!.signal).catch(() => {})
}
