import { setMaxListeners } from 'node:events'
import type { Clock } from '../clock/clock.ts'
import { TaskCancelledError } from '../errors/task-errors.ts'
import { LeaseLostError } from '../errors/runtime-errors.ts'
import type { TaskStore } from '../store/task-store.ts'
import { isTerminal } from '../task/task-status.ts'
import type { TaskExecution } from './task-execution.ts'

/** A body that runs here. */
interface RunningTask {
  readonly execution: TaskExecution
  readonly unwatch: () => void
  leasedUntilMs: number
  isLooking: boolean
}

/** The bodies that run in this process, and the heartbeat that keeps their leases. */
export class RunningTasks {
  readonly #store: TaskStore
  readonly #clock: Clock
  readonly #leaseMs: number
  readonly #executions = new Map<string, RunningTask>()
  readonly #stopped = new AbortController()
  #isBeating = false
  #onAllWait: () => void = () => {}
  #onNone: () => void = () => {}
  #beginning = 0

  constructor(options: { readonly store: TaskStore; readonly clock: Clock; readonly leaseMs: number }) {
    this.#store = options.store
    this.#clock = options.clock
    this.#leaseMs = options.leaseMs
    setMaxListeners(0, this.#stopped.signal)
  }

  get all(): readonly TaskExecution[] {
    return [...this.#executions.values()].map(({ execution }) => execution)
  }

  has(taskId: string): boolean {
    return this.#executions.has(taskId)
  }

  add(execution: TaskExecution): void {
    // A run that lost its task without knowing, and whose task came back here: there is one run of a task.
    this.abort(execution.taskId, 'lost')
    this.#executions.get(execution.taskId)?.unwatch()
    const unwatch = this.#store.watch(execution.taskId, () => void this.#look(execution))
    this.#executions.set(execution.taskId, {
      execution,
      leasedUntilMs: this.#clock.now() + this.#leaseMs,
      unwatch,
      isLooking: false,
    })
    if (!this.#isBeating) void this.#beat()
  }

  /** Adds the execution that `begin` gives, if any; whoever waits until all wait waits for that, too. */
  async begin<T extends { readonly execution: TaskExecution }>(
    begin: () => Promise<T | undefined>,
  ): Promise<T | undefined> {
    this.#beginning += 1
    try {
      const begun = await begin()
      if (begun !== undefined) this.add(begun.execution)
      return begun
    } finally {
      this.#beginning -= 1
      this.notice()
    }
  }

  remove(execution: TaskExecution): void {
    const running = this.#executions.get(execution.taskId)
    if (running?.execution === execution) {
      running.unwatch()
      this.#executions.delete(execution.taskId)
    }
    this.notice()
  }

  /** Resolves when no body here does anything but wait for people, who may take any time, and none is about to begin. */
  untilAllWait(): Promise<void> {
    return new Promise((resolve) => {
      this.#onAllWait = resolve
      this.notice()
    })
  }

  /** Resolves when no body runs here. */
  untilNone(): Promise<void> {
    return new Promise((resolve) => {
      this.#onNone = resolve
      this.notice()
    })
  }

  /** A body began to wait, or ended. */
  notice(): void {
    if (this.#beginning === 0 && this.#executions.size === 0) this.#onNone()
    if (this.#beginning === 0 && this.all.every(({ time }) => time.isPaused)) this.#onAllWait()
  }

  /** Tells the body, if it runs here, that its task has ended or is another's. */
  abort(taskId: string, reason: 'cancelled' | 'lost' | 'unreachable'): void {
    const execution = this.#executions.get(taskId)?.execution
    if (execution === undefined) return
    const { tool } = execution
    execution.abort(
      reason === 'cancelled'
        ? new TaskCancelledError(taskId, `tool ${JSON.stringify(tool)}`)
        : new LeaseLostError(taskId, tool, reason === 'lost' ? 'taken' : 'unreachable'),
    )
  }

  /** Aborts when this process runs no tasks any more. */
  get stopped(): AbortSignal {
    return this.#stopped.signal
  }

  stop(): void {
    this.#stopped.abort()
    for (const { unwatch } of this.#executions.values()) unwatch()
  }

  /**
   * Holds the leases that should have been renewed long ago: this process slept, or something kept it busy. Whoever looks
   * for lost tasks does this first, and does not take its own. Rejects when the store could not be asked.
   */
  async catchUp(): Promise<void> {
    const late = this.#clock.now() + this.#leaseMs / 2
    if (![...this.#executions.values()].some(({ leasedUntilMs }) => leasedUntilMs < late)) return
    const failure = await this.#renew()
    if (failure !== undefined) throw failure.error
  }

  /**
   * Makes sure of a lease before its body does what must not be done twice: after a process was away, its timers may not have
   * told yet that another has the task.
   */
  async ensureHeld(taskId: string): Promise<void> {
    const running = this.#executions.get(taskId)
    if (running !== undefined && this.#clock.now() >= running.leasedUntilMs) await this.#renew()
  }

  /** Its task was written to: another process may have cancelled it, or run it now. Sooner than a heartbeat would tell. */
  async #look(execution: TaskExecution): Promise<void> {
    const { taskId, attempt } = execution
    const running = this.#executions.get(taskId)
    if (running?.execution !== execution || running.isLooking) return
    running.isLooking = true
    // Several writes are one look, and none where it was the body's own last one.
    await this.#clock.sleep(0, this.#stopped.signal, { background: true }).catch(() => {})
    running.isLooking = false
    if (this.#executions.get(taskId) !== running || execution.signal.aborted || this.#stopped.signal.aborted) return
    const task = await this.#store.get(taskId).catch(() => undefined)
    if (task === undefined || this.#executions.get(taskId) !== running) return
    if (task.status === 'cancelled') this.abort(taskId, 'cancelled')
    else if (isTerminal(task.status) || task.attempt !== attempt) this.abort(taskId, 'lost')
  }

  async #beat(): Promise<void> {
    this.#isBeating = true
    while (this.#executions.size > 0) {
      await this.#clock.sleep(this.#leaseMs / 3, this.#stopped.signal, { background: true }).catch(() => {})
      if (this.#stopped.signal.aborted) return
      await this.#renew()
    }
    this.#isBeating = false
  }

  /** Gives what kept the store from being asked, if anything did. */
  async #renew(): Promise<{ readonly error: unknown } | undefined> {
    const leases = this.all.map(({ lease }) => lease)
    const renewedAtMs = this.#clock.now()
    let failure: { readonly error: unknown } | undefined
    const states = await this.#store.heartbeat(leases, this.#leaseMs).catch((error: unknown) => {
      failure = { error }
      return undefined
    })
    for (const { id, token } of leases) {
      const running = this.#executions.get(id)
      if (running?.execution.lease.token !== token) continue
      const state = states?.get(id)
      if (state === 'held') running.leasedUntilMs = renewedAtMs + this.#leaseMs
      else if (state !== undefined) this.abort(id, state)
      // The store cannot be reached: somebody else may take the task now, so it is not ours to run any more.
      else if (this.#clock.now() >= running.leasedUntilMs) this.abort(id, 'unreachable')
    }
    return failure
  }
}
