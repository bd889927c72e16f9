import { isTerminal, LongcallError, transition, pollIntervalMs } from '@longcall/core'
import type { Clock, TaskOutcome, TaskQuestion, TaskSnapshot, TaskState } from '@longcall/core'
import type { RequestOptions } from '../connection/connection.ts'
import { retryDelayMs } from '../connection/retry-delay.ts'
import { isSuspicious, retryAfterOf } from '../errors/request-errors.ts'
import { TaskUnreachableError, type WaitedTask } from '../errors/wait-errors.ts'
import { cancelPatienceMs, lateTries, type DriverPort } from './driver-port.ts'
import * as errors from './driver-errors.ts'
import { PollFailures } from './poll-failures.ts'
import { PollTimer } from './poll-timer.ts'
import { QuestionLedger, type Stuck } from './question-ledger.ts'
import { untilAnswered } from '../connection/retry.ts'
import type { Sighting } from './snapshot-order.ts'
import { readEnding } from './task-ending.ts'
import { nameTask, type Operation } from './operation.ts'
import type { RunningReference } from './task-reference.ts'
import type { QuestionIdentity, TaskKeeper } from './task-keeper.ts'
import type { TaskEnding, TaskSource, TaskWatcher } from './task-source.ts'
import { TaskView } from './task-view.ts'
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
  readonly clock: Clock
  readonly keeper: TaskKeeper
  readonly #port: DriverPort
  readonly #channel: TaskChannel
  readonly #ledger: QuestionLedger
  readonly #timer: PollTimer
  readonly #watchers = new Set<TaskWatcher>()
  readonly #view: TaskView
  readonly #failures = new PollFailures()
  #outcome: TaskOutcome | undefined
  #ending: Promise<TaskEnding> | undefined
  #run: AbortController | undefined

  constructor(port: DriverPort, created?: TaskState) {
    this.#port = port
    this.taskId = port.taskId
    this.clock = port.clock
    this.keeper = port.keeper
    this.#timer = new PollTimer(port.clock)
    this.#view = new TaskView(port)
    this.#ledger = new QuestionLedger({
      taskId: port.taskId,
      name: nameTask(port.taskId, port.operation),
      keeper: port.keeper,
      canAnswer: (question) => port.canAnswer(question),
      ask: (question, context) => port.ask(question, context),
      deliver: (question, answer) => this.#deliver(question, answer),
      handlerFailed: (question, error) => this.#handlerFailed(question, error),
      stuck: (question, why) => this.#tell((watcher) => watcher.stuck?.(this.#stuck(question, why))),
    })
    this.#channel = port.wire.channel(port.taskId, {
      pushed: (state) => this.#accept(state, 'push', this.#view.nextOrder()),
      asked: (question, identity) => this.#asked(question, identity),
      arrived: (key) => port.keeper.delivered(key),
      withdrawn: (key) => this.#ledger.withdrawn(key),
      ended: (outcome) => this.#endedBy(outcome),
      stale: () => this.#timer.soon(),
    })
    if (created !== undefined) this.#accept(created, 'created', 0)
  }

  get operation(): Operation {
    return this.#port.operation
  }

  get latest(): TaskSnapshot | undefined {
    return this.#view.latest
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
      return this.#view.isOver ? this.latest! : task
    } catch (error) {
      // One round trip tells what became of it; that the server cannot be asked any more, it does not know.
      throw options.signal?.aborted || isSuspicious(error) ? error : this.#explain(error)
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
    else this.#ledger.eachStuck((question, why) => watcher.stuck?.(this.#stuck(question, why)))
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
    if (this.#view.isOver) return this.latest!
    const { signal = this.#port.closed, timeoutMs: patienceMs = cancelPatienceMs } = options
    const retrying = { clock: this.clock, signal, patienceMs }
    try {
      const task = await untilAnswered(() => this.#port.wire.cancel(this.taskId, options), retrying)
      this.cancelled(task)
    } catch (error) {
      if (!errors.isRefused(error)) throw this.#explain(error)
      // Refused because it ended before the cancel arrived: that is how it ended. Otherwise the refusal stands.
      await untilAnswered(() => this.status(options), retrying)
      if (!this.#view.isOver) throw error
    }
    if (this.#view.isOver) return this.latest!
    return untilAnswered(() => this.status(options), retrying)
  }

  /** The server took a cancel: nobody needs to answer any more. */
  cancelled(task: TaskSnapshot | undefined): void {
    const reason = new Error('the task was cancelled')
    this.#ledger.dismiss(reason)
    this.#channel.letGo(reason)
    if (task !== undefined) this.#accept({ task, questions: [], unreadable: [] }, 'poll', this.#view.nextOrder())
  }

  questions(): readonly TaskQuestion[] {
    return this.#ledger.unanswered()
  }

  answer(key: string, answer: object): Promise<void> {
    return this.#ledger.answer(key, answer)
  }

  /** A person is being asked, or no poll is due since the last one was answered: silence is to be expected. */
  busy(): boolean {
    return this.#ledger.isAsking || (this.#timer.isWaiting && this.#failures.inARow === 0)
  }

  /** Something was heard of the task that is no snapshot: progress. */
  heard(): void {
    this.#tell((watcher) => watcher.heard?.())
  }

  #start(): void {
    const run = new AbortController()
    this.#run = run
    // A run that sleeps between two polls would learn of it late, and one that begins after it never.
    const onClosed = (): void => this.#finish(run)
    if (this.#port.closed.aborted) return queueMicrotask(onClosed)
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
    else for (const watcher of watchers) watcher.failed?.(errors.giveUp(this.#about(), this.#port.closed, error))
  }

  /** Polls until the task is seen in a terminal status. */
  async #follow(signal: AbortSignal): Promise<never> {
    this.#failures.clear()
    for (;;) {
      await this.#timer.untilDue(signal)
      try {
        // Silence counts from the first poll that is not answered.
        if (this.#failures.inARow === 0) this.heard()
        await this.#poll({ signal })
        this.#failures.clear()
      } catch (error) {
        if (signal.aborted) throw error
        this.#failures.add(error)
        const { inARow } = this.#failures
        // Past its time to live the server may have forgotten it; one that answers is believed, and one that cannot be reached
        // yet, since the machine has just woken up, gets a few tries.
        if (this.#view.mayBeForgotten && inARow > lateTries) throw this.#gone(errors.expired(this.#view.life, error))
        const retryAfterMs = retryAfterOf(error)
        this.#timer.dueIn(retryDelayMs(inARow, this.#intervalMs(), Math.random(), retryAfterMs), retryAfterMs)
      }
    }
  }

  async #poll(options: RequestOptions): Promise<TaskState> {
    const order = this.#view.nextOrder()
    this.#timer.sent(this.#intervalMs())
    let state: TaskState
    try {
      state = await this.#port.wire.get(this.taskId, options)
    } catch (error) {
      throw errors.isRefused(error) ? this.#missing(error) : error
    }
    this.#port.found()
    this.#accept(state, 'poll', order)
    return state
  }

  /** Takes in what was seen, if it is newer than what was seen last. */
  #accept(state: TaskState, from: Sighting['from'], order: number): void {
    this.heard()
    const newer = this.#view.see(state.task, from, order)
    if (newer && state.outcome !== undefined) this.#outcome = state.outcome
    // Pushes do not put off polling: they may say little, or stop.
    if (from !== 'push') this.#timer.dueIn(this.#intervalMs())
    if (!newer) return
    this.#tell((watcher) => watcher.seen?.(state.task))
    this.#channel.saw(state, from)
    for (const key of state.unreadable) this.#tell((watcher) => watcher.stuck?.(errors.unreadable(this.#about(), key)))
    if (this.#view.isOver) {
      const reason = new Error('the task ended')
      this.#ledger.close(reason)
      this.#channel.letGo(reason)
      this.#port.over()
      if (state.task.status === 'cancelled') this.#port.fetched()
      if (this.#run !== undefined) this.#finish(this.#run)
    }
  }

  #asked(question: TaskQuestion, identity: QuestionIdentity): void {
    this.#ledger.asked(question, identity)
    // On 2025-11-25 a question comes after the status that speaks of it; somebody may wait for just that.
    const { latest } = this
    if (latest !== undefined) this.#tell((watcher) => watcher.seen?.(latest))
  }

  #endedBy(outcome: TaskOutcome): void {
    const { latest } = this
    if (latest === undefined || isTerminal(latest.status)) return
    const hasFailed = outcome.kind === 'error' || outcome.result['isError'] === true
    const task = transition(latest, hasFailed ? 'failed' : 'completed', new Date(this.clock.now()))
    this.#accept({ task, questions: [], unreadable: [], outcome }, 'push', this.#view.nextOrder())
  }

  async #readEnding(): Promise<TaskEnding> {
    const { latest } = this
    if (latest === undefined || !isTerminal(latest.status)) {
      throw new LongcallError('task_running', `${this.#about().name} has not ended.`)
    }
    try {
      const ending = await readEnding(latest, this.#outcome, this.#channel, this.#port)
      await this.#port.keeper.ended(ending)
      this.#port.fetched()
      return ending
    } catch (error) {
      if (errors.isRefused(error)) throw this.#missing(error)
      throw this.#explain(error)
    }
  }

  async #deliver(question: TaskQuestion, answer: object): Promise<void> {
    try {
      await this.#channel.answer(question, answer)
    } catch (error) {
      if (this.#view.isOver) return
      // A server may refuse the second copy of an answer whose first it took without a word.
      if (errors.isRefused(error) && !(await this.#asksStill(question.key))) return
      throw this.#explain(error)
    }
  }

  async #asksStill(key: string): Promise<boolean> {
    const state = await this.#poll({}).catch(() => undefined)
    return state === undefined || state.questions.some((question) => question.key === key)
  }

  async #handlerFailed(question: TaskQuestion, cause: unknown): Promise<boolean> {
    this.#port.report(errors.handlerFailed(this.#about(), question, cause))
    return this.#channel.refuse(question, cause).catch(() => false)
  }

  #stuck(question: TaskQuestion, why: Stuck): Error {
    switch (why.kind) {
      case 'no_handler':
        return errors.noHandler(this.#about(), question)
      case 'handler_failed':
        return errors.handlerFailed(this.#about(), question, why.cause)
      case 'undelivered':
      case 'unkept':
        return this.#explain(why.cause)
    }
  }

  #missing(cause: unknown): Error {
    // A server may keep its tasks by session: the task is where the reference says, if it is.
    if (this.#port.isElsewhere()) return new TaskUnreachableError(this.#about(), errors.asError(cause))
    return this.#gone(errors.missing(this.#view.life, this.clock.now(), cause))
  }

  #gone(error: Error): Error {
    this.#port.gone()
    return error
  }

  #explain(error: unknown): Error {
    return errors.explain(this.#about(), this.#port.closed, error)
  }

  #about(): WaitedTask {
    return { name: nameTask(this.taskId, this.operation), reference: this.reference, snapshot: this.latest }
  }

  #intervalMs(): number {
    return pollIntervalMs(this.latest?.pollIntervalMs)
  }

  #tell(what: (watcher: TaskWatcher) => void): void {
    for (const watcher of [...this.#watchers]) what(watcher)
  }
}
