import { MalformedMessageError } from '../../errors/malformed-message-error.ts'
import { questionMethods, type QuestionMethod, type TaskQuestion } from '../../task/task-snapshot.ts'
import { asRecord, field } from '../read.ts'

/** A question on the wire, under its key in `inputRequests`. Source: SEP-2663, `InputRequest`. */
export type WireQuestion = {
  readonly method: QuestionMethod
  readonly params: Readonly<Record<string, unknown>>
}

/** The readable questions of `inputRequests`, in order, and the keys of the others. */
export function readQuestions(inputRequests: unknown): {
  readonly questions: readonly TaskQuestion[]
  readonly unreadable: readonly string[]
} {
  const entries = asRecord(inputRequests ?? {})
  if (entries === undefined) throw new MalformedMessageError('inputRequests', inputRequests, 'an object')
  const questions: TaskQuestion[] = []
  const unreadable: string[] = []
  for (const [key, value] of Object.entries(entries)) {
    const question = readQuestion(key, value)
    if (question === undefined) unreadable.push(key)
    else questions.push(question)
  }
  return { questions, unreadable }
}

/** The value of `inputRequests`. */
export function writeQuestions(questions: readonly TaskQuestion[]): Readonly<Record<string, WireQuestion>> {
  return Object.fromEntries(questions.map(({ key, method, params }) => [key, { method, params }]))
}

function readQuestion(key: string, value: unknown): TaskQuestion | undefined {
  const request = asRecord(value)
  const method = questionMethods.find((known) => known === field(request, 'method'))
  // Only this one has params that may be left out.
  const params = asRecord(field(request, 'params') ?? (method === 'roots/list' ? {} : undefined))
  return method === undefined || params === undefined ? undefined : { key, method, params }
}
