import { isTerminal, LongcallError } from '@longcall/core'
import type { Clock, TaskOutcome, TaskQuestion, TaskSnapshot, TaskState } from '@longcall/core'
import type { RequestOptions } from '../connection/connection.ts'
import { isSuspicious, isTransient, retryAfterOf, suspiciousLimit } from '../errors/request-errors.ts'
import type { WaitedTask } from '../errors/wait-errors.ts'
import type { DriverPort } from './driver-port.ts'
import * as errors from './driver-errors.ts'
import { pollIntervalMs, retryDelayMs } from './poll-schedule.ts'
import { PollTimer } from './poll-timer.ts'
import { QuestionLedger } from './question-ledger.ts'
import { untilAnswered } from './retry.ts'
import { isNewer, type Sighting } from './snapshot-order.ts'
import { readEnding } from './task-ending.ts'
import { nameTask, type Operation, type RunningReference } from './task-reference.ts'
import type { TaskEnding, TaskSource, TaskWatcher } from './task-source.ts'
import type { TaskChannel } from './task-wire.ts'

/**
 * Follows one task of a server to its end.
 *
 * While anybody watches, it polls no sooner than the server wants, takes in what the server pushes, and has questions
 * answered. A poll that fails for a reason that may pass is repeated with growing pauses, for as long as somebody
 * watches; past the task's time to live it is given up. Nothing is asked of the server while nobody watches.
 */
export class TaskDriver implements TaskSource {
  readonly taskId: string
  readonly operation: Operation
  readonly clock: Clock
  readonly #port: DriverPort
  readonly #channel: TaskChannel
  readonly #ledger: QuestionLedger
  readonly #timer: PollTimer
  readonly #watchers = new Set<TaskWatcher>()
  #sighting: Sighting | undefined
  #outcome: TaskOutcome | undefined
  #ending: Promise<TaskEnding> | undefined
  #order = 0
  /** When this client saw the task created, by its own clock. */
  #createdAtMs: number | undefined
  #run: AbortController | undefined

