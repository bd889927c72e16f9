import { rpcErrorCodes } from '../errors/rpc-error.ts'
import type { TaskEnding, TaskRecord } from '../store/task-record.ts'
import type { Claim, WriteResult } from '../store/task-store.ts'
import type { TaskOutcome } from '../task/task-outcome.ts'
import { isTerminal, openStatuses } from '../task/task-status.ts'
import { endingOf, keepableOutcome } from './outcomes.ts'
import { persistently } from './persistently.ts'
import type { RuntimeParts } from './runtime-parts.ts'
import type { TaskExecution } from './task-execution.ts'

/** How long the end of a task is held ready for a store that is away. */
const patienceMs = 3_600_000

/** The ways in which a task ends, each by one write of the store. */
export class Endings {
  readonly #parts: RuntimeParts

  constructor(parts: RuntimeParts) {
    this.#parts = parts
  }

  /**
   * By its body. What comes too late is dropped.
   *
   * A store that is away is waited for: what the body brought is here alone. Until then the lease is the task's fence, and
   * where it ran out and another took the task, the store refuses.
   */
  async byBody(execution: TaskExecution, outcome: TaskOutcome): Promise<void> {
    const { store, clock, running, emit, trouble } = this.#parts
    const { taskId, tool, guard } = execution
    const ending = this.#ending(outcome, tool)
    let isTold = false
    const end = (): Promise<WriteResult> =>
      store.end(taskId, ending, guard).catch((error: unknown) => {
        if (!isTold) trouble(error)
        isTold = true
        throw error
      })
    try {
      const result = await persistently(end, { clock, forMs: patienceMs, signal: running.stopped })
      if (result.kind === 'written') this.#tell(result.task)
      else if (result.kind === 'refused') emit(result.task, { kind: 'late' })
    } finally {
      running.remove(execution)
    }
  }

  /** By somebody outside: its work was done elsewhere. */
  byOutside(id: string, outcome: TaskOutcome, owner: string | undefined): Promise<WriteResult> {
    return this.#fromOutside(id, this.#ending(outcome, 'a task'), owner)
  }

  /** By cancelling it. When this resolves, the signal of a body in this process is already aborted. */
  byCancel(id: string, statusMessage: string, owner: string | undefined): Promise<WriteResult> {
    const { retentionMs } = this.#parts.limits
    return this.#fromOutside(id, { status: 'cancelled', statusMessage, retentionMs }, owner)
  }

  /** Because its process is gone, and it must not run again. */
  async byLoss({ task, token }: Claim): Promise<void> {
    const times = task.attempt === 1 ? 'once' : `${task.attempt} times`
    const message =
      task.onCrash === 'fail'
        ? 'The process that ran this task is gone, and the tool does not allow it to run again.'
        : `The process that ran this task is gone; it was started ${times}, which is the most it may be.`
    const ending = this.#ending({ kind: 'error', error: { code: rpcErrorCodes.internalError, message } }, task.tool)
    const result = await this.#parts.store.end(task.id, ending, { from: openStatuses, token })
    if (result.kind === 'written') this.#tell(result.task)
  }

  async #fromOutside(id: string, ending: TaskEnding, owner: string | undefined): Promise<WriteResult> {
    const { store, running } = this.#parts
    const result = await store.end(id, ending, { from: openStatuses, ...(owner !== undefined && { owner }) })
    if (result.kind !== 'written') return result
    running.abort(id, ending.status === 'cancelled' ? 'cancelled' : 'lost')
    this.#tell(result.task)
    return result
  }

  #ending(outcome: TaskOutcome, tool: string): TaskEnding {
    const { maxResultBytes, retentionMs } = this.#parts.limits
    return endingOf(keepableOutcome(outcome, tool, maxResultBytes), retentionMs)
  }

  #tell(task: TaskRecord): void {
    const { status, statusMessage } = task
    if (isTerminal(status)) this.#parts.emit(task, { kind: 'ended', status, statusMessage })
  }
}
