import { isTerminal } from '@longcall/core'
import type { TaskOutcome, TaskProgress, TaskRecord, TaskRequest, TaskSummary } from '@longcall/core'
import type { SqliteRow, SqliteStatement, SqliteValue } from '../driver/driver.ts'
import type { ContentCodec } from './content-codec.ts'
import { readQuestions } from './question-rows.ts'

/** Where a statement comes from: a reader's or a writer's connection. */
export type Prepare = (sql: string) => SqliteStatement

/** A task as its rows have it. */
export interface TaskEntry {
  readonly seq: number
  readonly record: TaskRecord
  readonly lease: TaskLease | undefined
}

/** Who holds a task, and until when. */
export interface TaskLease {
  readonly token: string
  readonly untilMs: number
  readonly leaseMs: number
  readonly holder: string
}

/** A task is there until it expires, swept or not. */
export const isAlive = '(expires_at IS NULL OR expires_at > ?)'

const select = `SELECT * FROM tasks JOIN requests USING (seq) LEFT JOIN outcomes USING (seq) WHERE id = ? AND ${isAlive}`

/** The task that has this id, with all that belongs to it. */
export function findTask(
  prepare: Prepare,
  codec: ContentCodec,
  { id, owner, nowMs }: { readonly id: string; readonly owner?: string | undefined; readonly nowMs: number },
): TaskEntry | undefined {
  const row = prepare(select).get(id, nowMs)
  if (row === undefined || (owner !== undefined && row['owner'] !== owner)) return undefined
  const seq = row['seq'] as number
  const questions = row['asked'] === 0 ? [] : readQuestions(prepare, codec, { seq, id })
  const outcome = row['outcome'] as string | null
  const record: TaskRecord = {
    ...readHead(row, codec),
    request: readRequest(row, codec),
    questions,
    ...(outcome !== null && { outcome: codec.read(outcome, `outcome of task ${id}`) as unknown as TaskOutcome }),
  }
  return { seq, record, lease: readLease(row) }
}

/** What a list shows of a row of `tasks` with the `context` of its request. */
export function readSummary(row: SqliteRow, codec: ContentCodec): TaskSummary {
  const { meta } = readContext(row, codec)
  return { ...readHead(row, codec), ...(meta !== undefined && { meta }), isError: row['is_error'] === 1 }
}

/** Puts a new task in, free. */
export function insertTask(prepare: Prepare, codec: ContentCodec, record: TaskRecord): TaskEntry {
  const { id, request } = record
  const { arguments: args, ...context } = request
  const { lastInsertRowid } = prepare(
    `INSERT INTO tasks (id, namespace, owner, quota, tool, hidden, on_crash, max_attempts, poll_interval_ms, max_ttl_ms,
      ttl_ms, created_at, updated_at, expires_at, status, is_open, is_error, elsewhere, attempt, releases, asked)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'working', 1, 0, 0, 0, 0, 0)`,
  ).run(
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
  ) as { readonly lastInsertRowid: number | bigint }
  const seq = Number(lastInsertRowid)
  prepare('INSERT INTO requests (seq, context, arguments) VALUES (?, ?, ?)').run(
    seq,
    codec.write(context, `request of task ${id}`),
    codec.write(args, `arguments of task ${id}`),
  )
  return { seq, record, lease: undefined }
}

/** Writes all that may change of a task, but for its questions and its outcome. */
export function updateTask(prepare: Prepare, codec: ContentCodec, { seq, record, lease }: TaskEntry): void {
  prepare(
    `UPDATE tasks SET status = ?, is_open = ?, said = ?, updated_at = ?, ttl_ms = ?, expires_at = ?, elsewhere = ?, attempt = ?,
      releases = ?, asked = ?, lease_token = ?, lease_until = ?, lease_ms = ?, lease_holder = ? WHERE seq = ?`,
  ).run(
    record.status,
    Number(!isTerminal(record.status)),
    writeSaid(record, codec),
    record.updatedAtMs,
    record.ttlMs,
    record.expiresAtMs,
    Number(record.elsewhere),
    record.attempt,
    record.releases,
    record.questions.length,
    lease?.token ?? null,
    lease?.untilMs ?? null,
    lease?.leaseMs ?? null,
    lease?.holder ?? null,
    seq,
  )
}

/** Writes what a task says of itself: often, so nothing else is touched. */
export function updateSaid(prepare: Prepare, codec: ContentCodec, { seq, record }: TaskEntry): void {
  const update = prepare('UPDATE tasks SET said = ?, updated_at = ? WHERE seq = ?')
  update.run(writeSaid(record, codec), record.updatedAtMs, seq)
}

function writeSaid({ id, statusMessage, progress }: TaskRecord, codec: ContentCodec): string | null {
  if (statusMessage === undefined && progress === undefined) return null
  return codec.write({ statusMessage, progress }, `status of task ${id}`)
}

/** Keeps how a task ended. */
export function insertOutcome(prepare: Prepare, codec: ContentCodec, { seq, record }: TaskEntry): void {
  const { id, outcome } = record
  if (outcome === undefined) return
  prepare('INSERT INTO outcomes (seq, outcome) VALUES (?, ?)').run(seq, codec.write(outcome, `outcome of task ${id}`))
  if (outcome.kind === 'result' && outcome.result['isError'] === true) {
    prepare('UPDATE tasks SET is_error = 1 WHERE seq = ?').run(seq)
  }
}

function readHead(row: SqliteRow, codec: ContentCodec): Omit<TaskSummary, 'meta' | 'isError'> {
  const id = row['id'] as string
  const said = row['said'] as string | null
  return {
    id,
    namespace: row['namespace'] as string,
    owner: row['owner'] as string,
    quota: row['quota'] as string,
    tool: row['tool'] as string,
    ttlMs: row['ttl_ms'] as number | null,
    maxTtlMs: row['max_ttl_ms'] as number | null,
    pollIntervalMs: row['poll_interval_ms'] as number,
    onCrash: row['on_crash'] as TaskRecord['onCrash'],
    maxAttempts: row['max_attempts'] as number,
    hidden: row['hidden'] === 1,
    status: row['status'] as TaskRecord['status'],
    createdAtMs: row['created_at'] as number,
    updatedAtMs: row['updated_at'] as number,
    expiresAtMs: row['expires_at'] as number | null,
    attempt: row['attempt'] as number,
    releases: row['releases'] as number,
    elsewhere: row['elsewhere'] === 1,
    ...(said !== null &&
      (codec.read(said, `status of task ${id}`) as { statusMessage?: string; progress?: TaskProgress })),
  }
}

function readContext(row: SqliteRow, codec: ContentCodec): Omit<TaskRequest, 'arguments'> {
  return codec.read(row['context'] as string, `request of task ${String(row['id'])}`) as Omit<TaskRequest, 'arguments'>
}

function readRequest(row: SqliteRow, codec: ContentCodec): TaskRequest {
  const args = codec.read(row['arguments'] as string, `arguments of task ${String(row['id'])}`)
  return { arguments: args as TaskRequest['arguments'], ...readContext(row, codec) }
}

function readLease(row: SqliteRow): TaskLease | undefined {
  const { lease_token: token, lease_until: untilMs, lease_ms: leaseMs, lease_holder: holder } = row
  if (!isText(token) || !isText(holder) || typeof untilMs !== 'number' || typeof leaseMs !== 'number') return undefined
  return { token, untilMs, leaseMs, holder }
}

function isText(value: SqliteValue | undefined): value is string {
  return typeof value === 'string'
}
