import type { Answer } from '../sdk/sdk-server.ts'
import { specTypeSchemas } from '@modelcontextprotocol/server'
import {
  NotJsonError,
  RpcError,
  rpcErrorCodes,
  TooLargeError,
  toJsonObject,
  type JsonObject,
  type QuestionAnswer,
  type RpcErrorObject,
  type TaskQuestion,
} from '@longcall/core'
import { compiledForm } from '../tool/compiled-form.ts'

const longestMessage = 4000

/** An answer that may be kept, or what is wrong with it. */
export type CheckedAnswer =
  | { readonly kind: 'fits'; readonly answer: JsonObject }
  | { readonly kind: 'unfit'; readonly why: string }

/** Checks what a client answers: whether it is an answer to this kind of question, and what the question's form demands. */
export class AnswerCheck {
  readonly #maxBytes: number

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /**
   * The answers to these questions, as they may be kept; those to others are left aside.
   *
   * @throws {RpcError} Thrown with -32602, and nothing is kept, when one does not fit its question.
   */
  checkAll(
    questions: readonly TaskQuestion[],
    answers: Readonly<Record<string, unknown>>,
  ): Map<string, QuestionAnswer> {
    const fitting = new Map<string, QuestionAnswer>()
    for (const question of questions) {
      if (!Object.hasOwn(answers, question.key)) continue
      const checked = this.check(question, answers[question.key])
      if (checked.kind === 'unfit') throw new RpcError(rpcErrorCodes.invalidParams, checked.why)
      fitting.set(question.key, { kind: 'result', result: checked.answer })
    }
    return fitting
  }

  /** What a JSON-RPC response says to a question; where it does not fit, the error that the body gets. */
  read(question: TaskQuestion, response: Answer): QuestionAnswer {
    if ('error' in response) {
      const { code, message, data } = response.error
      const error = { code, message: message.slice(0, longestMessage), ...(data !== undefined && { data }) }
      try {
        return {
          kind: 'error',
          error: toJsonObject(error, 'the error that the client answered with', this.#maxBytes) as JsonObject &
            RpcErrorObject,
        }
      } catch {
        return { kind: 'error', error: { code, message: error.message } }
      }
    }
    const checked = this.check(question, response.result)
    if (checked.kind === 'fits') return { kind: 'result', result: checked.answer }
    return { kind: 'error', error: { code: rpcErrorCodes.invalidParams, message: checked.why } }
  }

  /** Whether it is an answer to this kind of question, and what the question's form demands. */
  check(question: TaskQuestion, value: unknown): CheckedAnswer {
    const what = `the answer to question ${question.key}`
    let answer: JsonObject
    try {
      answer = toJsonObject(value, what, this.#maxBytes)
    } catch (error) {
      if (error instanceof NotJsonError || error instanceof TooLargeError) return { kind: 'unfit', why: error.message }
      throw error
    }
    const why = shapeProblem(question, answer) ?? formProblem(question, answer)
    return why === undefined
      ? { kind: 'fits', answer }
      : { kind: 'unfit', why: `The answer to question ${question.key} ${why}` }
  }
}

function shapeProblem({ method, params }: TaskQuestion, answer: JsonObject): string | undefined {
  // A model that was offered tools may answer with calls of them, and with several blocks.
  const offersTools = params['tools'] !== undefined || params['toolChoice'] !== undefined
  const isWithTools = method === 'sampling/createMessage' && offersTools
  const schema = isWithTools ? specTypeSchemas.CreateMessageResultWithTools : resultSchemas[method]
  const checked = schema['~standard'].validate(answer)
  if (checked instanceof Promise || checked.issues === undefined) return undefined
  const [issue] = checked.issues
  const where = (issue?.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  return `is no answer to ${method}: ${where === '' ? '' : `${where}: `}${issue?.message ?? 'it does not fit'}.`
}

const resultSchemas = {
  'elicitation/create': specTypeSchemas.ElicitResult,
  'sampling/createMessage': specTypeSchemas.CreateMessageResult,
  'roots/list': specTypeSchemas.ListRootsResult,
} as const

/** What was accepted must fit the form; what was declined or cancelled has nothing to fit. */
function formProblem({ method, params }: TaskQuestion, answer: JsonObject): string | undefined {
  const schema = params['requestedSchema']
  if (method !== 'elicitation/create' || answer['action'] !== 'accept' || params['mode'] === 'url') return undefined
  if (typeof schema !== 'object' || schema === null) return undefined
  try {
    const { valid, errorMessage } = compiledForm(schema)(answer['content'] ?? {})
    return valid ? undefined : `does not fit the form: ${errorMessage ?? 'it is not valid'}.`
  } catch (error) {
    return `cannot be checked: the form's schema is not valid (${error instanceof Error ? error.message : String(error)}).`
  }
}
