import { move } from '../task/task-status.ts'
import type { QuestionRecord, TaskRecord } from './task-record.ts'

/** The same question, which nobody answers any more. */
export function withdrawn({ key, identity, method, params }: QuestionRecord): QuestionRecord {
  return { key, identity, method, params, state: 'withdrawn' }
}

/** The task with these questions: waiting while one is open, and only then. */
export function withQuestions(record: TaskRecord, questions: readonly QuestionRecord[]): TaskRecord {
  const status = questions.some(({ state }) => state === 'open') ? 'input_required' : 'working'
  const { id, status: from } = record
  return { ...record, status: from === status ? status : move(id, from, status), questions }
}
