import type { JsonValue, StepRecord, TaskRecord } from '@longcall/core'
import type { ContentCodec } from '../file/content-codec.ts'
import type { Prepare } from '../file/opened-file.ts'
import type { TaskEntry } from './task-rows.ts'

/** Keeps what a step gave, unless there is something under its key, and gives the task as it is then. */
export function insertStep(
  prepare: Prepare,
  codec: ContentCodec,
  { seq, record }: TaskEntry,
  { key, value }: StepRecord,
  stamp: (record: TaskRecord) => TaskRecord,
): TaskRecord {
  if (prepare('SELECT 1 FROM steps WHERE seq = ? AND key = ?').get(seq, key) !== undefined) return record
  const next = stamp(record)
  prepare('INSERT INTO steps (seq, key, at, attempt, value) VALUES (?, ?, ?, ?, ?)').run(
    seq,
    key,
    next.updatedAtMs,
    next.attempt,
    codec.write(value, `step ${key} of task ${record.id}`),
  )
  prepare('UPDATE tasks SET updated_at = ? WHERE seq = ?').run(next.updatedAtMs, seq)
  return next
}

/** All finished steps of a task, by key. */
export function readSteps(prepare: Prepare, codec: ContentCodec, { seq, record }: TaskEntry): Map<string, JsonValue> {
  const rows = prepare('SELECT key, value FROM steps WHERE seq = ? ORDER BY at').all(seq)
  return new Map(
    rows.map((row) => {
      const key = row['key'] as string
      return [key, codec.read(row['value'] as string, `step ${key} of task ${record.id}`)]
    }),
  )
}
