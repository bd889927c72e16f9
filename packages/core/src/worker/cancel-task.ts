import { RpcError, rpcErrorCodes } from '../errors/rpc-error.ts'
import { notFoundError } from '../runtime/told-error.ts'
import { snapshotOf } from '../runtime/snapshot-of.ts'
import { defaultLimits } from '../runtime/runtime-options.ts'
import { openStatuses } from '../task/task-status.ts'
import type { TaskStore } from '../store/task-store.ts'
import type { TaskSnapshot } from '../task/task-snapshot.ts'

/**
 * Cancels an open task, and gives it as it is then. What its body still brings is refused by the store.
 *
 * Source: specification 2025-11-25, Tasks, "Task Cancellation".
 *
 * @throws {RpcError} Thrown with -32602 when the task is not there (`Task not found: …`) or has ended already
 * (`Cannot cancel task in terminal state '…'`).
 */
export async function cancelTask(store: TaskStore, id: string): Promise<TaskSnapshot> {
  const ending = { status: 'cancelled', retentionMs: defaultLimits.retentionMs } as const
  const result = await store.end(id, ending, { from: openStatuses })
  if (result.kind === 'missing') throw notFoundError(id)
  if (result.kind === 'written') return snapshotOf(result.task, result.task.updatedAtMs)
  const message = `Cannot cancel task in terminal state '${result.task.status}'`
  throw new RpcError(rpcErrorCodes.invalidParams, message)
}