  constructor(port: DriverPort, created?: TaskState) {
    this.#port = port
    this.taskId = port.taskId
    this.operation = port.operation
    this.clock = port.clock
    this.#timer = new PollTimer(port.clock)
    this.#ledger = new QuestionLedger({
      taskId: port.taskId,
      name: nameTask(port.taskId, port.operation),
      canAnswer: (question) => port.canAnswer(question),
      ask: (question, context) => port.ask(question, context),
      deliver: (question, answer) => this.#deliver(question, answer),
      unanswerable: (question, cause) => this.#tell((watcher) => watcher.stuck?.(this.#stuck(question, cause))),
      handlerFailed: (question, error) => this.#handlerFailed(question, error),
    })
    this.#channel = port.wire.channel(port.taskId, {
      pushed: (state) => this.#accept(state, 'push', ++this.#order),
      asked: (question) => this.#ledger.asked(question),
      withdrawn: (key) => this.#ledger.withdrawn(key),
      ended: (outcome) => this.#endedBy(outcome),
      stale: () => this.#timer.soon(),
    })
    if (created !== undefined) this.#accept(created, 'created', 0)
  }

  get latest(): TaskSnapshot | undefined {
    return this.#sighting?.snapshot
  }

  get reference(): RunningReference {
    const { latest } = this
    return {
      ...this.#port.reference(),
      ...(latest !== undefined && { createdAt: latest.createdAt, ttlMs: latest.ttlMs }),
    }
  }

  async status(options: RequestOptions): Promise<TaskSnapshot> {
    try {
      const { task } = await this.#poll(options)
      return this.#isOver() ? this.latest! : task
    } catch (error) {
      throw options.signal?.aborted ? error : this.#explain(error)
    }
  }

  watch(watcher: TaskWatcher): () => void {
    const { latest } = this
    if (latest !== undefined && isTerminal(latest.status)) {
      queueMicrotask(() => watcher.ended?.(latest))
      return () => {}
    }
    this.#watchers.add(watcher)
    // To begin to follow the task tells all watchers what it is stuck on; one who joins is told alone.
    if (this.#run === undefined) this.#start()
    else this.#ledger.eachStuck((question, cause) => watcher.stuck?.(this.#stuck(question, cause)))
    return () => {
      if (this.#watchers.delete(watcher) && this.#watchers.size === 0) this.#stop()
    }
  }

  ending(): Promise<TaskEnding> {
    this.#ending ??= this.#readEnding().catch((error: unknown) => {
      this.#ending = undefined
      throw error
    })
    return this.#ending
  }

  async cancel(options: RequestOptions): Promise<TaskSnapshot> {
    if (this.#isOver()) return this.latest!
    const { signal = this.#port.closed, timeoutMs: patienceMs = cancelPatienceMs } = options
    const retrying = { clock: this.clock, signal, patienceMs }
    try {
      const task = await untilAnswered(() => this.#port.wire.cancel(this.taskId, options), retrying)
      this.cancelled(task)
    } catch (error) {
      if (!errors.isRefused(error)) throw this.#explain(error)
      // Refused because it ended before the cancel arrived: that is how it ended. Otherwise the refusal stands.
      await this.status(options)
      if (!this.#isOver()) throw error
    }
    if (this.#isOver()) return this.latest!
    return untilAnswered(() => this.status(options), retrying)
  }

  /** The server took a cancel: nobody needs to answer any more. */
  cancelled(task: TaskSnapshot | undefined): void {
    this.#letGo(new Error('the task was cancelled'))
    if (task !== undefined) this.#accept({ task, questions: [], unreadable: [] }, 'poll', ++this.#order)
  }

  questions(): readonly TaskQuestion[] {
    return this.#ledger.unanswered()
  }

  answer(key: string, answer: object): Promise<void> {
    return this.#ledger.answer(key, answer)
  }

  busy(): boolean {
    return this.#port.busy()
  }

  /** Something was heard of the task that is no snapshot: progress. */
  heard(): void {
    this.#tell((watcher) => watcher.heard?.())
  }

  #start(): void {
    const run = new AbortController()
    this.#run = run
    // A run that sleeps between two polls would learn of it late.
    const onClosed = (): void => this.#finish(run)
    this.#port.closed.addEventListener('abort', onClosed, { once: true })
    run.signal.addEventListener('abort', () => this.#port.closed.removeEventListener('abort', onClosed), { once: true })
    this.#channel.open()
    this.#ledger.attend(true)
    this.#follow(run.signal).catch((error: unknown) => this.#finish(run, error))
  }

  #stop(): void {
    const run = this.#run
    this.#run = undefined
    this.#channel.shut()
    this.#ledger.attend(false)
    run?.abort(new Error('nobody waits for the task'))
  }

  /** The run is over: the task ended, or it cannot be followed any more. */
  #finish(run: AbortController, error?: unknown): void {
    if (this.#run !== run) return
    this.#stop()
    const watchers = [...this.#watchers]
    this.#watchers.clear()
    const { latest } = this
    if (latest !== undefined && isTerminal(latest.status)) for (const watcher of watchers) watcher.ended?.(latest)
    else for (const watcher of watchers) watcher.failed?.(this.#explain(error))
  }

  /** Polls until the task is seen in a terminal status. */
  async #follow(signal: AbortSignal): Promise<never> {
    let failures = 0
    let suspicious = 0
    for (;;) {
      await this.#timer.untilDue(signal)
      // Should this poll be given up, whoever waits next keeps the distance all the same.
      this.#timer.dueIn(this.#intervalMs())
      try {
        await this.#poll({ signal })
        failures = 0
        suspicious = 0
      } catch (error) {
        if (signal.aborted) throw error
        failures += 1
        if (isSuspicious(error)) suspicious += 1
        else if (!isTransient(error)) throw error
        if (suspicious > suspiciousLimit) throw error
        // Past its time to live the server may have forgotten it; one that still answers is believed.
        if (errors.hasExpired(this.#life(), this.clock.now())) throw errors.expired(this.#life(), error)
        const retryAfterMs = retryAfterOf(error)
        this.#timer.dueIn(retryDelayMs(failures, this.#intervalMs(), Math.random(), retryAfterMs), retryAfterMs)
      }
    }
  }

  async #poll(options: RequestOptions): Promise<TaskState> {
    const order = ++this.#order
    this.#timer.sent()
    let state: TaskState
    try {
      state = await this.#port.wire.get(this.taskId, options)
    } catch (error) {
      throw errors.isRefused(error) ? errors.missing(this.#life(), this.clock.now(), error) : error
    }
    this.#accept(state, 'poll', order)
    return state
  }

  /** Takes in what was seen, if it is newer than what was seen last. */
  #accept(state: TaskState, from: Sighting['from'], order: number): void {
    const sighting = { snapshot: state.task, from, order }
    this.heard()
    const newer = isNewer(sighting, this.#sighting)
    if (newer) {
      this.#sighting = sighting
      if (state.outcome !== undefined) this.#outcome = state.outcome
    }
    if (from === 'created') this.#createdAtMs = this.clock.now()
    // Pushes do not put off polling: they may say little, or stop.
    if (from !== 'push') this.#timer.dueIn(this.#intervalMs())
    if (!newer) return
    this.#tell((watcher) => watcher.seen?.(state.task))
    this.#channel.saw(state)
    for (const key of state.unreadable) this.#tell((watcher) => watcher.stuck?.(errors.unreadable(this.#about(), key)))
    if (this.#isOver()) {
      this.#letGo(new Error('the task ended'))
      this.#port.over()
      if (this.#run !== undefined) this.#finish(this.#run)
    }
  }

  #endedBy(outcome: TaskOutcome): void {
    const { latest } = this
    if (latest === undefined || isTerminal(latest.status)) return
    const failed = outcome.kind === 'error' || outcome.result['isError'] === true
    const { statusMessage: _of, ...rest } = latest
    const task: TaskSnapshot = {
      ...rest,
      status: failed ? 'failed' : 'completed',
      lastUpdatedAt: new Date(this.clock.now()).toISOString(),
    }
    this.#accept({ task, questions: [], unreadable: [], outcome }, 'push', ++this.#order)
  }

  async #readEnding(): Promise<TaskEnding> {
    const { latest } = this
    if (latest === undefined || !isTerminal(latest.status)) {
      throw new LongcallError('task_running', `${this.#about().name} has not ended.`)
    }
    try {
      const ending = await readEnding(latest, this.#outcome, this.#channel, this.#port)
      this.#port.settled()
      return ending
    } catch (error) {
      if (errors.isRefused(error)) throw errors.missing(this.#life(), this.clock.now(), error)
      throw this.#explain(error)
    }
  }

  async #deliver(question: TaskQuestion, answer: object): Promise<void> {
    try {
      await this.#channel.answer(question, answer)
    } catch (error) {
      // A server may refuse the second copy of an answer whose first it took without a word.
      if (errors.isRefused(error) && !(await this.#asksStill(question.key))) return
      // The task ended or the connection closed while the answer was under way: whoever waits is told by other ways.
      if (!this.#isOver() && !this.#port.closed.aborted) this.#tell((watcher) => watcher.stuck?.(this.#explain(error)))
    }
  }

  async #asksStill(key: string): Promise<boolean> {
    const state = await this.#poll({}).catch(() => undefined)
    return state === undefined || state.questions.some((question) => question.key === key)
  }

  async #handlerFailed(question: TaskQuestion, cause: unknown): Promise<boolean> {
    const error = errors.handlerFailed(this.#about(), question, cause)
    this.#port.report(error)
    // A refusal that does not arrive is as with an answer: whoever waits is told by other ways.
    if (await this.#channel.refuse(question, cause).catch(() => true)) return true
    this.#tell((watcher) => watcher.stuck?.(error))
    return false
  }

  /** No answer is wanted any more. */
  #letGo(reason: Error): void {
    this.#ledger.close(reason)
    this.#channel.letGo(reason)
  }

  #stuck(question: TaskQuestion, cause: unknown): Error {
    return cause === undefined
      ? errors.noHandler(this.#about(), question)
      : errors.handlerFailed(this.#about(), question, cause)
  }

  #explain(error: unknown): Error {
    return errors.explain(this.#about(), this.#port.closed, error)
  }

  /** What is known of the task's time: by its last snapshot, or by the reference that it was resumed from. */
  #life(): errors.ExpiringTask {
    const { taskId, operation, latest: snapshot } = this
    const { createdAt, ttlMs = null } = this.reference
    const createdAtMs = this.#createdAtMs ?? (createdAt === undefined ? undefined : Date.parse(createdAt))
    return { taskId, operation, snapshot, ttlMs, createdAtMs }
  }

  #about(): WaitedTask {
    return { name: nameTask(this.taskId, this.operation), reference: this.reference, snapshot: this.latest }
  }

  #intervalMs(): number {
    return pollIntervalMs(this.latest?.pollIntervalMs)
  }

  #isOver(): boolean {
    return this.latest !== undefined && isTerminal(this.latest.status)
  }

  #tell(what: (watcher: TaskWatcher) => void): void {
    for (const watcher of [...this.#watchers]) what(watcher)
  }
}

/** How long a cancel is tried for where the caller does not say, in milliseconds: the task may run on, and cost. */
const cancelPatienceMs = 300_000
