import type { TaskRecord, TaskSummary } from '@longcall/core'
import type { ContentCodec } from '../file/content-codec.ts'

/** What a row of `tasks` says. */
export interface TaskHead {
  readonly seq: number
  readonly isError: boolean
  readonly lease: TaskLease | undefined
  readonly task: Omit<TaskSummary, 'meta' | 'isError'>
}

/** Who holds a task, and until when. */
export interface TaskLease {
  readonly token: string
  readonly untilMs: number
  readonly leaseMs: number
  readonly holder: string
}

/**
 * Selects a row of `tasks` as one text: a driver takes longer for every column than SQLite and a parser take for all of
 * them together. By name: a newer version may add columns while the file is open here.
 */
export const head = `json_array(seq, id, namespace, owner, quota, tool, ttl_ms, max_ttl_ms, poll_interval_ms, on_crash,
  max_attempts, hidden, status, created_at, updated_at, expires_at, attempt, releases, elsewhere, is_error, said,
  lease_token, lease_until, lease_ms, lease_holder) AS head`

/** The same columns, in the same order. */
type HeadRow = readonly [
  seq: number,
  id: string,
  namespace: string,
  owner: string,
  quota: string,
  tool: string,
  ttlMs: number | null,
  maxTtlMs: number | null,
  pollIntervalMs: number,
  onCrash: TaskRecord['onCrash'],
  maxAttempts: number,
  hidden: 0 | 1,
  status: TaskRecord['status'],
  createdAtMs: number,
  updatedAtMs: number,
  expiresAtMs: number | null,
  attempt: number,
  releases: number,
  elsewhere: 0 | 1,
  isError: 0 | 1,
  said: string | null,
  token: string | null,
  untilMs: number | null,
  leaseMs: number | null,
  holder: string | null,
]

/** Reads what {@link head} selected. */
export function readHead(text: string, codec: ContentCodec): TaskHead {
  // oxfmt-ignore
  const [
    seq, id, namespace, owner, quota, tool, ttlMs, maxTtlMs, pollIntervalMs, onCrash, maxAttempts, hidden, status, createdAtMs,
    updatedAtMs, expiresAtMs, attempt, releases, elsewhere, isError, said, token, untilMs, leaseMs, holder,
  ] = JSON.parse(text) as HeadRow
  const task: TaskHead['task'] = {
    id,
    namespace,
    owner,
    quota,
    tool,
    ttlMs,
    maxTtlMs,
    pollIntervalMs,
    onCrash,
    maxAttempts,
    hidden: hidden === 1,
    status,
    createdAtMs,
    updatedAtMs,
    expiresAtMs,
    attempt,
    releases,
    elsewhere: elsewhere === 1,
  }
  if (said !== null) Object.assign(task, codec.read(said, `status of task ${id}`))
  const isLeased = token !== null && untilMs !== null && leaseMs !== null && holder !== null
  const lease = isLeased ? { token, untilMs, leaseMs, holder } : undefined
  return { seq, isError: isError === 1, lease, task }
}
