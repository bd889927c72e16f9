import type { JsonValue } from '../json/json.ts'
import type { TaskHistoryEntry, TaskRecord } from './task-record.ts'

/** What a store in memory keeps of a task. */
export interface MemoryEntry {
  record: TaskRecord
  /** Counts up with each task created: what a list is in the order of. */
  readonly order: number
  lease: { readonly token: string; readonly untilMs: number } | undefined
  /** Most tasks have none. */
  steps: Map<string, JsonValue> | undefined
  readonly history: TaskHistoryEntry[]
}

const longestHistory = 200

/** Adds to the history of a task; of a long one, the first entry and the last ones stay. */
export function remember(entry: MemoryEntry, atMs: number, event: TaskHistoryEntry['event'], detail?: string): void {
  if (entry.history.length >= longestHistory) entry.history.splice(1, 1)
  entry.history.push(
    Object.freeze({ atMs, event, attempt: entry.record.attempt, ...(detail !== undefined && { detail }) }),
  )
}
