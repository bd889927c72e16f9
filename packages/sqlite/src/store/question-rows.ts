import type { JsonObject, QuestionAnswer, QuestionRecord } from '@longcall/core'
import type { ContentCodec } from './content-codec.ts'
import type { Prepare } from '../file/task-file.ts'
import type { TaskEntry } from './task-rows.ts'

/** All questions of a task, in the order in which they were asked. */
export function readQuestions(
  prepare: Prepare,
  codec: ContentCodec,
  { seq, id }: { readonly seq: number; readonly id: string },
): readonly QuestionRecord[] {
  const rows = prepare(
    'SELECT key, identity, method, state, params, answer FROM questions WHERE seq = ? ORDER BY number',
  ).all(seq)
  return rows.map((row): QuestionRecord => {
    const key = row['key'] as string
    const question = {
      key,
      identity: row['identity'] as string,
      method: row['method'] as QuestionRecord['method'],
      params: codec.read(row['params'] as string, `question ${key} of task ${id}`) as JsonObject,
    }
    const state = row['state'] as QuestionRecord['state']
    if (state !== 'answered') return { ...question, state }
    const answer = codec.read(row['answer'] as string, `answer to ${key} of task ${id}`) as unknown as QuestionAnswer
    return { ...question, state, answer }
  })
}

/** Writes what of the questions is not as it was: new ones, and those that were answered or withdrawn. */
export function updateQuestions(
  prepare: Prepare,
  codec: ContentCodec,
  { seq, record: before }: TaskEntry,
  questions: readonly QuestionRecord[],
): void {
  for (const [number, question] of questions.entries()) {
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
