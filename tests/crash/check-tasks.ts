/** What must hold of all tasks of a campaign: of those that a client knows, and of those whose id was lost with a process. */
import { checkEnding } from './check-ending.ts'
import { checkHistory } from './check-history.ts'
import { byTask } from './history.ts'
import type { TaskLedger } from './ledger.ts'
import type { Line } from './server/journal.mjs'

/** What is wrong; nothing, if all is well. */
export function checkTasks(tasks: readonly TaskLedger[], lines: readonly Line[]): string[] {
  const histories = byTask(lines)
  const known = new Map(tasks.map((task) => [task.id, task]))
  const violations = lines.flatMap((line) =>
    line.kind === 'trouble' ? [`A process was in trouble: ${line.what}`] : [],
  )
  for (const id of new Set([...histories.keys(), ...known.keys()])) {
    const history = histories.get(id) ?? []
    const task = known.get(id)
    const problems = [...checkHistory(history), ...(task === undefined ? [] : checkEnding(task, history))]
    const name = task === undefined ? `a task that no client knows (${id})` : task.name
    violations.push(...problems.map((problem) => `${name}: ${problem}`))
  }
  return violations
}
