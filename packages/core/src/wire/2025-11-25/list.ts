import { MalformedMessageError } from '../../errors/malformed-message-error.ts'
import { tryReadTask } from '../read-task.ts'
import { asRecord, field, readId } from '../read.ts'
import type { TaskList, TaskState } from '../task-state.ts'
import { writeState } from './state.ts'
import type { WireTask } from './task.ts'

/** A page of tasks on the wire. Source: schema 2025-11-25, `ListTasksResult`. */
export type WireList = { readonly tasks: readonly WireTask[]; readonly nextCursor?: string }

/**
 * A page of `tasks/list`. An entry that cannot be read is left out and counted; an empty cursor is none.
 *
 * @param nowMs The time of reading, in milliseconds since the epoch.
 * @throws {MalformedMessageError} Thrown when the result is no object, or its `tasks` is there but no array.
 */
export function readList(result: unknown, nowMs?: number): TaskList {
  const message = asRecord(result)
  if (message === undefined) throw new MalformedMessageError('result', result, 'an object')
  const entries = field(message, 'tasks') ?? []
  if (!Array.isArray(entries)) throw new MalformedMessageError('tasks', entries, 'an array')
  const tasks = entries.flatMap((entry: unknown) => tryReadTask(entry, nowMs) ?? [])
  const nextCursor = readId(field(message, 'nextCursor'))
  return { tasks, ...(nextCursor !== undefined && { nextCursor }), unreadable: entries.length - tasks.length }
}

/** A page of `tasks/list`; without a cursor it is the last. */
export function writeList(states: readonly Pick<TaskState, 'task' | 'outcome'>[], nextCursor?: string): WireList {
  return { tasks: states.map(writeState), ...(nextCursor !== undefined && { nextCursor }) }
}
