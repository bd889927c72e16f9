import type { TaskSnapshot } from '../../task/task-snapshot.ts'
import { acknowledgedTaskMetaKey, modelImmediateResponseMetaKey } from '../meta-keys.ts'
import { hasPayload } from '../payload.ts'
import { isFlatTask, looksLikeTask, readTask, tryReadTask } from '../read-task.ts'
import { asRecord, field, readText, type WireRecord } from '../read.ts'
import type { CreatedTask } from '../task-state.ts'
import { writeTask, type WireTask } from './task.ts'

/** What answers a request that became a task. Source: schema 2025-11-25, `CreateTaskResult`. */
export type WireCreated = {
  readonly task: WireTask
  readonly _meta?: { readonly [modelImmediateResponseMetaKey]: string }
}

/**
 * The task that a request became, or `undefined` when its result is an ordinary one. Only for requests that asked for one.
 *
 * An older acknowledgement, in the `_meta` of a result, names the task and no more: it is `working`, its times are that of
 * reading, and the first poll tells the rest.
 *
 * @param nowMs The time of reading, in milliseconds since the epoch.
 * @throws {MalformedMessageError} Thrown when the result is a task, with an id and a status, that cannot be read: to
 * take it for an ordinary result would lose a task that runs.
 */
export function readCreated(result: unknown, nowMs?: number): CreatedTask | undefined {
  const message = asRecord(result)
  if (message === undefined) return undefined
  const task = findTask(message, nowMs)
  if (task === undefined) return undefined
  const immediateResponse = readText(field(asRecord(field(message, '_meta')), modelImmediateResponseMetaKey))
  return { task, ...(immediateResponse !== undefined && { immediateResponse }) }
}

/** The answer to a request that became a task. */
export function writeCreated(created: CreatedTask): WireCreated {
  const text = created.immediateResponse
  return {
    task: writeTask(created.task),
    ...(text !== undefined && { _meta: { [modelImmediateResponseMetaKey]: text } }),
  }
}

/** Beside a payload, what looks like a task is one only if it can be read as one. */
function findTask(message: WireRecord, nowMs: number | undefined): TaskSnapshot | undefined {
  const nested = field(message, 'task')
  if (isFlatTask(message)) return readTask(message, nowMs)
  if (looksLikeTask(nested)) return hasPayload(message) ? tryReadTask(nested, nowMs) : readTask(nested, nowMs)
  const taskId = field(asRecord(field(asRecord(field(message, '_meta')), acknowledgedTaskMetaKey)), 'taskId')
  return taskId === undefined ? undefined : readTask({ taskId, status: 'working' }, nowMs)
}
