import type { CallToolResult, CreateMessageResult, ElicitResult, ListRootsResult } from '@modelcontextprotocol/server'
import {
  isTerminal,
  openQuestions,
  RpcError,
  TaskCancelledError,
  type QuestionAnswer,
  type QuestionRecord,
  type RpcErrorObject,
  type TaskOutcome,
  type TaskProgress,
  type TaskQuestion,
  type TaskRecord,
  type TaskStatus,
} from '@longcall/core'
import type { ManualClock } from '@longcall/core/testing'
import type { Ready } from '../calls/call.ts'
import type { Tasks } from '../tasks/tasks.ts'
import type { Gate } from './gate.ts'
import type { LoggedLine } from './recorder.ts'
import { ToolProcess, type SharedParts } from './tool-process.ts'

/** What a client may answer a question with. */
export type Answer = ElicitResult | CreateMessageResult | ListRootsResult

/** How a {@link ToolRun} comes to be. */
export interface RunParts extends SharedParts {
  readonly clock: ManualClock
  readonly gate: Gate
  readonly tool: string
  readonly taskId: string
  readonly leaseMs: number
  /** Prepares the call and starts the task; `asking` names the record whose questions are open until then. */
  readonly begin: (process: ToolProcess, asking: (recordId: string) => void) => Promise<Ready>
}

/**
 * A tool that runs as a task in memory, under a test's control.
 *
 * The tool goes on only while the test awaits something of its run; between two awaits it stands still at its next call of
 * the context. So nothing is ever too late: not an answer, not a crash.
 */
export class ToolRun implements AsyncDisposable {
  readonly #parts: RunParts
  #call!: Promise<Ready>
  readonly #begun: Promise<void>
  readonly #dead: ToolProcess[] = []
  #process: ToolProcess
  /** The record whose questions are open now: before there is a task, that of the call. */
  #recordId: string
  #prepared: Ready | undefined

