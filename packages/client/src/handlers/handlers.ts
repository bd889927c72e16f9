import type {
  ClientCapabilities,
  CreateMessageRequest,
  CreateMessageResult,
  CreateMessageResultWithTools,
  ElicitRequest,
  ElicitResult,
  Root,
} from '@modelcontextprotocol/client'
import type { QuestionMethod } from '@longcall/core'
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
) => ElicitResult | Promise<ElicitResult>

/** Answers a request for a message of the host's model. What it throws reaches the server as an error, message only. */
export type SamplingHandler = (
  request: SamplingRequest,
  context: QuestionContext,
) => CreateMessageResult | CreateMessageResultWithTools | Promise<CreateMessageResult | CreateMessageResultWithTools>

/** The folders that the server may look at: `file://` URIs, given once or asked for every time. */
export type Roots =
  | readonly (string | Root)[]
  | ((context: QuestionContext) => readonly (string | Root)[] | Promise<readonly (string | Root)[]>)

/**
 * What answers a server's questions. One registration serves requests that the server pushes, questions in the middle of
 * a call (multi-round-trip requests) and questions of a task. What is set is declared to the server.
 */
export interface Handlers {
  readonly onElicitation?: ElicitationHandler
  readonly onSampling?: SamplingHandler
  readonly roots?: Roots
}

/** The option that takes the handler of each kind of question. */
export const handlerOptions: Readonly<Record<QuestionMethod, keyof Handlers>> = {
  'elicitation/create': 'onElicitation',
  'sampling/createMessage': 'onSampling',
  'roots/list': 'roots',
}

/** The capabilities that the handlers amount to. */
export function handlerCapabilities(handlers: Handlers): ClientCapabilities {
  return {
    ...(handlers.onElicitation !== undefined && { elicitation: { form: {}, url: {} } }),
    ...(handlers.onSampling !== undefined && { sampling: {} }),
    ...(handlers.roots !== undefined && { roots: {} }),
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
      return onElicitation && (async (params, context) => onElicitation(params as ElicitationRequest, context))
    case 'sampling/createMessage':
      return onSampling && (async (params, context) => onSampling(params as SamplingRequest, context))
    case 'roots/list':
      return (
        roots &&
        (async (_params, context) => ({ roots: toRoots(typeof roots === 'function' ? await roots(context) : roots) }))
      )
  }
}

/**
 * Roots as the protocol has them.
 *
 * @throws {InvalidOptionError} Thrown when one is not a `file://` URI.
 */
export function toRoots(roots: readonly (string | Root)[]): Root[] {
  return roots.map((root) => {
    const full = typeof root === 'string' ? { uri: root } : root
    if (!URL.canParse(full.uri) || new URL(full.uri).protocol !== 'file:') {
      throw new InvalidOptionError('roots', full.uri, 'a list of file:// URIs')
    }
    return full
  })
}
