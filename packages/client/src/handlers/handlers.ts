import type {
  ClientCapabilities,
  CreateMessageRequest,
  CreateMessageResult,
  CreateMessageResultWithTools,
  ElicitRequest,
  ElicitResult,
  Root,
} from '@modelcontextprotocol/client'
import { LongcallError, type QuestionMethod } from '@longcall/core'
import { InvalidOptionError } from '../errors/usage-errors.ts'

/** What a handler gets to know beside the question. */
export interface QuestionContext {
  /** Aborts when the answer is not wanted any more: the task was cancelled, ended, or was answered otherwise. */
  readonly signal: AbortSignal
  /** The task that asks; absent when the question belongs to no task. */
  readonly taskId?: string
  /** Names the question among all of its task. */
  readonly key?: string
}

/** A form to fill in, or a URL to visit. Everything in it comes from the server and is untrusted. */
export type ElicitationRequest = ElicitRequest['params']

/** A request for a message of the host's model. Everything in it comes from the server and is untrusted. */
export type SamplingRequest = CreateMessageRequest['params']

/** Answers a question to the user. It may take hours. What it throws reaches the server as an error, message only. */
export type ElicitationHandler = (
  request: ElicitationRequest,
  context: QuestionContext,
) => ElicitationAnswer | Promise<ElicitationAnswer>

/**
 * What the user did: `{ action: 'accept', content }`, `{ action: 'decline' }` or `{ action: 'cancel' }`. The content alone
 * accepts; for a form whose only field is called `value`, that value alone does.
 */
export type ElicitationAnswer = ElicitResult | FormContent | string | number | boolean | readonly string[]

/** The fields of a form, filled in. */
export type FormContent = Readonly<Record<string, string | number | boolean | readonly string[]>>

/** Answers a request for a message of the host's model. What it throws reaches the server as an error, message only. */
export type SamplingHandler = (
  request: SamplingRequest,
  context: QuestionContext,
) => SamplingAnswer | Promise<SamplingAnswer>

/** A message of the model; a text alone is one of the assistant, by a model of this client's name. */
export type SamplingAnswer = CreateMessageResult | CreateMessageResultWithTools | string

/** The folders that the server may look at: `file://` URIs, given once or asked for every time. */
export type Roots =
  | readonly (string | Root)[]
  | ((context: QuestionContext) => readonly (string | Root)[] | Promise<readonly (string | Root)[]>)

/**
 * What answers a server's questions. One registration serves requests that the server pushes, questions in the middle of
 * a call (multi-round-trip requests) and questions of a task. What is set is declared to the server.
 */
export interface Handlers {
  readonly onElicitation?: ElicitationHandler | undefined
  readonly onSampling?: SamplingHandler | undefined
  readonly roots?: Roots | undefined
}

/** The capability that a client declares which answers a kind of question. */
export const questionCapabilities: Readonly<Record<QuestionMethod, 'elicitation' | 'sampling' | 'roots'>> = {
  'elicitation/create': 'elicitation',
  'sampling/createMessage': 'sampling',
  'roots/list': 'roots',
}

/** The option that takes the handler of each kind of question. */
export const handlerOptions: Readonly<Record<QuestionMethod, keyof Handlers>> = {
  'elicitation/create': 'onElicitation',
  'sampling/createMessage': 'onSampling',
  'roots/list': 'roots',
}

/** The capabilities that the handlers amount to; `hosted` are the questions that are answered in tasks. */
export function handlerCapabilities(
  handlers: Handlers,
  hosted: { readonly elicitation: boolean; readonly sampling: boolean },
): ClientCapabilities {
  return {
    ...((handlers.onElicitation !== undefined || hosted.elicitation) && { elicitation: { form: {}, url: {} } }),
    ...((handlers.onSampling !== undefined || hosted.sampling) && { sampling: {} }),
    ...(handlers.roots !== undefined && { roots: { listChanged: true } }),
  }
}

/** Runs the handler of a question; `undefined` when none is set. */
export function handlerOf(
  handlers: Handlers,
  method: QuestionMethod,
): ((params: unknown, context: QuestionContext) => Promise<object>) | undefined {
  const { onElicitation, onSampling, roots } = handlers
  switch (method) {
    case 'elicitation/create':
      return (
        onElicitation &&
        (async (params, context) => {
          const request = params as ElicitationRequest
          return toElicitResult(request, await onElicitation(request, context))
        })
      )
    case 'sampling/createMessage':
      return onSampling && (async (params, context) => toMessage(await onSampling(params as SamplingRequest, context)))
    case 'roots/list':
      return (
        roots &&
        (async (_params, context) => ({ roots: toRoots(typeof roots === 'function' ? await roots(context) : roots) }))
      )
  }
}

/** What a handler answered, as the protocol has it. Throws where it is no answer to the form. */
function toElicitResult(request: ElicitationRequest, answer: ElicitationAnswer): ElicitResult {
  if (isElicitResult(answer)) return answer
  if (typeof answer === 'object' && answer !== null && !Array.isArray(answer))
    return { action: 'accept', content: answer as NonNullable<ElicitResult['content']> }
  const fields = 'requestedSchema' in request ? Object.keys(request.requestedSchema.properties ?? {}) : []
  const [field] = fields
  if (answer !== null && answer !== undefined && fields.length === 1 && field === 'value')
    return { action: 'accept', content: { value: answer as string } }
  throw new LongcallError(
    'invalid_answer',
    `onElicitation gave ${Array.isArray(answer) ? 'a list' : answer === null ? 'null' : typeof answer}; ` +
      `it must give { action } or the fields of the form (${fields.join(', ') || 'none'})`,
  )
}

/** A form may have a field called `action`: then there are others beside it. */
function isElicitResult(answer: unknown): answer is ElicitResult {
  if (typeof answer !== 'object' || answer === null || !('action' in answer)) return false
  const { action, content: _content, _meta, ...rest } = answer as Record<string, unknown>
  return ['accept', 'decline', 'cancel'].includes(action as string) && Object.keys(rest).length === 0
}

function toMessage(answer: SamplingAnswer): CreateMessageResult | CreateMessageResultWithTools {
  if (typeof answer !== 'string') return answer
  return { role: 'assistant', model: 'longcall', content: { type: 'text', text: answer }, stopReason: 'endTurn' }
}

/**
 * Roots as the protocol has them.
 *
 * @throws {InvalidOptionError} Thrown when one is not a `file://` URI.
 */
export function toRoots(roots: readonly (string | Root)[]): Root[] {
  if (!Array.isArray(roots)) throw new InvalidOptionError('roots', roots, 'a list of file:// URIs')
  return roots.map((root: string | Root) => {
    const full = typeof root === 'string' ? { uri: root } : root
    const uri: unknown = full?.uri
    if (typeof uri !== 'string' || !/^file:\/\//i.test(uri) || !URL.canParse(uri)) {
      throw new InvalidOptionError('roots', uri, 'a list of file:// URIs')
    }
    return full
  })
}
