import { MalformedMessageError } from '../../errors/malformed-message-error.ts'
import { questionMethods, type QuestionMethod, type TaskQuestion } from '../../task/task-snapshot.ts'
import { asRecord, field } from '../read.ts'

/** A question on the wire, under its key in `inputRequests`. Source: SEP-2663, `InputRequest`. */
export type WireQuestion = {
  readonly method: QuestionMethod
  readonly params: Readonly<Record<string, unknown>>
}

/**
 * The readable questions of `inputRequests`, in order, and the keys of the others.
 *
 * More than a hundred at once, or a key of more than a thousand characters, is nothing that somebody could answer: such
 * questions count as unreadable.
 */
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
    const isTooMuch = questions.length >= maxQuestions || key.length > maxKeyLength
    if (question === undefined || isTooMuch) unreadable.push(key.slice(0, maxKeyLength))
    else questions.push(question)
  }
  return { questions, unreadable }
}

const maxQuestions = 100
const maxKeyLength = 1000

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
