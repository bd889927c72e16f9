import type { JsonObject, QuestionAnswer, QuestionRecord } from '@longcall/core'
import type { ContentCodec } from '../file/content-codec.ts'
import type { Prepare } from '../file/opened-file.ts'
import type { TaskEntry } from './task-rows.ts'

/**
 * Selects the questions of a row of `tasks`, as one text, `NULL` where it never asked: with them, a task is read by one
 * statement, and so as it was at one moment.
 */
export const questions = `CASE WHEN asked > 0 THEN (
  SELECT json_group_array(json_array(number, key, identity, method, state, params, answer))
  FROM questions WHERE questions.seq = tasks.seq
) END AS questions`

/** The same columns, in the same order. */
type QuestionRow = readonly [
  number: number,
  key: string,
  identity: string,
  method: QuestionRecord['method'],
  state: QuestionRecord['state'],
  params: string,
  answer: string,
]

/** Reads what {@link questions} selected, in the order in which they were asked. */
export function readQuestions(text: string | null, codec: ContentCodec, id: string): readonly QuestionRecord[] {
  if (text === null) return []
  const rows = JSON.parse(text) as QuestionRow[]
  return rows
    .toSorted(([one], [other]) => one - other)
    .map(([, key, identity, method, state, params, answer]): QuestionRecord => {
      const asked = codec.read(params, `question ${key} of task ${id}`) as JsonObject
      const question = { key, identity, method, params: asked }
      if (state !== 'answered') return { ...question, state }
      return {
        ...question,
        state,
        answer: codec.read(answer, `answer to ${key} of task ${id}`) as unknown as QuestionAnswer,
      }
    })
}

/** Writes what of the questions is not as it was: new ones, and those that were answered or withdrawn. */
export function updateQuestions(
  prepare: Prepare,
  codec: ContentCodec,
  { seq, record: before }: TaskEntry,
  now: readonly QuestionRecord[],
): void {
  for (const [number, question] of now.entries()) {
    const { key, identity, method, params, state } = question
    const last = before.questions[number]
    if (last === undefined) {
      prepare(
        'INSERT INTO questions (seq, number, key, identity, method, state, params) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ).run(seq, number, key, identity, method, state, codec.write(params, `question ${key} of task ${before.id}`))
    } else if (last.state !== state) {
      const answer =
        question.state === 'answered' ? codec.write(question.answer, `answer to ${key} of task ${before.id}`) : null
      prepare('UPDATE questions SET state = ?, answer = ? WHERE seq = ? AND number = ?').run(state, answer, seq, number)
    }
  }
}
