import type { EngineTask } from '@longcall/core'
import type { Prepare, OpenedFile } from '../file/opened-file.ts'

/** Which tasks a process would run. */
interface WantedWork {
  readonly namespace: string
  readonly tools: readonly string[]
}

const isWanted = 'namespace = ? AND tool IN (SELECT value FROM json_each(?))'

/** Has a task wait for a process that knows its tool; once, however often it is put. */
export function putWork(file: OpenedFile, { namespace, id, tool }: EngineTask): void {
  file
    .statement('INSERT INTO work (namespace, id, tool) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
    .run(namespace, id, tool)
}

/** Whether this task waits already. */
export function isWaiting(prepare: Prepare, { namespace, id }: EngineTask): boolean {
  return prepare('SELECT 1 FROM work WHERE namespace = ? AND id = ?').get(namespace, id) !== undefined
}

/** Whether a task waits that this process would run. */
export function isAnyWaiting(prepare: Prepare, { namespace, tools }: WantedWork): boolean {
  return prepare(`SELECT 1 FROM work WHERE ${isWanted} LIMIT 1`).get(namespace, JSON.stringify(tools)) !== undefined
}

/** Takes the tasks that have waited longest. Should this process die before it claims one, the sweep finds it. */
export function takeWork(file: OpenedFile, { namespace, tools }: WantedWork, limit: number): readonly string[] {
  const rows = file
    .statement(`SELECT number, id FROM work WHERE ${isWanted} ORDER BY number LIMIT ?`)
    .all(namespace, JSON.stringify(tools), limit)
  for (const { number } of rows) file.statement('DELETE FROM work WHERE number = ?').run(number!)
  return rows.map(({ id }) => String(id))
}
