import { MalformedMessageError } from '../../errors/malformed-message-error.ts'
import { asRecord } from '../read.ts'
import { wireMs } from '../write.ts'

/** The request for a task's status; it answers at once. */
export function getTask(taskId: string): {
  readonly method: 'tasks/get'
  readonly params: { readonly taskId: string }
} {
  return { method: 'tasks/get', params: { taskId } }
}

/** The request for a task's result; it answers when the task has ended, and brings the task's questions until then. */
export function taskResult(taskId: string): {
  readonly method: 'tasks/result'
  readonly params: { readonly taskId: string }
} {
  return { method: 'tasks/result', params: { taskId } }
}

/** The request to cancel a task. */
export function cancelTask(taskId: string): {
  readonly method: 'tasks/cancel'
  readonly params: { readonly taskId: string }
} {
  return { method: 'tasks/cancel', params: { taskId } }
}

/** The request for a page of the requestor's tasks: the first, without a cursor. */
export function listTasks(cursor?: string): {
  readonly method: 'tasks/list'
  readonly params?: { readonly cursor: string }
} {
  return cursor === undefined ? { method: 'tasks/list' } : { method: 'tasks/list', params: { cursor } }
}

/**
 * The params of a request that shall run as a task; all else in them is kept.
 *
 * `ttlMs` asks how long, from its creation, the receiver should keep the task. Without it, or when it is not a positive
 * finite number, the receiver chooses.
 *
 * Source: schema 2025-11-25, `TaskAugmentedRequestParams`.
 */
export function augment<P extends object>(
  params: P,
  options: { readonly ttlMs?: number } = {},
): P & { readonly task: { readonly ttl?: number } } {
  const ttl = wireMs(options.ttlMs) ?? 0
  return { ...params, task: ttl > 0 ? { ttl } : {} }
}

/**
 * That a request shall run as a task, and how long the requestor wants it kept; `undefined` where it shall not.
 *
 * @throws {MalformedMessageError} Thrown when `task` is there and is no object.
 */
export function readAugmentation(params: unknown): { readonly ttlMs?: number } | undefined {
  const task = asRecord(params)?.['task']
  if (task === undefined) return undefined
  const record = asRecord(task)
  if (record === undefined) throw new MalformedMessageError('task', task, 'an object')
  const ttlMs = record['ttl']
  return typeof ttlMs === 'number' ? { ttlMs } : {}
}
