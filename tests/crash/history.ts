/** What server processes wrote down, task by task. */
import { readFileSync } from 'node:fs'
import type { Line } from './server/journal.mjs'

export function readJournal(path: string): readonly Line[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
}

/** The lines of each task, in order. */
export function byTask(lines: readonly Line[]): Map<string, Line[]> {
  const tasks = new Map<string, Line[]>()
  for (const line of lines) {
    if (!('task' in line)) continue
    const own = tasks.get(line.task) ?? []
    tasks.set(line.task, own)
    own.push(line)
  }
  return tasks
}
