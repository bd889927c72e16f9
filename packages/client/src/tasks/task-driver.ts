import { isExpired, isTerminal, LongcallError, TaskExpiredError } from '@longcall/core'
import type { Clock, TaskOutcome, TaskQuestion, TaskSnapshot, TaskState } from '@longcall/core'
import type { RequestOptions } from '../connection/connection.ts'
import { isSuspicious, isTransient, RpcError, suspiciousLimit } from '../errors/request-errors.ts'
import type { WaitedTask } from '../errors/wait-errors.ts'
import type { QuestionContext } from '../handlers/handlers.ts'
import { explain, handlerFailed, isRefused, missing, noHandler, unreadable } from './driver-errors.ts'
import { minPollIntervalMs, pollIntervalMs, retryDelayMs } from './poll-schedule.ts'
import { QuestionLedger } from './question-ledger.ts'
import { retryAfterOf, untilAnswered } from './retry.ts'
import { isNewer, type Sighting } from './snapshot-order.ts'
import { nameOperation, nameTask, type Operation, type RunningReference } from './task-reference.ts'
import type { TaskEnding, TaskSource, TaskWatcher } from './task-source.ts'
import type { TaskChannel, TaskWire } from './task-wire.ts'

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
  readonly #watchers = new Set<TaskWatcher>()
  #sighting: Sighting | undefined
  #outcome: TaskOutcome | undefined
  #ending: Promise<TaskEnding> | undefined
  #order = 0
  /** When the next poll is due, in milliseconds since the epoch. */
  #dueAt: number
  #lastPollAt = -Infinity
  #run: AbortController | undefined
  #wake: (() => void) | undefined

  constructor(port: DriverPort, created?: TaskState) {
    this.#port = port
    this.taskId = port.taskId
    this.operation = port.operation
    this.clock = port.clock
    this.#dueAt = port.clock.now()
    this.#ledger = new QuestionLedger({
      taskId: port.taskId,
      name: nameTask(port.taskId, port.operation),
      canAnswer: question => port.canAnswer(question),
      ask: (question, context) => port.ask(question, context),
      deliver: (question, answer) => this.#deliver(question, answer),
      unanswerable: question => this.#tell(watcher => watcher.stuck?.(noHandler(this.#about(), question))),
      handlerFailed: (question, error, settled) => void this.#handlerFailed(question, error, settled),
    })
    this.#channel = port.wire.channel(port.taskId, {
      pushed: state => this.#pushed(state),
      asked: question => this.#ledger.asked(question),
      withdrawn: key => this.#ledger.withdrawn(key),
      ended: outcome => this.#endedBy(outcome),
      stale: () => this.#pollSoon(),
    })
    if (created !== undefined) this.#accept(created, 'created', 0)
  }

  get latest(): TaskSnapshot | undefined {
    return this.#sighting?.snapshot
  }

  get reference(): RunningReference {
    const { latest } = this
    return { ...this.#port.reference(), ...(latest !== undefined && { createdAt: latest.createdAt, ttlMs: latest.ttlMs }) }
  }

  async status(options: RequestOptions): Promise<TaskSnapshot> {
    try {
      const { task } = await this.#poll(options)
      return this.#isOver() ? this.latest! : task
    } catch (error) {
      throw options.signal?.aborted ? error : explain(this.#about(), this.#port.closed, error)
    }
  }

  watch(watcher: TaskWatcher): () => void {
    const { latest } = this
    if (latest !== undefined && isTerminal(latest.status)) {
      queueMicrotask(() => watcher.ended?.(latest))
      return () => {}
    }
    this.#watchers.add(watcher)
    if (this.#run === undefined) this.#start()
    else for (const question of this.#ledger.unanswered()) if (!this.#port.canAnswer(question)) watcher.stuck?.(noHandler(this.#about(), question))
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
    const { latest } = this
    if (latest !== undefined && isTerminal(latest.status)) return latest
    try {
      const signal = options.signal ?? this.#port.closed
      const task = await untilAnswered(() => this.#port.wire.cancel(this.taskId, options), { clock: this.clock, signal })
      this.cancelled(task)
      if (task !== undefined && isTerminal(task.status)) return task
    } catch (error) {
      if (!isRefused(error)) throw explain(this.#about(), this.#port.closed, error)
      // Refused because it ended before the cancel arrived: that is how it ended. Otherwise the refusal stands.
      const task = await this.status(options)
      if (isTerminal(task.status)) return task
      throw error
    }
    return this.status(options)
  }

  /** The server took a cancel: nobody needs to answer any more. */
  cancelled(task: TaskSnapshot | undefined): void {
    this.#ledger.close(new Error('the task was cancelled'))
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
    this.#tell(watcher => watcher.heard?.())
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
    else for (const watcher of watchers) watcher.failed?.(explain(this.#about(), this.#port.closed, error))
  }

  /** Polls until the task is seen in a terminal status. */
  async #follow(signal: AbortSignal): Promise<never> {
    let failures = 0
    let suspicious = 0
    for (;;) {
      await this.#untilDue(signal)
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
        const { latest } = this
        if (latest !== undefined && isExpired(latest, this.clock.now())) {
          throw new TaskExpiredError(this.taskId, nameOperation(this.operation), latest, { cause: error })
        }
        this.#dueAt = this.clock.now() + retryDelayMs(failures, this.#intervalMs(), Math.random(), retryAfterOf(error))
      }
    }
  }

  /** Sleeps until the next poll is due, also when that moves in the meantime. */
  async #untilDue(signal: AbortSignal): Promise<void> {
    for (;;) {
      if (signal.aborted) throw signal.reason
      const wait = this.#dueAt - this.clock.now()
      if (wait <= 0) return
      const woken = new AbortController()
      const stop = (): void => woken.abort(new Error('woken'))
      this.#wake = stop
      signal.addEventListener('abort', stop, { once: true })
      await this.clock.sleep(wait, woken.signal).catch(() => {})
      signal.removeEventListener('abort', stop)
      this.#wake = undefined
    }
  }

  async #poll(options: RequestOptions): Promise<TaskState> {
    const order = ++this.#order
    this.#lastPollAt = this.clock.now()
    let state: TaskState
    try {
      state = await this.#port.wire.get(this.taskId, options)
    } catch (error) {
      throw isRefused(error) ? missing(this.#about(), this.taskId, this.operation, this.clock.now(), error) : error
    }
    this.#accept(state, 'poll', order)
    return state
  }

  #pushed(state: TaskState): void {
    // A push that is not news still says that something may have happened.
    if (!this.#accept(state, 'push', ++this.#order)) this.#pollSoon()
  }

  /** Takes in what was seen, if it is newer than what was seen last. */
  #accept(state: TaskState, from: Sighting['from'], order: number): boolean {
    const sighting = { snapshot: state.task, from, order }
    this.heard()
    const newer = isNewer(sighting, this.#sighting)
    if (newer) {
      this.#sighting = sighting
      if (state.outcome !== undefined) this.#outcome = state.outcome
    }
    this.#dueAt = Math.max(this.#dueAt, this.clock.now() + this.#intervalMs())
    if (!newer) return false
    this.#channel.saw(state)
    this.#tell(watcher => watcher.seen?.(state.task))
    for (const key of state.unreadable) this.#tell(watcher => watcher.stuck?.(unreadable(this.#about(), key)))
    if (this.#isOver()) {
      this.#ledger.close(new Error('the task ended'))
      this.#port.over()
      if (this.#run !== undefined) this.#finish(this.#run)
    }
    this.#wake?.()
    return true
  }

  #endedBy(outcome: TaskOutcome): void {
    const { latest } = this
    if (latest === undefined || isTerminal(latest.status)) return
    const failed = outcome.kind === 'error' || outcome.result['isError'] === true
    const { statusMessage: _of, ...rest } = latest
    const task: TaskSnapshot = { ...rest, status: failed ? 'failed' : 'completed', lastUpdatedAt: new Date(this.clock.now()).toISOString() }
    this.#accept({ task, questions: [], unreadable: [], outcome }, 'push', ++this.#order)
  }

  #pollSoon(): void {
    this.#dueAt = Math.min(this.#dueAt, Math.max(this.clock.now(), this.#lastPollAt + minPollIntervalMs))
    this.#wake?.()
  }

  async #readEnding(): Promise<TaskEnding> {
    const snapshot = this.latest
    if (snapshot === undefined || !isTerminal(snapshot.status)) throw new LongcallError('task_running', `${this.#about().name} has not ended.`)
    if (snapshot.status === 'cancelled') {
      this.#port.settled()
      return { kind: 'cancelled', snapshot }
    }
    this.#outcome ??= await this.#readOutcome(snapshot)
    this.#port.settled()
    const outcome = this.#outcome
    if (outcome.kind === 'error') return { kind: 'error', error: outcome.error, snapshot }
    // A failure without content is one whose reason the server did not keep; its status message may say something.
    if (snapshot.status === 'failed' && !Array.isArray(outcome.result['content'])) return { kind: 'error', error: undefined, snapshot }
    return { kind: 'result', result: outcome.result, snapshot }
  }

  async #readOutcome(snapshot: TaskSnapshot): Promise<TaskOutcome> {
    const { closed } = this.#port
    try {
      return await untilAnswered(() => this.#channel.result({ signal: closed }), { clock: this.clock, signal: closed })
    } catch (error) {
      if (!(error instanceof RpcError)) throw explain(this.#about(), closed, error)
      // The error that the task's request ended in is answered as such.
      if (snapshot.status === 'failed') return { kind: 'error', error: { code: error.rpcCode, message: error.rpcMessage, data: error.data } }
      throw isRefused(error) ? missing(this.#about(), this.taskId, this.operation, this.clock.now(), error) : error
    }
  }

  async #deliver(question: TaskQuestion, answer: object): Promise<void> {
    try {
      await this.#channel.answer(question, answer)
    } catch (error) {
      // The task ended or the connection closed while the answer was under way: whoever waits is told by other ways.
      if (!this.#isOver() && !this.#port.closed.aborted) this.#tell(watcher => watcher.stuck?.(explain(this.#about(), this.#port.closed, error)))
    }
  }

  async #handlerFailed(question: TaskQuestion, cause: unknown, settled: () => void): Promise<void> {
    const error = handlerFailed(this.#about(), question, cause)
    this.#port.report(error)
    try {
      if (await this.#channel.refuse(question, cause)) return settled()
    } catch {
      // As with an answer: told by other ways.
    }
    this.#tell(watcher => watcher.stuck?.(error))
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

/** What a driver needs. */
export interface DriverPort {
  readonly taskId: string
  readonly operation: Operation
  readonly wire: TaskWire
  readonly clock: Clock
  /** Aborts when the connection is gone. */
  readonly closed: AbortSignal
  /** All of the reference but what the latest snapshot adds. */
  reference(): RunningReference
  canAnswer(question: TaskQuestion): boolean
  ask(question: TaskQuestion, context: QuestionContext): Promise<object>
  busy(): boolean
  /** The outcome is here: the server is not needed for this task any more. */
  settled(): void
  /** The task ended. */
  over(): void
  /** For errors that reach no caller. */
  report(error: Error): void
}
