import { systemClock, type Clock } from '../clock/clock.ts'
import { LongcallError } from '../errors/longcall-error.ts'
import { RpcError, rpcErrorCodes } from '../errors/rpc-error.ts'
import { LeaseLostError, ShutdownError, TaskLimitError, UnknownToolError } from '../errors/runtime-errors.ts'
import type { EngineTask } from '../engine/task-engine.ts'
import type { JsonObject } from '../json/json.ts'
import type { QuestionAnswer, TaskHistoryEntry, TaskRecord } from '../store/task-record.ts'
import type { AnswerResult, TaskFilter, TaskPage, TaskStore, WriteResult } from '../store/task-store.ts'
import type { TaskOutcome } from '../task/task-outcome.ts'
import { openStatuses, type TaskStatus } from '../task/task-status.ts'
import { BodyRunner, stopMs } from './body-runner.ts'
import { Endings } from './endings.ts'
import { newTask, type StartRequest } from './new-task.ts'
import { recover } from './recovery.ts'
import { RunningTasks } from './running-tasks.ts'
import { leaseMsOf, limitsOf, type TaskBackend, type TaskLimits, type TaskRuntimeOptions } from './runtime-options.ts'
import type { RuntimeParts } from './runtime-parts.ts'
import { Sweeper } from './sweeper.ts'
import type { AskOptions, Question, TaskDefinition } from './task-body.ts'
import type { TaskEvent, TaskEventDetail } from './task-events.ts'
import { QuestionAsker } from './question-asker.ts'
import { redactedEvent } from './redacted-event.ts'
import { TaskExecution, type ExecutionHost } from './task-execution.ts'
import { notFoundError } from './told-error.ts'
import { until } from './until.ts'

/**
 * Runs tasks: creates, executes, asks, cancels, expires and recovers them.
 *
 * It knows no wire and never talks to a peer. It writes what a body does to the store; the wires read it there.
 */
export class TaskRuntime {
  readonly store: TaskStore
  readonly clock: Clock
  readonly limits: TaskLimits
  readonly namespace: string
  readonly #backend: TaskBackend
  readonly #leaseMs: number
  readonly #definitions = new Map<string, TaskDefinition>()
  readonly #running: RunningTasks
  readonly #host: ExecutionHost
  readonly #endings: Endings
  readonly #runner: BodyRunner
  readonly #sweeper: Sweeper
  readonly #onEvent: (event: TaskEvent) => void
  #opened: Promise<void> | undefined
  #drained: Promise<void> | undefined
  #closed: Promise<void> | undefined

