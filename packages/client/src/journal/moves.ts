import type { JsonObject } from '@longcall/core'
import type { RunningReference } from '../tasks/task-reference.ts'
import type { TaskEnding } from '../tasks/task-source.ts'
import type { Entry, KeptQuestion, RunningEntry } from './entry.ts'

/**
 * What can happen to an entry.
 *
 * - `started`: the server said that the call became a task.
 * - `taken`, `letGo`: a client has it in hand, or none has.
 * - `shown`, `released`: a client shows a question to somebody, or does not any more.
 * - `answered`, `delivered`: there is an answer; the server has it.
 * - `ended`: the task ended.
 */
export type Move =
  | { readonly kind: 'started'; readonly reference: RunningReference }
  | { readonly kind: 'taken'; readonly by: string }
  | { readonly kind: 'letGo'; readonly by: string }
  | { readonly kind: 'shown'; readonly slot: string; readonly print: string; readonly by: string }
  | { readonly kind: 'released'; readonly slot: string; readonly by: string }
  | { readonly kind: 'answered'; readonly slot: string; readonly print: string; readonly answer: JsonObject }
  | { readonly kind: 'delivered'; readonly slot: string; readonly by: string; readonly atMs: number }
  | { readonly kind: 'ended'; readonly ending: TaskEnding }

/** In which states an entry takes which move. */
const takes: Readonly<Record<Move['kind'], ReadonlySet<Entry['state']>>> = {
  started: new Set(['intent']),
  taken: new Set(['intent', 'running', 'ended']),
  letGo: new Set(['intent', 'running', 'ended']),
  shown: new Set(['running']),
  released: new Set(['running']),
  answered: new Set(['running']),
  delivered: new Set(['running']),
  ended: new Set(['running']),
}

/** In which states a question takes which move; `none` when it is not known, or is another than it was. */
const questionTakes: Readonly<Record<QuestionMove['kind'], ReadonlySet<KeptQuestion['state'] | 'none'>>> = {
  shown: new Set(['none', 'shown']),
  released: new Set(['shown']),
  answered: new Set(['none', 'shown']),
  delivered: new Set(['answered']),
}

type QuestionMove = Extract<Move, { kind: 'shown' | 'released' | 'answered' | 'delivered' }>

/**
 * The entry after a move; the same object when it takes no such move: what ended stays as it is, and the first answer counts.
 * The only place that changes an entry.
 */
export function moved(entry: Entry, move: Move): Entry {
  if (!takes[move.kind].has(entry.state)) return entry
  switch (move.kind) {
    case 'taken':
      return entry.holder === move.by ? entry : { ...entry, holder: move.by }
    case 'letGo':
      return entry.holder === move.by ? { ...entry, holder: null } : entry
    case 'started':
      return { ...entry, state: 'running', reference: move.reference, questions: {} }
    case 'ended': {
      const { questions: _questions, ...rest } = entry as RunningEntry
      return { ...rest, state: 'ended', ending: move.ending }
    }
    default:
      return withQuestion(entry as RunningEntry, move)
  }
}

function withQuestion(entry: RunningEntry, move: QuestionMove): Entry {
  const { [move.slot]: before, ...others } = entry.questions
  const isAnother = 'print' in move && before?.print !== move.print
  const state = before === undefined || isAnother ? 'none' : before.state
  if (!questionTakes[move.kind].has(state)) return entry
  switch (move.kind) {
    case 'shown': {
      const { print, by } = move
      if (state === 'shown' && before?.state === 'shown' && before.by === by) return entry
      return { ...entry, questions: { ...others, [move.slot]: { state: 'shown', print, by } } }
    }
    case 'released':
      return before?.state === 'shown' && before.by === move.by ? { ...entry, questions: others } : entry
    case 'answered': {
      const { print, answer } = move
      return { ...entry, questions: { ...others, [move.slot]: { state: 'answered', print, answer } } }
    }
    case 'delivered': {
      const { print, answer } = before as Extract<KeptQuestion, { state: 'answered' }>
      const { by, atMs } = move
      return { ...entry, questions: { ...others, [move.slot]: { state: 'delivered', print, answer, by, atMs } } }
    }
  }
}
