import type { TaskRecord, TaskRequest, TaskSummary } from '@longcall/core'
import type { SqliteRow } from '../driver/driver.ts'
import type { Prepare } from '../file/opened-file.ts'
import type { ContentCodec } from '../file/content-codec.ts'
import { questions, readQuestions } from './question-rows.ts'
import { head, readHead, type TaskLease } from './task-head.ts'

/** A task as its rows have it. */
export interface TaskEntry {
  readonly seq: number
  readonly record: TaskRecord
  readonly lease: TaskLease | undefined
}

/** A task is there until it expires, swept or not. */
export const isAlive = '(expires_at IS NULL OR expires_at > ?)'

const select = `SELECT ${head}, ${questions}, context, arguments, outcome
  FROM tasks JOIN requests USING (seq) LEFT JOIN outcomes USING (seq) WHERE id = ? AND ${isAlive}`

/** The task that has this id, with all that belongs to it. */
export function findTask(
  prepare: Prepare,
  codec: ContentCodec,
  { id, owner, nowMs }: { readonly id: string; readonly owner?: string | undefined; readonly nowMs: number },
): TaskEntry | undefined {
  const row = prepare(select).get(id, nowMs)
  if (row === undefined) return undefined
  const { seq, lease, task } = readHead(row['head'] as string, codec)
  if (owner !== undefined && task.owner !== owner) return undefined
  const outcome = row['outcome'] as string | null
  // To spread an object into one that gets more is much slower.
  const record: TaskRecord = Object.assign(task, {
    request: readRequest(row, codec, id),
    questions: readQuestions(row['questions'] as string | null, codec, id),
  })
  if (outcome !== null) Object.assign(record, { outcome: codec.read(outcome, `outcome of task ${id}`) })
  return { seq, record, lease }
}

const selectHead = `SELECT ${head}, ${questions} FROM tasks WHERE id = ? AND ${isAlive}`

/** The same without its request and its outcome, which may be large, for writes that do not give the task back. */
export function findHead(
  prepare: Prepare,
  codec: ContentCodec,
  { id, owner, nowMs }: { readonly id: string; readonly owner?: string | undefined; readonly nowMs: number },
): TaskEntry | undefined {
  const row = prepare(selectHead).get(id, nowMs)
  if (row === undefined) return undefined
  const { seq, lease, task } = readHead(row['head'] as string, codec)
  if (owner !== undefined && task.owner !== owner) return undefined
  const record = Object.assign(task, {
    request: { arguments: {} },
    questions: readQuestions(row['questions'] as string | null, codec, id),
  })
  return { seq, record, lease }
}

/** What a list shows of a row with {@link head} and the `context` of its request. */
export function readSummary(row: SqliteRow, codec: ContentCodec): TaskSummary {
  const { task, isError } = readHead(row['head'] as string, codec)
  const { meta } = readContext(row, codec, task.id)
  return Object.assign(task, { isError }, meta !== undefined && { meta })
}

/** Puts a new task in, free; `undefined` when a task has its id. */
export function insertTask(prepare: Prepare, codec: ContentCodec, record: TaskRecord): TaskEntry | undefined {
  const { id, request } = record
  const { arguments: args, ...context } = request
  const inserted = prepare(
    `INSERT INTO tasks (id, namespace, owner, quota, tool, hidden, on_crash, max_attempts, poll_interval_ms, max_ttl_ms,
      ttl_ms, created_at, updated_at, expires_at, status, is_open, is_error, elsewhere, attempt, releases, asked)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'working', 1, 0, 0, 0, 0, 0) ON CONFLICT (id) DO NOTHING
    RETURNING seq`,
  ).get(
    id,
    record.namespace,
    record.owner,
    record.quota,
    record.tool,
    Number(record.hidden),
    record.onCrash,
    record.maxAttempts,
    record.pollIntervalMs,
    record.maxTtlMs,
    record.ttlMs,
    record.createdAtMs,
    record.updatedAtMs,
    record.expiresAtMs,
  )
  if (inserted === undefined) return undefined
  const seq = inserted['seq'] as number
  prepare('INSERT INTO requests (seq, context, arguments) VALUES (?, ?, ?)').run(
    seq,
    codec.write(context, `request of task ${id}`),
    codec.write(args, `arguments of task ${id}`),
  )
  return { seq, record, lease: undefined }
}

