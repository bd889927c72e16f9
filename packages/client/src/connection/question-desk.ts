import {
  ProtocolError,
  type ClientCapabilities,
  type ClientContext,
  type JSONRPCRequest,
  type Result,
} from '@modelcontextprotocol/client'
import {
  questionMethods,
  readRelatedTask,
  rpcErrorCodes,
  writeRelatedTask,
  type QuestionMethod,
  type TaskQuestion,
} from '@longcall/core'
import {
  handlerOf,
  handlerOptions,
  questionCapabilities,
  type Handlers,
  type QuestionContext,
} from '../handlers/handlers.ts'
import { saidBy } from '../errors/clip.ts'
import { QuestionError } from '../errors/wait-errors.ts'
import type { SdkClient } from './sdk-client.ts'

/**
 * Where the server's questions arrive, and the one place that runs a handler.
 *
 * A question that belongs to no task is answered at once. One of a task (2025-11-25) goes to whoever follows the task and
 * is answered while somebody waits for it; of a task that nobody here knows, it is answered at once.
 */
export class QuestionDesk {
  readonly #handlers: () => Handlers
  readonly #isOpen: (taskId: string) => boolean
  readonly #take: TakeRequest
  readonly #followers = new Map<string, (question: AskedQuestion) => void>()
  readonly #unclaimed = new Set<UnclaimedQuestion>()
  /** The questions of tasks that the server waits for, by the id of its request. */
  readonly #asked = new Map<string | number, AskedQuestion>()
  #declared: ClientCapabilities = {}
  #people = 0
  #creating = 0

  /**
   * `handlers` are those of the moment; `isOpen` tells the open tasks that this client started or picked up: their questions
   * wait for somebody to follow them; `take` takes requests about tasks that are run here.
   */
  constructor(handlers: () => Handlers, isOpen: (taskId: string) => boolean, take: TakeRequest) {
    this.#handlers = handlers
    this.#isOpen = isOpen
    this.#take = take
  }

