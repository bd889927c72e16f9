import type { EngineSlot } from '../engine/task-engine.ts'
import { LeaseLostError, ShutdownError, TaskTimeoutError } from '../errors/runtime-errors.ts'
import type { Claim, WriteAck } from '../store/task-store.ts'
import type { TaskOutcome } from '../task/task-outcome.ts'
import type { Endings } from './endings.ts'
import { errorOutcome } from './outcomes.ts'
import { persistently } from './persistently.ts'
import type { RuntimeParts } from './runtime-parts.ts'
import type { TaskDefinition, WorkElsewhere } from './task-body.ts'
import { TaskExecution, type ExecutionHost } from './task-execution.ts'

/** How long a body may take to end once its signal has aborted, until its place is given to another. */
const windDownMs = 5_000

/** The same when the process shuts down; what came of it then gets as long to be stored. */
export const stopMs = 1_000

/** Runs a task's body under a lease, and sees to it that the task ends, whatever the body does. */
export class BodyRunner {
  readonly #parts: RuntimeParts
  readonly #host: ExecutionHost
  readonly #endings: Endings

  constructor(parts: RuntimeParts, host: ExecutionHost, endings: Endings) {
    this.#parts = parts
    this.#host = host
    this.#endings = endings
  }

  /** Runs the task if it is free to be run; resolves when its body is done, or is waited for no longer. */
  async run(id: string, slot: EngineSlot): Promise<void> {
    const { store, namespace, leaseMs, definitions, running, emit } = this.#parts
    const begun = await running.begin(async () => {
      const claim = await store.claim(id, { namespace, tools: [...definitions.keys()], leaseMs })
      const definition = claim === undefined ? undefined : definitions.get(claim.task.tool)
      if (claim === undefined || definition === undefined) return undefined
      return { claim, definition, execution: new TaskExecution(claim, slot, this.#host) }
    })
    if (begun === undefined) return
    const { claim, definition, execution } = begun
    emit(claim.task, { kind: 'started', attempt: claim.task.attempt })
    const stopTime = this.#limitTime(execution, definition)
    try {
      const body = Promise.resolve().then(() => definition.body(execution))
      const outcome = await Promise.race([body, this.#windDown(execution)]).catch((error: unknown) =>
        errorOutcome(error),
      )
      stopTime()
      await this.#settle(execution, claim, outcome)
    } finally {
      stopTime()
      running.remove(execution)
    }
  }

  /** Rejects some time after the signal aborted: a body that does not listen to it keeps nobody waiting. */
  async #windDown({ signal }: TaskExecution): Promise<never> {
    if (!signal.aborted) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    }
    const ms = signal.reason instanceof ShutdownError ? stopMs : windDownMs
    await this.#parts.clock.sleep(ms, undefined, { background: true })
    throw signal.reason
  }

  /** Ends the task as its body came out, or gives it back where its work goes on elsewhere or in another process. */
  async #settle(execution: TaskExecution, { task, token }: Claim, outcome: TaskOutcome | WorkElsewhere): Promise<void> {
    const { store, clock, leaseMs, running } = this.#parts
    const { reason } = execution.signal
    const isStopped = reason instanceof ShutdownError || reason instanceof LeaseLostError
    const elsewhere = typeof outcome === 'symbol'
    // What a body says that was stopped in the middle is how it was stopped, not how the task ends.
    const isCutOff = isStopped && !elsewhere && (outcome.kind === 'error' || outcome.result['isError'] === true)
    if (elsewhere || (isCutOff && task.onCrash === 'rerun')) {
      const release = (): Promise<WriteAck> => store.release(task.id, token, { elsewhere })
      await persistently(release, { clock, forMs: leaseMs, signal: running.stopped })
    } else {
      await this.#endings.byBody(execution, isCutOff ? errorOutcome(reason) : outcome)
    }
  }

  /** Ends the task when its body takes too long, whether or not the body listens to its signal. */
  #limitTime(execution: TaskExecution, { timeoutMs }: TaskDefinition): () => void {
    if (timeoutMs === undefined) return () => {}
    return execution.time.limit(timeoutMs, () => {
      const error = new TaskTimeoutError(execution.taskId, execution.tool, timeoutMs)
      void this.#endings
        .byBody(execution, errorOutcome(error))
        .catch((failure: unknown) => this.#parts.trouble(failure))
        .finally(() => execution.abort(error))
    })
  }
}
