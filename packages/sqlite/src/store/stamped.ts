import { toJson, type TaskRecord } from '@longcall/core'

/** The task as a write at this time leaves it: the time of its last update is greater than it was, whatever the clock does. */
export function stamped(record: TaskRecord, last: TaskRecord, nowMs: number): TaskRecord {
  return { ...record, updatedAtMs: Math.max(nowMs, last.updatedAtMs + 1) }
}

/** What nobody can change from outside until it is written. */
export function json<T>(value: T): T {
  return toJson(value, 'what a store is given') as T
}
