import {
  taskStatuses,
  type ClaimablePage,
  type ClaimRequest,
  type NewTask,
  type TaskFilter,
  type TaskPage,
  type TaskStatus,
} from '@longcall/core'
import type { SqliteValue } from '../driver/driver.ts'
import type { Prepare } from '../file/opened-file.ts'
import type { ContentCodec } from '../file/content-codec.ts'
import type { Cursors } from './cursors.ts'
import { head } from './task-head.ts'
import { isAlive, readSummary } from './task-rows.ts'

/** Which page of a list. */
interface PageRequest {
  readonly cursor?: string
  readonly limit: number
}

/*
 * The rules of core that say which task may run, and which is lost, in the words of SQL: there they find tasks, and the
 * functions of core decide when one is written to.
 */
const hasAttemptsLeft = 'attempt - releases < max_attempts'
const canRun = "status = 'working' AND hidden = 0 AND elsewhere = 0"
const canRunAgain = `(attempt = 0 OR (on_crash = 'rerun' AND ${hasAttemptsLeft}))`
const isLost = `elsewhere = 0 AND (hidden = 1 OR on_crash = 'fail' OR (status = 'working' AND NOT ${hasAttemptsLeft}))`

const selectOpen = `SELECT count(*) AS tasks FROM tasks WHERE is_open = 1 AND namespace = ? AND quota = ? AND ${isAlive}`

/** Tasks that could be claimed, the oldest first. */
export function findClaimable(
  prepare: Prepare,
  cursors: Cursors,
  { namespace, tools }: Pick<ClaimRequest, 'namespace' | 'tools'>,
  { cursor, limit, nowMs }: PageRequest & { readonly nowMs: number },
): ClaimablePage {
  const list = ['claimable', namespace, tools]
  const after = cursor === undefined ? 0 : cursors.read(cursor, list)
  const rows = prepare(
    `SELECT seq, id, namespace, tool FROM tasks WHERE is_open = 1 AND namespace = ? AND seq > ?
      AND tool IN (SELECT value FROM json_each(?)) AND ${canRun} AND ${canRunAgain}
      AND (lease_until IS NULL OR lease_until <= ?) AND ${isAlive} ORDER BY seq LIMIT ?`,
  ).all(namespace, after, JSON.stringify(tools), nowMs, nowMs, limit + 1)
  const tasks = rows.slice(0, limit).map((row) => ({ id: text(row['id']), namespace, tool: text(row['tool']) }))
  if (rows.length <= limit) return { tasks }
  return { tasks, nextCursor: cursors.write(Number(rows[limit - 1]?.['seq']), list) }
}

/** The ids of tasks whose lease ran out, and which must not run again. */
export function findLost(
  prepare: Prepare,
  { namespace, limit, nowMs }: { readonly namespace: string; readonly limit: number; readonly nowMs: number },
): readonly string[] {
  const rows = prepare(
    `SELECT id FROM tasks WHERE lease_until <= ? AND is_open = 1 AND namespace = ? AND ${isLost} AND ${isAlive}
      ORDER BY lease_until LIMIT ?`,
  ).all(nowMs, namespace, nowMs, limit)
  return rows.map(({ id }) => text(id))
}

/** A page of tasks, the newest first. */
export function listTasks(
  prepare: Prepare,
  { cursors, codec }: { readonly cursors: Cursors; readonly codec: ContentCodec },
  filter: TaskFilter,
  { cursor, limit, nowMs }: PageRequest & { readonly nowMs: number },
): TaskPage {
  const { namespace, owner, tool, statuses } = filter
  const list = ['list', namespace, owner, tool, statuses]
  const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : cursors.read(cursor, list)
  const { where, values } = matching(filter, nowMs)
  const rows = prepare(
    `SELECT seq, ${head}, context FROM tasks JOIN requests USING (seq) WHERE ${where} AND seq < ? ORDER BY seq DESC LIMIT ?`,
  ).all(...values, before, limit + 1)
  const tasks = rows.slice(0, limit).map((row) => readSummary(row, codec))
  if (rows.length <= limit) return { tasks }
  return { tasks, nextCursor: cursors.write(Number(rows[limit - 1]?.['seq']), list) }
}

/** How many open tasks count against the same quota as this one. */
export function countOpen(prepare: Prepare, { namespace, quota }: NewTask, nowMs: number): number {
  return Number(prepare(selectOpen).get(namespace, quota, nowMs)?.['tasks'])
}

/** How many tasks there are in each status. */
export function countTasks(prepare: Prepare, filter: TaskFilter, nowMs: number): Readonly<Record<TaskStatus, number>> {
  const { where, values } = matching(filter, nowMs)
  const rows = prepare(`SELECT status, count(*) AS tasks FROM tasks WHERE ${where} GROUP BY status`).all(...values)
  const counts = new Map(rows.map(({ status, tasks }) => [status, Number(tasks)]))
  return Object.fromEntries(taskStatuses.map((status) => [status, counts.get(status) ?? 0])) as Record<
    TaskStatus,
    number
  >
}

function matching(
  { namespace, owner, tool, statuses }: TaskFilter,
  nowMs: number,
): { readonly where: string; readonly values: readonly SqliteValue[] } {
  const conditions: (readonly [condition: string, value: SqliteValue])[] = [[isAlive, nowMs]]
  if (namespace !== undefined) conditions.push(['namespace = ?', namespace])
  if (owner !== undefined) conditions.push(['owner = ?', owner])
  if (tool !== undefined) conditions.push(['tool = ?', tool])
  if (statuses !== undefined) conditions.push(['status IN (SELECT value FROM json_each(?))', JSON.stringify(statuses)])
  return {
    where: ['hidden = 0', ...conditions.map(([condition]) => condition)].join(' AND '),
    values: conditions.map(([, value]) => value),
  }
}

function text(value: SqliteValue | undefined): string {
  return String(value)
}
