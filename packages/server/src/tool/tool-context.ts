import type {
  CreateMessageRequestParams,
  CreateMessageRequestParamsBase,
  CreateMessageRequestParamsWithTools,
  CreateMessageResult,
  CreateMessageResultWithTools,
  ElicitRequestFormParams,
  ElicitRequestURLParams,
  ElicitResult,
  LoggingLevel,
  Root,
} from '@modelcontextprotocol/server'
import { defaultTtlMs, type AskOptions, type JsonObject, type JsonValue, type TaskBodyContext } from '@longcall/core'
import { augment } from '@longcall/core/wire/2025-11-25'
import { assertForm } from './assert-form.ts'
import { assertKey } from './assert-key.ts'
import type { CallerInfo } from './tool.ts'

/** How a question is asked. */
export interface QuestionOptions extends AskOptions {
  /** Names the question among those of the tool, and on the wire; by default its place in their order. */
  readonly key?: string
  /**
   * Lets the client answer in a task of its own, where it runs such questions as tasks (2025-11-25): an answer may then take
   * longer than any connection. Elsewhere it is asked as ever. `ttlMs` is how long the client shall keep that task, from its
   * creation; by default a day.
   */
  readonly task?: true | { readonly ttlMs?: number }
}

/**
 * What a tool is given beside its arguments: the same in a call that is answered at once and in a task.
 *
 * A question waits for its answer as long as it takes. In a task it is kept: after a crash, one that was answered comes back
 * at once, and one that was not is not asked anew.
 */
export interface ToolContext {
  /** Aborts when the work is no longer wanted: cancelled, timed out, ended from outside, or the caller went away. */
  readonly signal: AbortSignal
  /** The task's id; `undefined` in a call that is answered at once. */
  readonly taskId: string | undefined
  /** 1 at first; one more each time the tool is started again after a crash. */
  readonly attempt: number
  /** The `_meta` of the call. */
  readonly meta: JsonObject
  /** W3C trace context of the caller. */
  readonly traceparent: string | undefined
  /** Who calls; `undefined` where nobody has to say. */
  readonly auth: CallerInfo | undefined
  /** Says what the tool is doing, for people: the status message of its task. */
  readonly updateStatus: (message: string) => void
  /** Says how far the tool is: a progress notification where the caller can take one, else the status message. */
  readonly progress: (progress: number, total?: number, message?: string) => void
  /**
   * Asks the user, with a form or by sending them to a URL.
   *
   * @throws {RpcError} Thrown when the client did not declare that it can be asked, or answered with an error.
   */
  readonly elicit: (params: FormParams | URLParams, options?: QuestionOptions) => Promise<ElicitResult>
  /** Asks the client's model; offered `tools`, it may answer with calls of them. Throws like {@link elicit}. */
  readonly createMessage: {
    (params: CreateMessageRequestParamsBase, options?: QuestionOptions): Promise<CreateMessageResult>
    (params: CreateMessageRequestParamsWithTools, options?: QuestionOptions): Promise<CreateMessageResultWithTools>
  }
  /** Asks for the client's roots. Throws like {@link elicit}. */
  readonly listRoots: (options?: Omit<QuestionOptions, 'task'>) => Promise<{ readonly roots: readonly Root[] }>
  /**
   * What `work` gives, as JSON. In a task it is kept: started again after a crash, the tool gets it back, and `work` does not
   * run again.
   */
  readonly step: <T extends JsonValue>(name: string, work: () => Promise<T> | T) => Promise<T>
  /** A line for the client's log, where it can take one; it may be lost. */
  readonly log: (level: LoggingLevel, data: JsonValue, logger?: string) => void
}

/** A form to fill in; `mode` may be left out. */
export type FormParams = DeepReadonly<Omit<ElicitRequestFormParams, 'mode'>> & { readonly mode?: 'form' }

/** Takes what was written `as const`, too. */
type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T

/** A URL to visit. */
export type URLParams = ElicitRequestURLParams

/** What the context of a tool stands on: a task's execution, or a call that is answered at once. */
export interface ToolExecution extends Omit<TaskBodyContext, 'taskId'> {
  readonly taskId: string | undefined
}

/** Sends a line to the client's log, or loses it. */
export type WriteLog = ToolContext['log']

/** The context of a tool, over whatever runs it. */
export function toolContext(execution: ToolExecution, log: WriteLog): ToolContext {
  const { request } = execution
  const ask = async (
    method: 'elicitation/create' | 'sampling/createMessage' | 'roots/list',
    params: object,
    options: QuestionOptions = {},
  ) => {
    const { key, task, ...rest } = options
    if (key !== undefined) assertKey(key)
    const asked = task === undefined ? params : augment(params, readWish(task))
    return execution.ask({ method, params: asked as JsonObject, ...(key !== undefined && { key }) }, rest)
  }
  return {
    get signal() {
      return execution.signal
    },
    taskId: execution.taskId,
    attempt: execution.attempt,
    meta: request.meta ?? {},
    traceparent: request.traceparent,
    auth: request.auth as CallerInfo | undefined,
    updateStatus: (message) => execution.updateStatus(message),
    progress: (progress, total, message) =>
      execution.progress({
        progress,
        ...(total !== undefined && { total }),
        ...(message !== undefined && { message }),
      }),
    elicit: floating(async (params: FormParams | URLParams, options?: QuestionOptions) => {
      if ('requestedSchema' in params) assertForm(params.requestedSchema)
      const asked = { ...params, mode: params.mode ?? 'form' }
      return (await ask('elicitation/create', asked, options)) as unknown as ElicitResult
    }),
    createMessage: floating(
      async (params: CreateMessageRequestParams, options?: QuestionOptions) =>
        (await ask('sampling/createMessage', params, options)) as never,
    ),
    listRoots: floating(
      async (options?: Omit<QuestionOptions, 'task'>) =>
        (await ask('roots/list', {}, options)) as unknown as { roots: readonly Root[] },
    ),
    step: floating(async (name: string, work: () => unknown) => (await execution.step(name, work as never)) as never),
    log,
  }
}

/** @throws {RangeError} Thrown when the time to live is no time; nothing is asked. */
function readWish(task: NonNullable<QuestionOptions['task']>): { readonly ttlMs: number } {
  const ttlMs: unknown = (task === true ? undefined : task.ttlMs) ?? defaultTtlMs
  if (Number.isSafeInteger(ttlMs) && (ttlMs as number) > 0) return { ttlMs: ttlMs as number }
  throw new RangeError(`task.ttlMs of a question must be whole milliseconds above zero, but is ${String(ttlMs)}.`)
}

/** A tool may drop the promise it is given: that must not end the process as an unhandled rejection. */
function floating<Args extends readonly unknown[], T>(
  give: (...args: Args) => Promise<T>,
): (...args: Args) => Promise<T> {
  return (...args) => {
    const given = give(...args)
    given.catch(() => {})
    return given
  }
}
