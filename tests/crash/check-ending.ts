/** What must hold of the end that a client saw, given what happened on the server. */
import { isDeepStrictEqual } from 'node:util'
import type { TaskLedger } from './ledger.ts'
import type { Line, StepValue } from './server/journal.mjs'

/** How often a process may die of a task of these tools. */
const mostDeaths = { patient: Infinity, brief: Infinity, thrice: 3, poison: 3, once: 1 }

/** What is wrong with the end of a task; nothing, if all is well. */
export function checkEnding(task: TaskLedger, lines: readonly Line[]): string[] {
  const { ending, errand } = task
  if (ending === undefined) return task.isGone ? [] : ['it has not ended']
  const isPoison = errand.tool === 'poison'
  switch (ending.status) {
    case 'completed':
      return isPoison ? ['it is completed, though nobody can do that'] : [...checkResult(task, lines)]
    case 'cancelled':
      return task.wasCancelSent ? [] : ['it is cancelled, and nobody cancelled it']
    case 'failed':
      return checkLoss(task, lines)
    default:
      return [`it ended ${ending.status}`]
  }
}

/** It fails when its processes died as often as they may, or stopped in good order where that is once, and says so. */
function checkLoss({ ending, errand }: TaskLedger, lines: readonly Line[]): string[] {
  const most = mostDeaths[errand.tool]
  const says = ending?.error?.message ?? ''
  const isStopped = most === 1 && says.includes('its process shuts down')
  const entries = lines.flatMap((line) => (line.kind === 'history' ? line.entries : []))
  const attempts = Math.max(0, ...entries.map(({ attempt }) => attempt))
  const deaths = attempts - entries.filter(({ event }) => event === 'released').length
  const isLost = deaths === most && says.includes('The process that ran this task is gone')
  const isCounted = most === 1 || says.includes(`it was started ${attempts} times`)
  return isStopped || (isLost && isCounted) ? [] : [`after ${deaths} deaths it failed: ${JSON.stringify(ending)}`]
}

/** Its result is made of the steps that were stored and of answers that were given. */
function* checkResult(task: TaskLedger, lines: readonly Line[]): Iterable<string> {
  const [block] = (task.ending?.result as { content?: readonly { text: string }[] } | undefined)?.content ?? []
  const text = block?.text ?? ''
  let result: { label: string; values: StepValue[]; answers: Record<string, string> }
  try {
    result = JSON.parse(text) as typeof result
  } catch {
    yield `its result is ${JSON.stringify(task.ending)}`
    return
  }
  const { label, steps, questions } = task.errand.plan
  if (result.label !== label) yield `its result is that of ${result.label}`
  const stored = new Map<number, StepValue>()
  for (const line of lines) {
    if (line.kind === 'saved' || line.kind === 'kept') stored.set(line.value.step, line.value)
  }
  const expected = [...steps.keys()].map((step) => stored.get(step))
  if (!isDeepStrictEqual(result.values, expected))
    yield `its steps gave ${JSON.stringify(expected)}, its result ${text}`
  const wanted = Object.values(questions).reduce((sum, count) => sum + count, 0)
  const answers = Object.entries(result.answers)
  if (answers.length !== wanted) yield `it has ${answers.length} answers to ${wanted} questions`
  for (const [words, answer] of answers) {
    if (task.questions.get(words)?.answers.includes(answer) !== true)
      yield `nobody answered "${words}" with "${answer}"`
  }
}
