import { move } from '../task/task-status.ts'
import type { NewQuestion, QuestionAnswer, QuestionRecord, TaskRecord } from './task-record.ts'

/** The same question, which nobody answers any more. */
export function withdrawn(question: QuestionRecord): QuestionRecord {
  return { ...withoutState(question), state: 'withdrawn' }
}

/** The task with these questions: waiting while one is open, and only then. */
export function withQuestions(record: TaskRecord, questions: readonly QuestionRecord[]): TaskRecord {
  const status = questions.some(({ state }) => state === 'open') ? 'input_required' : 'working'
  const { id, status: from } = record
  return { ...record, status: from === status ? status : move(id, from, status), questions }
}

/** The questions of a task after a change, and the keys of those that it changed. */
export interface QuestionChange {
  readonly questions: readonly QuestionRecord[]
  readonly keys: readonly string[]
}

/** Answers those that are open; other keys are left aside. */
export function answeredBy(task: TaskRecord, answers: ReadonlyMap<string, QuestionAnswer>): QuestionChange {
  return changed(
    task,
    ({ key }) => answers.has(key),
    (question) => ({
      ...withoutState(question),
      state: 'answered',
      answer: answers.get(question.key)!,
    }),
  )
}

/** Withdraws those that are open. */
export function withdrawnFrom(task: TaskRecord, keys: readonly string[]): QuestionChange {
  return changed(task, ({ key }) => keys.includes(key), withdrawn)
}

function changed(
  { questions }: TaskRecord,
  isMeant: (question: QuestionRecord) => boolean,
  change: (question: QuestionRecord) => QuestionRecord,
): QuestionChange {
  const meant = questions.filter((question) => question.state === 'open' && isMeant(question))
  return {
    questions: questions.map((question) => (meant.includes(question) ? change(question) : question)),
    keys: meant.map(({ key }) => key),
  }
}

function withoutState({ key, identity, method, params }: QuestionRecord): NewQuestion {
  return { key, identity, method, params }
}
