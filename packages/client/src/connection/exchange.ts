import type { Progress } from '@modelcontextprotocol/client'
import { LongcallError, MalformedMessageError } from '@longcall/core'
import { readQuestions } from '@longcall/core/wire/2026-07-28'
import { RequestError } from '../errors/request-errors.ts'
import { QuestionError } from '../errors/wait-errors.ts'
import type { Cancellation } from './cancellation.ts'
import type { Connection } from './connection.ts'
import type { Safety } from './safety.ts'
import { asResult } from './as-result.ts'
import type { Line } from './line.ts'
import { handlerFailed, noHandler } from './question-desk.ts'
import { toRequestError, toRpcError } from './to-request-error.ts'

/** A request of a user's: it may take its time, report progress, ask questions, and be cancelled. */
export interface Exchange {
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
  readonly meta?: Readonly<Record<string, unknown>> | undefined
  /** What it is about, for messages and lists: a tool, a prompt, a URI. */
  readonly name?: string
  /** Whether it may be sent again when it is not known whether it arrived. */
  readonly isSafe: Safety
}

/** How an {@link Exchange} goes. */
export interface ExchangeOptions {
  /** Ends it; the server is told, with the reason. Aborted here where the request is cancelled by its id. */
  readonly cancellation: Cancellation
  readonly onProgress: (progress: Progress) => void
}

/**
 * Sends a request and sees it through: its progress, and, on 2026-07-28, the rounds in which the server asks before it
 * answers (multi-round-trip requests, SEP-2322). Gives the result as it came.
 *
 * Rejects with {@link RpcError}, {@link RequestError}, {@link QuestionError}, or the reason of the cancellation.
 */
export async function exchange(
  connection: Connection,
  request: Exchange,
  options: ExchangeOptions,
): Promise<Readonly<Record<string, unknown>>> {
  const about = aboutOf(request)
  const { token, release } = connection.progress.open(options.onProgress)
  const meta = { ...request.meta, progressToken: token }
  try {
    let answers: Readonly<Record<string, unknown>> = {}
    for (let round = 0; ; round += 1) {
      const params = { ...request.params, ...answers, _meta: meta }
      // Answers were given to the line that asked: another one would not know of them.
      const isSafe = round === 0 && request.isSafe
      const result = await connection.use(
        about,
        isSafe,
        (line) => send(line, connection, request, params, options),
        options.cancellation,
      )
      if (result['resultType'] !== 'input_required') return result
      if (round >= maxRounds) throw tooManyRounds(about)
      answers = await answerRound(connection, about, result, options.cancellation.signal)
    }
  } finally {
    release()
  }
}

/** What a request is about, as messages tell it. */
export function aboutOf({ method, name }: Pick<Exchange, 'method' | 'name'>): string {
  return name === undefined ? method : `${method} of ${JSON.stringify(name)}`
}

async function send(
  line: Line,
  connection: Connection,
  request: Exchange,
  params: Readonly<Record<string, unknown>>,
  { cancellation }: ExchangeOptions,
): Promise<Readonly<Record<string, unknown>>> {
  const { method, name } = request
  const about = aboutOf(request)
  let done: (() => void) | undefined
  const sent = (id: string): void => {
    const startedAt = new Date(connection.clock.now())
    const pending = { id, method, startedAt, ...(name !== undefined && { name }) }
    done = connection.pending.add(pending, (reason) =>
      cancellation.abort(new RequestError(about, { kind: 'aborted' }, { cause: reason })),
    )
  }
  try {
    const reply = await line.sdk.dispatch({ method, params }, cancellation, sent)
    if (reply.kind === 'error') throw toRpcError(about, reply.error)
    return asResult(reply.result)
  } catch (error) {
    throw error instanceof MalformedMessageError ? toRequestError(about, error) : error
  } finally {
    done?.()
  }
}

/** Has the questions of a round answered, and gives what the next one sends along. */
async function answerRound(
  connection: Connection,
  about: string,
  result: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const { requestState } = result
  const { questions, unreadable } = readRound(about, result['inputRequests'])
  const [unread] = unreadable
  if (unread !== undefined) {
    const message = `${about} asks ${JSON.stringify(unread)} in a way that this client cannot read`
    throw new QuestionError('unreadable', message)
  }
  // A server that only wants to be asked again sets the pace by its answers; this is for one that sets none.
  if (questions.length === 0) await connection.clock.sleep(emptyRoundMs, signal)
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  try {
    const answered = await Promise.all(
      questions.map(async (question) => {
        if (!connection.desk.canAnswer(question.method)) throw noHandler(about, question.method)
        try {
          return [question.key, await connection.ask(question, { signal: either, key: question.key })] as const
        } catch (error) {
          if (signal.aborted) throw signal.reason
          throw handlerFailed(about, question.method, error)
        }
      }),
    )
    return {
      ...(answered.length > 0 && { inputResponses: Object.fromEntries(answered) }),
      ...(requestState !== undefined && { requestState }),
    }
  } finally {
    // The first that fails calls the others off.
    over.abort(new Error('the question is not asked any more'))
  }
}

function readRound(about: string, inputRequests: unknown): ReturnType<typeof readQuestions> {
  try {
    return readQuestions(inputRequests)
  } catch (error) {
    throw toRequestError(about, error)
  }
}

function tooManyRounds(about: string): LongcallError {
  return new LongcallError('too_many_rounds', `${about}: the server still asks after ${maxRounds} rounds of questions`)
}

const maxRounds = 10
const emptyRoundMs = 250
