import type { ServerContext } from '@modelcontextprotocol/server'
import {
  RunningTime,
  toJson,
  type AskOptions,
  type JsonObject,
  type JsonValue,
  type Question,
  type TaskExecution,
  type TaskRuntime,
  type TaskProgress,
  type TaskRequest,
} from '@longcall/core'
import type { WriteLog, ToolExecution } from '../tool/tool-context.ts'

/** How a call that is answered at once asks: on its own stream, or by becoming a record that waits for another round. */
export type InlineAsk = (question: Question, options: AskOptions, call: InlineCall) => Promise<JsonObject>

/** The execution of a call that is answered at once: what it says goes out on the call's own stream, and nothing is kept. */
export class InlineCall implements ToolExecution {
  readonly taskId: undefined = undefined
  readonly attempt = 1
  readonly request: TaskRequest
  readonly time: RunningTime
  readonly #context: ServerContext
  readonly #ask: InlineAsk
  readonly #maxStepBytes: number
  readonly #abort = new AbortController()
  #becoming: (execution: Promise<TaskExecution>) => void = () => {}
  /** The record that the call becomes, if it ever does. */
  readonly becoming: Promise<TaskExecution> = new Promise((resolve) => {
    this.#becoming = resolve
  })
  #unlink: () => void
  #lastProgress: number | undefined
  #adopted: Promise<TaskExecution> | undefined

  constructor(context: ServerContext, request: TaskRequest, ask: InlineAsk, { clock, limits }: TaskRuntime) {
    this.time = new RunningTime(clock)
    this.#maxStepBytes = limits.maxStepBytes
    this.#context = context
    this.request = request
    this.#ask = ask
    this.#unlink = this.#link(context.mcpReq.signal)
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** The record that the call has become, if it has. */
  get adopted(): Promise<TaskExecution> | undefined {
    return this.#adopted
  }

  /** From now on the call outlives its request: it is a record's, and ends with it. */
  become(adopt: () => Promise<TaskExecution>): Promise<TaskExecution> {
    this.#adopted ??= adopt().then((execution) => {
      this.#unlink()
      this.#unlink = this.#link(execution.signal)
      return execution
    })
    this.#becoming(this.#adopted)
    return this.#adopted
  }

  ask(question: Question, options: AskOptions = {}): Promise<JsonObject> {
    this.signal.throwIfAborted()
    return this.time.pause(() => this.#ask(question, options, this))
  }

  async step(name: string, work: () => Promise<JsonValue> | JsonValue): Promise<JsonValue> {
    this.signal.throwIfAborted()
    return toJson(await work(), `what step "${name}" gave`, this.#maxStepBytes)
  }

  updateStatus(message: string): void {
    // A notification must say more progress than the last one; what the body itself will count is not known here.
    this.progress({ progress: (this.#lastProgress ?? 0) + 0.001, message })
  }

  progress({ progress, total, message }: TaskProgress): void {
    const progressToken = this.request.meta?.['progressToken']
    if (progressToken === undefined || this.signal.aborted || progress <= (this.#lastProgress ?? -Infinity)) return
    this.#lastProgress = progress
    this.#notify('notifications/progress', {
      progressToken,
      progress,
      ...(total !== undefined && { total }),
      ...(message !== undefined && { message }),
    })
  }

  readonly log: WriteLog = (level, data, logger) => {
    void this.#context.mcpReq.log(level, data, logger).catch(() => {})
  }

  /** Ends the body, as far as it listens. */
  abort(reason: Error): void {
    this.#abort.abort(reason)
  }

  /** Its request is over: nothing more goes out on its stream. */
  end(): void {
    this.#unlink()
  }

  #notify(method: string, params: JsonObject): void {
    // A client that is gone hears nothing, and the call goes on.
    void this.#context.mcpReq.notify({ method, params }).catch(() => {})
  }

  #link(signal: AbortSignal): () => void {
    const onAbort = (): void => this.#abort.abort(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    return () => signal.removeEventListener('abort', onAbort)
  }
}