  /** Registers the desk for every kind of question that was declared, and for those that come undeclared. */
  register(sdk: SdkClient, declared: ClientCapabilities): void {
    this.#declared = declared
    const receive = async (method: QuestionMethod, params: unknown, context: ClientContext): Promise<never> => {
      const run = localRun(context)
      return (await (run === undefined ? this.#receive(method, params, context.mcpReq) : run(params))) as never
    }
    for (const method of questionMethods) {
      if (declared[questionCapabilities[method]] === undefined) sdk.removeRequestHandler(method)
      else sdk.setRequestHandler(method, async (request, context) => receive(method, request.params, context))
    }
    sdk.fallbackRequestHandler = (request, context) =>
      this.received(request, context, async () => {
        const method = questionMethods.find((known) => known === request.method)
        if (method === undefined) throw new ProtocolError(rpcErrorCodes.methodNotFound, 'Method not found')
        return receive(method, request.params, context)
      })
  }

  /** Any request of the server's: taken as one about tasks that are run here, or answered as the plain request that it is. */
  async received(request: JSONRPCRequest, context: ClientContext, answer: () => Promise<Result>): Promise<Result> {
    if (localRun(context) !== undefined) return answer()
    const result = await (this.#take(request, context) ?? answer())
    return request.method.startsWith('tasks/') ? result : related(request.params, result)
  }

  /** Whether a handler is set that can answer. */
  canAnswer(method: QuestionMethod): boolean {
    return handlerOf(this.#handlers(), method) !== undefined
  }

  /**
   * Has a person or model answer. Rejects with {@link QuestionError} when there is no handler, with what it threw, or with
   * a ProtocolError when the server asked for what was not declared.
   */
  async run(method: QuestionMethod, params: unknown, context: QuestionContext): Promise<object> {
    const handler = handlerOf(this.#handlers(), method)
    if (handler === undefined) throw noHandler('The server', method)
    return this.runWith(method, params, () => handler(params, context))
  }

  /** Has `answer` answer in the place of a handler: one that runs in a task of this client's. */
  async runWith(method: QuestionMethod, params: unknown, answer: () => Promise<object>): Promise<object> {
    if (method === 'sampling/createMessage' && this.#declared.sampling?.tools === undefined) refuseTools(params)
    this.#people += 1
    try {
      return await answer()
    } finally {
      this.#people -= 1
    }
  }

  /** Questions of a task go to `follower` from now on, also those that came before it. */
  follow(taskId: string, follower: (question: AskedQuestion) => void): () => void {
    this.#followers.set(taskId, follower)
    // Not before the follower knows how to stop following.
    queueMicrotask(() => {
      for (const question of this.#unclaimed) {
        if (question.taskId !== taskId || this.#followers.get(taskId) !== follower) continue
        this.#unclaimed.delete(question)
        follower(question)
      }
    })
    return () => {
      if (this.#followers.get(taskId) === follower) this.#followers.delete(taskId)
    }
  }

  /** While a call may be turning into a task, questions of tasks yet unknown are kept for it. */
  creating(): () => void {
    this.#creating += 1
    return () => {
      this.#creating -= 1
      if (this.#creating > 0) return
      for (const question of this.#unclaimed) {
        if (this.#isOpen(question.taskId)) continue
        this.#unclaimed.delete(question)
        this.#answerNow(question)
      }
    }
  }

  /** How far an answer of ours has come, by the id of the server's request. */
  answerIs(id: string | number, delivery: AskedQuestion['delivery']): void {
    const asked = this.#asked.get(id)
    if (asked !== undefined) asked.delivery = delivery
    if (delivery !== 'arrived') return
    this.#asked.delete(id)
    asked?.arrived?.()
  }

  /** The answer to a request cannot be brought to the server; another request may have its id one day. */
  forget(id: string | number): void {
    this.#asked.delete(id)
  }

  /** Whether somebody is being asked right now: while so, silence is no sign of trouble. */
  get busy(): boolean {
    return this.#people > 0
  }

  async #receive(method: QuestionMethod, params: unknown, { id, signal }: ClientContext['mcpReq']): Promise<object> {
    const full = (params ?? {}) as Readonly<Record<string, unknown>>
    const taskId = readRelatedTask(full['_meta'])
    if (taskId === undefined) return this.#answerPeer(method, full, { signal })
    return new Promise((resolve, reject) => {
      const question: UnclaimedQuestion = {
        id,
        taskId,
        method,
        params: full,
        signal,
        resolve,
        reject,
        delivery: 'none',
      }
      this.#asked.set(id, question)
      signal.addEventListener('abort', () => this.#asked.delete(id), { once: true })
      const follower = this.#followers.get(taskId)
      if (follower !== undefined) return follower(question)
      if (this.#creating === 0 && !this.#isOpen(taskId)) return this.#answerNow(question)
      if (this.#unclaimed.size >= unclaimedLimit) return this.#answerNow(question)
      this.#unclaimed.add(question)
      signal.addEventListener('abort', () => this.#unclaimed.delete(question), { once: true })
      if (this.#isOpen(taskId)) return
      // Should the call that is under way be no task after all, it may be the one that waits for this answer.
      const patience = setTimeout(() => {
        if (!this.#isOpen(taskId) && this.#unclaimed.delete(question)) this.#answerNow(question)
      }, unclaimedMs)
      patience.unref()
    })
  }

  #answerNow({ method, params, signal, resolve, reject }: AskedQuestion): void {
    this.#answerPeer(method, params, { signal }).then(resolve, reject)
  }

  async #answerPeer(method: QuestionMethod, params: unknown, context: QuestionContext): Promise<object> {
    try {
      return await this.run(method, params, context)
    } catch (error) {
      throw toPeerError(method, error)
    }
  }
}

/** Takes a request of the server's, and gives what comes of it; `undefined` leaves it alone. */
export type TakeRequest = (request: JSONRPCRequest, context: ClientContext) => Promise<Result> | undefined

/** A question of a task that the server waits for on the wire (2025-11-25). */
export interface AskedQuestion extends Omit<TaskQuestion, 'key'> {
  /** The id of the server's request. */
  readonly id: string | number
  /** Aborts when the server withdrew it, or the connection closed. */
  readonly signal: AbortSignal
  readonly resolve: (answer: object) => void
  readonly reject: (error: Error) => void
  /** How far the answer has come; `none` also when it could not be sent: the server may ask again. */
  delivery: 'none' | 'sending' | 'arrived'
  /** Called when the answer has arrived. */
  arrived?: () => void
}

type UnclaimedQuestion = AskedQuestion & { readonly taskId: string }

/** What the server is told when nobody here answered: a message, never a stack. */
export function toPeerError(method: QuestionMethod, error: unknown): Error {
  // The SDK tells what is wrong with an answer by listing its schema.
  if (error instanceof ProtocolError) return new ProtocolError(error.code, saidBy(error), error.data)
  if (error instanceof QuestionError && error.code === 'no_handler') {
    return new ProtocolError(rpcErrorCodes.methodNotFound, `This client has no handler for ${method}`)
  }
  return new ProtocolError(rpcErrorCodes.internalError, `The client's handler for ${method} failed: ${saidBy(error)}`)
}

/** A model that was not declared to use tools would have to ignore them (specification 2025-11-25, Sampling). */
function refuseTools(params: unknown): void {
  const { tools, toolChoice } = (params ?? {}) as { readonly tools?: unknown; readonly toolChoice?: unknown }
  if (tools === undefined && toolChoice === undefined) return
  throw new ProtocolError(
    rpcErrorCodes.invalidParams,
    'This client did not declare sampling.tools: a request may have no tools, nor toolChoice',
  )
}

/** The request context of a question that did not come as a request of its own. */
export function localQuestion(key: string, method: string, signal: AbortSignal, run: LocalRun): object {
  return { mcpReq: { id: key, method, signal }, [localMark]: run }
}

/** What answers a question that did not come as a request of its own; its params have been checked. */
type LocalRun = (params: unknown) => Promise<object>

function localRun(context: ClientContext): LocalRun | undefined {
  return (context as { [localMark]?: LocalRun })[localMark]
}

/**
 * An answer, with the task of the server's that its request belongs to: every message that belongs to a task names it.
 *
 * Source: specification 2025-11-25, Tasks, "Related Task Metadata".
 */
function related(params: JSONRPCRequest['params'], answer: Result): Result {
  const taskId = readRelatedTask(params?.['_meta'])
  return taskId === undefined ? answer : { ...answer, _meta: { ...answer._meta, ...writeRelatedTask(taskId) } }
}

/** How long a question waits for the task that it belongs to. */
const unclaimedMs = 2000

/** How many questions wait for somebody to follow their tasks; a server that asks more is answered at once. */
const unclaimedLimit = 1000

const localMark: unique symbol = Symbol('longcall.question')

/** A question came, outside of a task, for which there is no handler. */
export function noHandler(who: string, method: QuestionMethod): QuestionError {
  return new QuestionError(
    'no_handler',
    `${who} asked for ${method}, but no handler is set; pass ${handlerOptions[method]} to Client.connect().`,
  )
}

/** The handler of a question, outside of a task, failed. */
export function handlerFailed(who: string, method: QuestionMethod, cause: unknown): QuestionError {
  const message = `${who} asked for ${method}, and ${handlerOptions[method]} failed: ${saidBy(cause)}`
  return new QuestionError('handler_failed', message, undefined, { cause })
}
