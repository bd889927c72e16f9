import { modelImmediateResponseMetaKey } from '../meta-keys.ts'
import { isFlatTask, looksLikeTask, readTask } from '../read-task.ts'
import { asRecord, field, readText } from '../read.ts'
import type { CreatedTask } from '../task-state.ts'
import { writeTask, type WireTask } from './task.ts'

/** What answers a request that became a task. Source: SEP-2663, `CreateTaskResult`. */
export type WireCreated = WireTask & { readonly resultType: 'task' }

/**
 * The task that a request became, or `undefined` when its result is an ordinary one.
 *
 * @param nowMs The time of reading, in milliseconds since the epoch.
 * @throws {MalformedMessageError} Thrown when the result says that it is a task, and cannot be read: to take it for an
 * ordinary result would lose a task that runs.
 */
export function readCreated(result: unknown, nowMs?: number): CreatedTask | undefined {
  const message = asRecord(result)
  if (message === undefined) return undefined
  const untyped = field(message, 'resultType') === undefined
  if (!isFlatTask(message) && !(untyped && looksLikeTask(field(message, 'task')))) return undefined
  const immediateResponse = readText(field(asRecord(field(message, '_meta')), modelImmediateResponseMetaKey))
  return { task: readTask(message, nowMs), ...(immediateResponse !== undefined && { immediateResponse }) }
}

/** The answer to a request that became a task. This generation has no immediate response: it is not written. */
export function writeCreated(created: CreatedTask): WireCreated {
  return { resultType: 'task', ...writeTask(created.task) }
}
