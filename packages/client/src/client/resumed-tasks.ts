import type { WaitLimits } from '../connection/deadline.ts'
import type { PendingCall } from './pending-calls.ts'
import type { AnyTask, TaskResult } from './task-kinds.ts'

/** How a task that was taken up again ended: its result, or the error that says how it failed. */
export type ResumedOutcome =
  | { readonly status: 'fulfilled'; readonly task: AnyTask; readonly value: TaskResult }
  | { readonly status: 'rejected'; readonly task: AnyTask; readonly reason: unknown }

/** Tasks that were taken up again from the journal: watch each by its handle, or wait for all or any. */
export interface ResumedTasks {
  /** A handle of each. */
  readonly tasks: readonly AnyTask[]
  /** Calls whose acknowledgement never came. They are not sent again; `client.tasks.forget()` dismisses them. */
  readonly fateUnknown: readonly PendingCall[]
  /**
   * Waits for all to end, however they do; where `onResult` was given, until it has taken each.
   *
   * @throws {WaitTimeoutError} Thrown when `timeoutMs` or `idleTimeoutMs` passed for one of them. All run on.
   */
  all(limits?: WaitLimits): Promise<readonly ResumedOutcome[]>
  /**
   * Waits for the first to end, however it does; `undefined` where there is none. The others are not waited for any more.
   *
   * @throws {WaitTimeoutError} Thrown when `timeoutMs` or `idleTimeoutMs` passed. All run on.
   */
  any(limits?: WaitLimits): Promise<ResumedOutcome | undefined>
}

/** Waits for tasks that were taken up, and gives each outcome once to whoever takes it. */
export class TakenTasks implements ResumedTasks {
  readonly tasks: readonly AnyTask[]
  readonly fateUnknown: readonly PendingCall[]
  readonly #taken: readonly TakenHandle[]
  readonly #onResult: ((outcome: ResumedOutcome) => void | Promise<void>) | undefined
  readonly #given = new Map<TakenHandle, Promise<void>>()

  constructor(
    taken: readonly TakenHandle[],
    fateUnknown: readonly PendingCall[],
    onResult?: (outcome: ResumedOutcome) => void | Promise<void>,
  ) {
    this.tasks = taken.map(({ task }) => task)
    this.fateUnknown = fateUnknown
    this.#taken = taken
    this.#onResult = onResult
  }

  async all(limits: WaitLimits = {}): Promise<readonly ResumedOutcome[]> {
    // Nobody has any of them before all are there.
    const ended = await this.#waiting(limits, (waits) => Promise.all(waits))
    await Promise.all(ended.map(({ taken, outcome }) => this.#give(taken, outcome)))
    return ended.map(({ outcome }) => outcome)
  }

  async any(limits: WaitLimits = {}): Promise<ResumedOutcome | undefined> {
    if (this.#taken.length === 0) return undefined
    // Others may have ended as well: nobody has their outcomes.
    const { taken, outcome } = await this.#waiting(limits, (waits) => Promise.race(waits))
    await this.#give(taken, outcome)
    return outcome
  }

  /** Waits for what is wanted of all the tasks; then for none of them any more. */
  async #waiting<T>(limits: WaitLimits, wanted: (waits: readonly Promise<Ended>[]) => Promise<T>): Promise<T> {
    const over = new AbortController()
    const signal = limits.signal === undefined ? over.signal : AbortSignal.any([limits.signal, over.signal])
    const wait = async (taken: TakenHandle): Promise<Ended> => ({
      taken,
      outcome: await outcomeOf(taken, { ...limits, signal }),
    })
    try {
      return await wanted(this.#taken.map(wait))
    } finally {
      over.abort(new Error('the others are not waited for any more'))
    }
  }

  /** Waits for one of them. */
  async outcome(taken: TakenHandle, limits: WaitLimits): Promise<ResumedOutcome> {
    const outcome = await outcomeOf(taken, limits)
    await this.#give(taken, outcome)
    return outcome
  }

  /** Once for each task, whoever waits: only then is its outcome not kept any more. */
  #give(taken: TakenHandle, outcome: ResumedOutcome): Promise<void> {
    let given = this.#given.get(taken)
    if (given === undefined) {
      given = (async () => {
        // This process may have been taken for dead, while it slept, and another one has given it.
        if (this.#onResult !== undefined && !(await taken.isOurs())) return
        await this.#onResult?.(outcome)
        taken.acknowledge()
      })().catch((error: unknown) => {
        this.#given.delete(taken)
        throw error
      })
      this.#given.set(taken, given)
    }
    return given
  }
}

interface Ended {
  readonly taken: TakenHandle
  readonly outcome: ResumedOutcome
}

/** A task that was taken up. */
export interface TakenHandle {
  readonly task: AnyTask
  /** Its result, as `task` gives it; does not say that the outcome was had. */
  readonly result: (limits: WaitLimits) => Promise<TaskResult>
  /** Whether `result()` gave an outcome, be it an error. */
  readonly hasOutcome: () => boolean
  readonly acknowledge: () => void
  /** Whether no other client has taken the task since. */
  readonly isOurs: () => Promise<boolean>
}

async function outcomeOf({ task, result, hasOutcome }: TakenHandle, limits: WaitLimits): Promise<ResumedOutcome> {
  try {
    return { status: 'fulfilled', task, value: await result(limits) }
  } catch (reason) {
    if (!hasOutcome()) throw reason
    return { status: 'rejected', task, reason }
  }
}
