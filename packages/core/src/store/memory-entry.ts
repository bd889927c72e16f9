import type { JsonValue } from '../json/json.ts'
import type { NewTask, TaskHistoryEntry, TaskRecord } from './task-record.ts'

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

/** The record of a task that begins. Field by field: to spread one object into another that gets more is fifty times slower. */
export function newRecord(task: NewTask, nowMs: number): TaskRecord {
  const { maxTtlMs } = task
  return Object.freeze({
    id: task.id,
    namespace: task.namespace,
    owner: task.owner,
    quota: task.quota,
    tool: task.tool,
    request: task.request,
    ttlMs: task.ttlMs,
    maxTtlMs,
    pollIntervalMs: task.pollIntervalMs,
    onCrash: task.onCrash,
    maxAttempts: task.maxAttempts,
    hidden: task.hidden,
    status: 'working',
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    expiresAtMs: maxTtlMs === null ? null : nowMs + maxTtlMs,
    attempt: 0,
    releases: 0,
    elsewhere: false,
    questions: Object.freeze([]),
  })
}

const longestHistory = 200

/** Adds to the history of a task; of a long one, the first entry and the last ones stay. */
export function remember(entry: MemoryEntry, atMs: number, event: TaskHistoryEntry['event'], detail?: string): void {
  if (entry.history.length >= longestHistory) entry.history.splice(1, 1)
  entry.history.push(
    Object.freeze({ atMs, event, attempt: entry.record.attempt, ...(detail !== undefined && { detail }) }),
  )
}