const noLease = 'lease_token = NULL, lease_until = NULL, lease_ms = NULL, lease_holder = NULL'

/*
 * What changes a task writes what it changes, and no more: every column in an index is written there too, changed or not.
 */

/** Writes who holds a task, and in which attempt. */
export function updateLease(prepare: Prepare, { seq, record, lease }: TaskEntry): void {
  prepare(
    `UPDATE tasks SET updated_at = ?, attempt = ?, lease_token = ?, lease_until = ?, lease_ms = ?, lease_holder = ?
      WHERE seq = ?`,
  ).run(
    record.updatedAtMs,
    record.attempt,
    lease?.token ?? null,
    lease?.untilMs ?? null,
    lease?.leaseMs ?? null,
    lease?.holder ?? null,
    seq,
  )
}

/** Writes whether a task waits for answers. */
export function updateWaiting(prepare: Prepare, { seq, record }: TaskEntry): void {
  prepare('UPDATE tasks SET status = ?, updated_at = ?, asked = ? WHERE seq = ?').run(
    record.status,
    record.updatedAtMs,
    record.questions.length,
    seq,
  )
}

/** Writes what a task says of itself: often, so nothing else is touched. */
export function updateSaid(prepare: Prepare, codec: ContentCodec, { seq, record }: TaskEntry): void {
  const update = prepare('UPDATE tasks SET said = ?, updated_at = ? WHERE seq = ?')
  update.run(writeSaid(record, codec), record.updatedAtMs, seq)
}

const setReleased = `UPDATE tasks SET updated_at = ?, releases = ?, elsewhere = ?, ${noLease} WHERE seq = ?`

/** Writes that a task was given back. */
export function updateReleased(prepare: Prepare, { seq, record }: TaskEntry): void {
  prepare(setReleased).run(record.updatedAtMs, record.releases, Number(record.elsewhere), seq)
}

const setEnded = `UPDATE tasks SET status = ?, is_open = 0, is_error = ?, said = ?, updated_at = ?, ttl_ms = ?, expires_at = ?,
  ${noLease} WHERE seq = ?`

/** Writes how a task ended. */
export function updateEnded(prepare: Prepare, codec: ContentCodec, { seq, record }: TaskEntry): void {
  const { id, outcome } = record
  prepare(setEnded).run(
    record.status,
    Number(outcome?.kind === 'result' && outcome.result['isError'] === true),
    writeSaid(record, codec),
    record.updatedAtMs,
    record.ttlMs,
    record.expiresAtMs,
    seq,
  )
  if (outcome === undefined) return
  prepare('INSERT INTO outcomes (seq, outcome) VALUES (?, ?)').run(seq, codec.write(outcome, `outcome of task ${id}`))
}

function writeSaid({ id, statusMessage, progress }: TaskRecord, codec: ContentCodec): string | null {
  if (statusMessage === undefined && progress === undefined) return null
  return codec.write({ statusMessage, progress }, `status of task ${id}`)
}

function readContext(row: SqliteRow, codec: ContentCodec, id: string): Omit<TaskRequest, 'arguments'> {
  return codec.read(row['context'] as string, `request of task ${id}`) as Omit<TaskRequest, 'arguments'>
}

function readRequest(row: SqliteRow, codec: ContentCodec, id: string): TaskRequest {
  const args = codec.read(row['arguments'] as string, `arguments of task ${id}`)
  return { arguments: args as TaskRequest['arguments'], ...readContext(row, codec, id) }
}
