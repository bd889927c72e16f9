import type { TaskHistoryEntry } from '@longcall/core'
import type { Prepare } from '../file/opened-file.ts'
import type { TaskEntry } from './task-rows.ts'

/** How much of a long history is told. */
const longest = 200

/** Keeps what happened to a task in its last write. */
export function insertEvents(
  prepare: Prepare,
  { seq, record }: TaskEntry,
  event: 'claimed' | 'released' | 'asked' | 'answered' | 'withdrawn',
  details: readonly (string | null)[] = [null],
): void {
  const insert = prepare('INSERT INTO events (seq, at, number, event, attempt, detail) VALUES (?, ?, ?, ?, ?, ?)')
  for (const [number, detail] of details.entries()) {
    insert.run(seq, record.updatedAtMs, number, event, record.attempt, detail)
  }
}

/**
 * What happened to a task, in order; of a long history, the first entry and the last ones.
 *
 * The time of an event is that of the write that it happened in, which increases with each.
 */
export function readHistory(prepare: Prepare, { seq, record }: TaskEntry): readonly TaskHistoryEntry[] {
  const rows = prepare(
    `SELECT * FROM (
      SELECT at, number, event, attempt, detail FROM events WHERE seq = ?
      UNION ALL SELECT at, 0, 'step', attempt, key FROM steps WHERE seq = ?
      ORDER BY at DESC, number DESC LIMIT ${longest - 2}
    ) ORDER BY at, number`,
  ).all(seq, seq)
  const between = rows.map((row): TaskHistoryEntry => {
    const { at, event, attempt, detail } = row as {
      at: number
      event: TaskHistoryEntry['event']
      attempt: number
      detail: string | null
    }
    return { atMs: at, event, attempt, ...(detail !== null && { detail }) }
  })
  const created: TaskHistoryEntry = { atMs: record.createdAtMs, event: 'created', attempt: 0 }
  const { status, statusMessage, updatedAtMs, attempt } = record
  if (status === 'working' || status === 'input_required') return [created, ...between]
  const ended = {
    atMs: updatedAtMs,
    event: status,
    attempt,
    ...(statusMessage !== undefined && { detail: statusMessage }),
  }
  return [created, ...between, ended]
}
