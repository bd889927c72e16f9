import { MalformedMessageError } from '../errors/malformed-message-error.ts'
import type { TaskSnapshot } from '../task/task-snapshot.ts'
import { taskStatuses, type TaskStatus } from '../task/task-status.ts'
import { hasPayload } from './payload.ts'
import { asRecord, field, readId, readNumber, readText, readTimestamp, type WireRecord } from './read.ts'

/**
 * The task in a message of either generation, flat or nested under `task`, with the field names of either.
 *
 * Only the id and the status must be there. A missing or unreadable time becomes the time of reading. A missing,
 * unreadable or negative ttl is `null`. A poll interval is kept as sent, zero and less too, unless it is no finite
 * number. `statusMessage` is cut to 10,000 characters.
 *
 * @param nowMs The time of reading, in milliseconds since the epoch.
 * @throws {MalformedMessageError} Thrown when there is no task, no id that is a non-empty string, or an unknown status.
 */
export function readTask(value: unknown, nowMs: number = Date.now()): TaskSnapshot {
  const fields = taskFields(value)
  const statusMessage = readText(field(fields, 'statusMessage'))
  const ttlMs = readNumber(field(fields, 'ttlMs') ?? field(fields, 'ttl'))
  const pollIntervalMs = readNumber(field(fields, 'pollIntervalMs') ?? field(fields, 'pollInterval'))
  return {
    id: readTaskId(fields),
    status: readStatus(fields),
    ...(statusMessage !== undefined && { statusMessage }),
    createdAt: readTimestamp(field(fields, 'createdAt'), nowMs),
    lastUpdatedAt: readTimestamp(field(fields, 'lastUpdatedAt'), nowMs),
    ttlMs: ttlMs !== undefined && ttlMs >= 0 ? ttlMs : null,
    ...(pollIntervalMs !== undefined && { pollIntervalMs }),
  }
}

/** The same, with `undefined` for what cannot be read. */
export function tryReadTask(value: unknown, nowMs?: number): TaskSnapshot | undefined {
  try {
    return readTask(value, nowMs)
  } catch (error) {
    if (error instanceof MalformedMessageError) return undefined
    throw error
  }
}

/** The object that holds the task's fields: the message itself, or what it has under `task`. */
export function taskFields(value: unknown): WireRecord {
  const message = asRecord(value)
  if (message === undefined) throw new MalformedMessageError('task', value, 'an object')
  return field(message, 'taskId') === undefined ? (asRecord(field(message, 'task')) ?? message) : message
}

/** Whether `value` can be meant as a task: an object with an id and a status, readable or not. */
export function looksLikeTask(value: unknown): boolean {
  const record = asRecord(value)
  return field(record, 'taskId') !== undefined && field(record, 'status') !== undefined
}

/**
 * Whether a result is a task itself, as in 2026-07-28.
 *
 * `resultType` decides where it is sent. Without it, a result with a payload is an ordinary one, whatever else is in it.
 */
export function isFlatTask(result: WireRecord): boolean {
  const type = field(result, 'resultType')
  return type === undefined ? looksLikeTask(result) && !hasPayload(result) : type === 'task'
}

function readTaskId(fields: WireRecord): string {
  const id = readId(field(fields, 'taskId'))
  if (id !== undefined && id.length <= maxTaskIdLength) return id
  const expected = `a non-empty string of at most ${maxTaskIdLength} characters`
  throw new MalformedMessageError('taskId', field(fields, 'taskId'), expected)
}

/** An id is kept, sent and shown for the life of its task. */
const maxTaskIdLength = 1024

function readStatus(fields: WireRecord): TaskStatus {
  const value = field(fields, 'status')
  const status = taskStatuses.find((known) => known === value)
  if (status === undefined) throw new MalformedMessageError('status', value, `one of ${taskStatuses.join(', ')}`)
  return status
}