  /** @internal */
  constructor(parts: RunParts) {
    this.#parts = parts
    this.#recordId = parts.taskId
    this.#process = new ToolProcess(parts)
    this.#begun = new Promise((resolve, reject) => {
      const asking = (recordId: string): void => {
        this.#recordId = recordId
        resolve()
      }
      this.#call = parts.begin(this.#process, asking).then((prepared) => {
        this.#recordId = parts.taskId
        this.#prepared = prepared
        return prepared
      })
      this.#call.then(() => resolve(), reject)
    })
  }

  /** Resolves when the call was made, before anything of the tool runs. @internal */
  begun(): Promise<void> {
    return this.#begun
  }

  /** The id of the task, also before `prepare` is done and there is one. */
  get taskId(): string {
    return this.#parts.taskId
  }

  /** The clock that all of it goes by. */
  get clock(): ManualClock {
    return this.#parts.clock
  }

  /** The tasks of the process that lives now: for `complete`, `history` and the like. */
  get tasks(): Tasks {
    return this.#process.tasks
  }

  /** Where the task is; `undefined` as long as there is none. */
  get status(): TaskStatus | undefined {
    return this.#task?.status
  }

  /** How many times the tool was started, crashes included; 0 before. */
  get attempt(): number {
    return this.#task?.attempt ?? 0
  }

  /** What the tool said with `ctx.updateStatus`, in all attempts. */
  get statusMessages(): readonly string[] {
    return [...this.#parts.recorder.statusMessages]
  }

  /** What the tool said with `ctx.progress`, in all attempts. */
  get progress(): readonly TaskProgress[] {
    return [...this.#parts.recorder.progress]
  }

  /** What the tool said with `ctx.log`, in all attempts. */
  get logs(): readonly LoggedLine[] {
    return [...this.#parts.recorder.logs]
  }

  /** The names of the steps whose work ran, in order; one whose work ran twice is here twice. */
  get steps(): readonly string[] {
    return [...this.#parts.recorder.ran]
  }

  /** The names of the steps that were not run again after a crash, but came back from the store. */
  get replayedSteps(): readonly string[] {
    return [...this.#parts.recorder.replayed]
  }

  /** All questions of the task so far, in order: what was asked, whether it is open, and the answer. */
  get questions(): readonly QuestionRecord[] {
    return this.#parts.watch.latest(this.#recordId)?.questions ?? []
  }

  /** The signal of the attempt that began last; `undefined` before there is one. */
  get signal(): AbortSignal | undefined {
    return this.#parts.recorder.signal
  }

  /**
   * The oldest open question, or the one of this key, once it is asked. It stays the same until it is answered.
   *
   * @throws {Error} Thrown when the tool ends without asking it.
   */
  nextQuestion(key?: string): Promise<TaskQuestion> {
    return this.#parts.gate.during(async () => {
      const called = this.#call.then((prepared) =>
        prepared.kind === 'over' ? this.#neverAsked(key) : this.#questionOf(this.taskId, key),
      )
      // Before there is a task, the call itself may ask.
      const asked =
        this.#recordId === this.taskId ? called : Promise.race([called, this.#questionOf(this.#recordId, key)])
      called.catch(() => {})
      return asked
    })
  }

  /**
   * Answers the oldest open question, or the one of this key, as a client would; waits until it is asked. The tool goes on
   * when the next thing is awaited: `advance(0)` will do.
   *
   * @throws {RpcError} Thrown when the answer does not fit the question, as the client would be told.
   */
  async answer(answer: Answer, { key }: { readonly key?: string } = {}): Promise<void> {
    const question = await this.nextQuestion(key)
    await this.tasks.service.answer(this.#recordId, { [question.key]: answer }, undefined)
  }

  /** Answers a question with a JSON-RPC error, likewise: what a client does that cannot or will not ask its user. */
  async refuse(error: RpcErrorObject, { key }: { readonly key?: string } = {}): Promise<void> {
    const question = await this.nextQuestion(key)
    const answer: QuestionAnswer = { kind: 'error', error }
    await this.tasks.runtime.answer(this.#recordId, new Map([[question.key, answer]]))
  }

  /** Lets time pass; the tool goes as far as it can without the outside world. */
  advance(ms: number): Promise<void> {
    return this.#parts.gate.during(() => this.clock.advance(ms))
  }

  /** Cancels the task, as a client would. When it resolves, {@link signal} has aborted. */
  async cancel(): Promise<void> {
    await this.#call
    await this.#parts.gate.during(async () => {
      await this.tasks.cancel(this.taskId)
      await this.clock.advance(0)
    })
  }

  /**
   * The process dies now, and another takes over once the lease has run out on the clock: it runs the tool again, or fails
   * the task, as `onCrash` says; a task that waits for an answer goes on waiting. The new attempt begins when the next thing
   * is awaited.
   *
   * What the dead process still does without its context cannot be stopped in here; each use of the context hangs for ever.
   */
  async crash(): Promise<void> {
    await this.#mustRun('cannot crash')
    this.#process.store.die()
    await this.#takeOver()
  }

  /**
   * The process dies as soon as the result of a step is kept, before the tool gets it, and another takes over, as with
   * {@link crash}.
   *
   * @param step The name of the step; `name#2` is the second one of that name.
   * @throws {Error} Thrown when the step is kept already, and when the tool ends without it.
   */
  async crashAfterStep(step: string): Promise<void> {
    await this.#mustRun(`cannot crash after step ${step}`)
    if (this.#parts.keptSteps.has(step)) throw new Error(`Step ${step} of ${this.#parts.tool} was kept before.`)
    await this.#parts.gate.during(async () => {
      const ended = this.#parts.watch.until(this.taskId, (task) => {
        if (isTerminal(task.status)) throw new Error(`${this.#described(task)} without step ${step}.`)
        return undefined
      })
      await Promise.race([this.#process.store.dieAfterStep(step), ended])
    })
    await this.#takeOver()
  }

  /** How the task ended, once it has; `undefined` when it was cancelled. */
  async outcome(): Promise<TaskOutcome | undefined> {
    return this.#parts.gate.during(async () => {
      const prepared = await this.#call
      if (prepared.kind === 'over') return prepared.outcome
      const task = await this.#parts.watch.until(this.taskId, (seen) => (isTerminal(seen.status) ? seen : undefined))
      return task.outcome
    })
  }

  /**
   * What the call is answered with, once the tool has ended; also one with `isError`.
   *
   * @throws {RpcError} Thrown when it ended in a JSON-RPC error.
   * @throws {TaskCancelledError} Thrown when it was cancelled.
   */
  async result(): Promise<CallToolResult> {
    const outcome = await this.outcome()
    if (outcome === undefined) throw new TaskCancelledError(this.taskId, `tool "${this.#parts.tool}"`)
    if (outcome.kind === 'result') return outcome.result as CallToolResult
    const { code, message, data } = outcome.error
    throw new RpcError(code, message, data)
  }

  /** Stops what still runs, also in processes that are dead. */
  async close(): Promise<void> {
    const { gate, clock } = this.#parts
    gate.openForGood()
    const closing = [this.#process, ...this.#dead].map(({ tasks }) => tasks.close({ graceMs: 0 }))
    await clock.advance(shutdownMs)
    await Promise.all(closing)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  get #task(): TaskRecord | undefined {
    return this.#parts.watch.latest(this.taskId)
  }

  #questionOf(recordId: string, key: string | undefined): Promise<TaskQuestion> {
    return this.#parts.watch.until(recordId, (task) => {
      const question = openQuestions(task).find((open) => key === undefined || open.key === key)
      if (question === undefined && isTerminal(task.status)) {
        // What the call has asked is over; its task may ask more.
        return task.hidden ? undefined : this.#neverAsked(key, task)
      }
      return question
    })
  }

  #neverAsked(key: string | undefined, task?: TaskRecord): never {
    const what = key === undefined ? 'an open question' : `an open question ${key}`
    throw new Error(`${this.#described(task)} without ${what}.`)
  }

  #described(task: TaskRecord | undefined): string {
    const outcome = this.#prepared?.kind === 'over' ? this.#prepared.outcome : task?.outcome
    const said = task?.status ?? 'over before it was a task'
    return `${this.#parts.tool} is ${said}${outcome === undefined ? '' : ` (${JSON.stringify(outcome)})`}`
  }

  async #mustRun(what: string): Promise<void> {
    const prepared =
      this.#prepared ??
      (await this.#parts.gate.during(() =>
        Promise.race([
          this.#call,
          this.#questionOf(this.#recordId, undefined).then(({ key }) => {
            throw new Error(`${this.#parts.tool} is no task yet, its call waits for an answer to ${key}: it ${what}.`)
          }),
        ]),
      ))
    const { status } = this
    if (prepared.kind === 'ready' && status !== undefined && !isTerminal(status)) return
    throw new Error(`${this.#described(this.#task)}: it ${what}.`)
  }

  async #takeOver(): Promise<void> {
    const { clock, leaseMs, watch } = this.#parts
    const { attempt } = this
    this.#dead.push(this.#process)
    this.#process = new ToolProcess(this.#parts)
    await this.#process.tasks.runtime.open()
    // One sweep more than the lease lasts.
    await clock.advance(leaseMs + leaseMs / 3)
    await watch.until(this.taskId, (task) =>
      task.attempt > attempt || task.status !== 'working' || task.elsewhere ? true : undefined,
    )
  }
}

/** Longer than a runtime waits for bodies that do not listen to their signal. */
const shutdownMs = 10_000
