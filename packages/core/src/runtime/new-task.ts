import { toJsonObject } from '../json/json.ts'
import type { CrashPolicy, NewTask, TaskRequest } from '../store/task-record.ts'
import { generateTaskId } from '../task/task-id.ts'
import { grantTtl } from '../task/ttl.ts'
import type { TaskLimits } from './runtime-options.ts'

/** What is asked for when a task is started. */
export interface StartRequest {
  readonly tool: string
  readonly owner: string
  /** The owner by default. */
  readonly quota?: string
  readonly arguments: unknown
  readonly request?: Omit<TaskRequest, 'arguments'>
  /** How long the requestor wants the task kept. */
  readonly ttlMs?: number
  readonly pollIntervalMs: number
  readonly id?: string
}

/**
 * The record of a task to be, within the limits.
 *
 * @throws {TooLargeError} Thrown when the arguments are larger than their limit.
 */
export function newTask(
  { tool, owner, quota = owner, request, ttlMs, pollIntervalMs, id = generateTaskId(), ...rest }: StartRequest,
  { namespace, limits }: { readonly namespace: string; readonly limits: TaskLimits },
  { onCrash, maxAttempts }: { readonly onCrash: CrashPolicy; readonly maxAttempts: number },
): NewTask {
  const args = toJsonObject(rest.arguments, `the arguments of ${JSON.stringify(tool)}`, limits.maxArgumentBytes)
  return {
    id,
    namespace,
    owner,
    quota,
    tool,
    // Frozen, the store need not copy it.
    request: Object.freeze({ ...request, arguments: args }),
    ttlMs: grantTtl(ttlMs, { defaultMs: limits.ttlMs, maxMs: limits.maxTtlMs }),
    maxTtlMs: limits.maxTtlMs,
    pollIntervalMs,
    onCrash,
    maxAttempts: onCrash === 'fail' ? 1 : maxAttempts,
    hidden: false,
  }
}