  constructor(options: TaskRuntimeOptions) {
    const { backend, clock = systemClock } = options
    const leaseMs = leaseMsOf(options.leaseMs)
    this.#backend = backend
    this.store = backend.store
    this.clock = clock
    this.limits = limitsOf(options.limits)
    this.namespace = options.namespace
    this.#leaseMs = leaseMs
    const { onEvent = () => {}, redact } = options
    this.#onEvent = redact === undefined ? onEvent : (event) => onEvent(redactedEvent(event, redact))
    this.#running = new RunningTasks({ store: this.store, clock, leaseMs })
    const { store, limits, namespace } = this
    const parts: RuntimeParts = {
      store,
      clock,
      limits,
      namespace,
      leaseMs,
      definitions: this.#definitions,
      running: this.#running,
      emit: (task, detail) => this.emit(task, detail),
      trouble: (error) => this.trouble(error),
    }
    this.#host = {
      store,
      clock,
      limits,
      emit: parts.emit,
      onPause: () => this.#running.notice(),
      ensureHeld: (id) => this.#running.ensureHeld(id),
    }
    this.#endings = new Endings(parts)
    this.#runner = new BodyRunner(parts, this.#host, this.#endings)
    this.#sweeper = new Sweeper({
      everyMs: leaseMs / 3,
      clock,
      sweep: () => recover(parts, this.#endings, (task) => this.#submit(task)),
      onError: parts.trouble,
    })
  }

  /** Says what runs under a name. A name has one body. */
  define(tool: string, definition: TaskDefinition): void {
    if (this.#definitions.has(tool)) {
      throw new LongcallError('duplicate_tool', `There is a task tool ${JSON.stringify(tool)} already.`)
    }
    this.#definitions.set(tool, definition)
  }

  /** Begins to run tasks: also those that an earlier process left. {@link start} does it where nobody did. */
  open(): Promise<void> {
    this.#opened ??= this.#open().catch((error: unknown) => {
      // What failed once may succeed the next time.
      this.#opened = undefined
      throw error
    })
    return this.#opened
  }

  /**
   * Creates a task, which is durable when this resolves, and has it run.
   *
   * @throws {UnknownToolError} Thrown when nothing is defined under the name.
   * @throws {TaskLimitError} Thrown when the owner has too many open tasks.
   * @throws {TooLargeError} Thrown when the arguments are larger than their limit.
   */
  async start(request: StartRequest): Promise<TaskRecord> {
    const { onCrash = 'fail', maxAttempts = 3 } = this.#definition(request.tool)
    this.#assertOpen()
    await this.open()
    const { maxOpenPerOwner: maxOpen } = this.limits
    const created = await this.store.create(newTask(request, this, { onCrash, maxAttempts }), { maxOpen })
    if (created.kind === 'full') throw new TaskLimitError(request.tool, maxOpen)
    if (created.kind !== 'created') throw new LongcallError('task_exists', `There is a task ${request.id} already.`)
    this.emit(created.task, { kind: 'created' })
    await this.#submit(created.task)
    return created.task
  }

  /** The task, if it is there, of this namespace and, with `owner`, theirs. */
  async get(id: string, owner?: string): Promise<TaskRecord | undefined> {
    const task = await this.store.get(id, owner)
    return task?.namespace === this.namespace ? task : undefined
  }

  /** A page of tasks, the newest first. */
  list(filter: TaskFilter, page: { readonly cursor?: string; readonly limit: number }): Promise<TaskPage> {
    return this.store.list({ ...filter, namespace: this.namespace }, page)
  }

  /** How many tasks there are in each status. */
  count(filter: TaskFilter = {}): Promise<Readonly<Record<TaskStatus, number>>> {
    return this.store.count({ ...filter, namespace: this.namespace })
  }

  /** What happened to a task, in order. */
  async history(id: string): Promise<readonly TaskHistoryEntry[]> {
    return (await this.get(id)) === undefined ? [] : this.store.history(id)
  }

  /** Waits until `see` sees what it wants in the task. */
  until<T>(
    id: string,
    see: (task: TaskRecord | undefined) => T | undefined,
    options: { readonly signal?: AbortSignal; readonly owner?: string } = {},
  ): Promise<T> {
    return until(this, id, see, options)
  }

  /** Cancels an open task. When this resolves, the signal of a body in this process is already aborted. */
  async cancel(
    id: string,
    {
      owner,
      statusMessage = 'The task was cancelled.',
    }: { readonly owner?: string; readonly statusMessage?: string } = {},
  ): Promise<WriteResult> {
    if (!(await this.#isThere(id, owner))) return { kind: 'missing' }
    return this.#endings.byCancel(id, statusMessage, owner)
  }

  /** Ends an open task from outside: its work was done elsewhere. */
  async complete(id: string, outcome: TaskOutcome, { owner }: { readonly owner?: string } = {}): Promise<WriteResult> {
    if (!(await this.#isThere(id, owner))) return { kind: 'missing' }
    return this.#endings.byOutside(id, outcome, owner)
  }

  /**
   * Asks in the name of a task whose work is done elsewhere, and waits for the answer. A question of the same key is the
   * same question: it is not asked again, and its answer comes back.
   *
   * @throws {RpcError} Thrown when the task is not there or has ended, when its requestor cannot be asked this, and when it
   * answered with an error.
   */
  async ask(id: string, question: Question & { readonly key: string }, options: AskOptions = {}): Promise<JsonObject> {
    const task = await this.get(id)
    if (task === undefined || task.hidden) throw notFoundError(id)
    // Without a lease: whoever works elsewhere has none, and the store fences nobody off.
    const { signal } = new AbortController()
    const asking = { task, guard: { from: openStatuses }, signal, wait: runNow, lost: () => {} }
    return new QuestionAsker(asking, this.#host).ask(question, options).catch((error: unknown) => {
      if (!(error instanceof LeaseLostError)) throw error
      const message = `Task ${id} has ended: its requestor cannot be asked any more.`
      throw new RpcError(rpcErrorCodes.invalidParams, message, undefined, { cause: error })
    })
  }

  /** Answers open questions; others are left aside. */
  async answer(id: string, answers: ReadonlyMap<string, QuestionAnswer>, owner?: string): Promise<AnswerResult> {
    if ((await this.get(id, owner)) === undefined) return { kind: 'missing' }
    const result = await this.store.answer(id, answers, owner)
    if (result.kind === 'missing') return result
    for (const key of result.answered) this.emit(result.task, { kind: 'answered', key })
    const isReady = result.answered.length > 0 && result.task.status === 'working'
    if (isReady && !this.#running.has(id)) await this.#submit(result.task)
    return result
  }

  /**
   * Runs a body that has begun already under a record of its own: a call that turns out to have to wait.
   *
   * The record is hidden: nobody lists it, and no other process ever takes it.
   */
  async adopt(request: StartRequest, { ttlMs }: { readonly ttlMs: number }): Promise<TaskExecution> {
    this.#assertOpen()
    await this.open()
    const { maxOpenPerOwner: maxOpen } = this.limits
    const record = {
      ...newTask(request, this, { onCrash: 'fail', maxAttempts: 1 }),
      ttlMs,
      maxTtlMs: ttlMs,
      hidden: true,
    }
    const created = await this.store.create(record, { leaseMs: this.#leaseMs, maxOpen })
    if (created.kind === 'full') throw new TaskLimitError(request.tool, maxOpen)
    if (created.kind !== 'created' || created.token === undefined) {
      throw new LongcallError('store_failed', 'The store did not take a call that has to wait.')
    }
    const { task, token } = created
    const execution = new TaskExecution({ task, token }, { park: runNow }, this.#host)
    this.#running.add(execution)
    return execution
  }

  /** Ends a task in the name of the body that runs it. What comes too late is dropped. */
  finish(execution: TaskExecution, outcome: TaskOutcome): Promise<void> {
    return this.#endings.byBody(execution, outcome)
  }

  /** Whether it takes no tasks any more. */
  get isClosing(): boolean {
    return this.#drained !== undefined
  }

  /** How many bodies run in this process. */
  get running(): number {
    return this.#running.all.length
  }

  /** Tells the listener of something that happened to a task. */
  emit({ id, tool, owner }: Pick<TaskRecord, 'id' | 'tool' | 'owner'>, detail: TaskEventDetail): void {
    this.#tell({ atMs: this.clock.now(), taskId: id, tool, owner, ...detail })
  }

  /**
   * Ends the running of tasks: hands out no more, waits `graceMs` for those that run, then stops them. One that waits for a
   * person is not waited for. A stopped body of policy `rerun` is handed back for another process; one of `fail` ends as
   * failed, and says why. What is stored can still be read, until {@link close}.
   *
   * @param options.graceMs 10 seconds by default.
   */
  drain(options: { readonly graceMs?: number } = {}): Promise<void> {
    this.#drained ??= this.#drain(options.graceMs ?? 10_000)
    return this.#drained
  }

  /** Ends the running of tasks as {@link drain} does, and closes the store. */
  close(options: { readonly graceMs?: number } = {}): Promise<void> {
    this.#closed ??= this.drain(options).then(() => this.store.close())
    return this.#closed
  }

  async #open(): Promise<void> {
    await this.#backend.engine.start({
      namespace: this.namespace,
      tools: () => [...this.#definitions.keys()],
      run: (id, slot) =>
        this.#runner.run(id, slot).catch((error: unknown) => {
          // What a process leaves undone when it stops is found by the next.
          if (!this.#running.stopped.aborted) this.trouble(error)
        }),
    })
    this.#sweeper.start()
  }

  async #drain(graceMs: number): Promise<void> {
    this.#sweeper.stop()
    if (this.#opened !== undefined) {
      const stopped = this.#backend.engine.stop()
      await this.#within(graceMs, Promise.race([stopped, this.#running.untilAllWait()]))
      for (const execution of this.#running.all) {
        execution.abort(new ShutdownError(execution.taskId, execution.tool))
      }
      await this.#within(stopMs * 2, Promise.all([stopped, this.#running.untilNone()]))
    }
    this.#running.stop()
  }

  /** Waits for `done`, but no longer than this. */
  async #within(ms: number, done: Promise<unknown>): Promise<void> {
    const over = new AbortController()
    await Promise.race([done, this.clock.sleep(ms, over.signal).catch(() => {})])
    over.abort()
  }

  /** A task's namespace and owner never change: who saw it once may go on. */
  async #isThere(id: string, owner: string | undefined): Promise<boolean> {
    const task = await this.get(id, owner)
    return task !== undefined && !task.hidden
  }

  async #submit({ id, tool, namespace }: EngineTask): Promise<void> {
    try {
      await this.#backend.engine.submit({ id, tool, namespace })
    } catch (error) {
      // It is in the store: the sweep submits it again.
      this.trouble(error)
    }
  }

  #tell(event: TaskEvent): void {
    try {
      // One that is asynchronous may reject.
      void Promise.resolve(this.#onEvent(event)).catch(() => {})
    } catch {
      // A listener that fails is its own affair.
    }
  }

  #definition(tool: string): TaskDefinition {
    const definition = this.#definitions.get(tool)
    if (definition === undefined) throw new UnknownToolError(tool)
    return definition
  }

  #assertOpen(): void {
    if (this.#drained === undefined) return
    throw new RpcError(rpcErrorCodes.internalError, 'The server is shutting down and takes no new tasks.')
  }

  /** Tells the listener of something that could not be done now. */
  trouble(error: unknown): void {
    this.#tell({ atMs: this.clock.now(), kind: 'trouble', error })
  }
}

/** Waits without giving a place away: there is none. */
function runNow<T>(wait: () => Promise<T>): Promise<T> {
  return wait()
}
