import type { ExpiredTask } from '@longcall/core'
import type { SqliteRow } from '../driver/driver.ts'
import type { Prepare } from '../file/opened-file.ts'

/** What tells of a task that is gone. */
const telling = 'id, namespace, tool, owner, status'

/** The tables that hold parts of a task. */
const parts = ['requests', 'outcomes', 'questions', 'steps', 'events', 'tasks']

/** Whether a sweep has anything to do. */
export function isAnyExpired(prepare: Prepare, nowMs: number): boolean {
  const select = 'SELECT 1 FROM tasks WHERE expires_at <= ? UNION ALL SELECT 1 FROM gone LIMIT 1'
  return prepare(select).get(nowMs) !== undefined
}

/** Deletes expired tasks, and tells of them and of those whose id was taken again since. */
export function sweepExpired(prepare: Prepare, nowMs: number, limit: number): readonly ExpiredTask[] {
  const replaced = prepare(`SELECT number, ${telling} FROM gone ORDER BY number LIMIT ?`).all(limit)
  for (const { number } of replaced) prepare('DELETE FROM gone WHERE number = ?').run(number!)
  const expired = prepare(`SELECT seq, ${telling} FROM tasks WHERE expires_at <= ? ORDER BY expires_at LIMIT ?`).all(
    nowMs,
    limit - replaced.length,
  )
  for (const row of expired) forget(prepare, row)
  return [...replaced, ...expired].map(told)
}

/** Frees an id whose task has expired, of which the next sweep tells; `false` when a task has it. */
export function freeId(prepare: Prepare, id: string, nowMs: number): boolean {
  const row = prepare('SELECT seq, namespace, id, expires_at FROM tasks WHERE id = ?').get(id)
  if (row === undefined) return true
  const expiresAtMs = row['expires_at'] as number | null
  if (expiresAtMs === null || expiresAtMs > nowMs) return false
  prepare(`INSERT INTO gone (${telling}) SELECT ${telling} FROM tasks WHERE seq = ?`).run(row['seq']!)
  forget(prepare, row)
  return true
}

function forget(prepare: Prepare, row: SqliteRow): void {
  for (const table of parts) prepare(`DELETE FROM ${table} WHERE seq = ?`).run(row['seq']!)
  prepare('DELETE FROM work WHERE namespace = ? AND id = ?').run(row['namespace']!, row['id']!)
}

function told(row: SqliteRow): ExpiredTask {
  const { id, namespace, tool, owner, status } = row as unknown as ExpiredTask
  return { id, namespace, tool, owner, status }
}
