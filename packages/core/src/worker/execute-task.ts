import { systemClock, type Clock } from '../clock/clock.ts'
import { LongcallError } from '../errors/longcall-error.ts'
import { notFoundError } from '../runtime/told-error.ts'
import { endingOf, errorOutcome, keepableOutcome } from '../runtime/outcomes.ts'
import { persistently } from '../runtime/persistently.ts'
import { RunningTasks } from '../runtime/running-tasks.ts'
import { leaseMsOf, defaultLimits } from '../runtime/runtime-options.ts'
import { TaskExecution } from '../runtime/task-execution.ts'
import { openStatuses } from '../task/task-status.ts'
import type { TaskStore } from '../store/task-store.ts'
import type { TaskOutcome } from '../task/task-outcome.ts'

/** What the work of {@link executeTask} is given. */
export interface WorkContext {
  readonly taskId: string
  /** Aborts when the task is cancelled, expires or is taken by another process. */
  readonly signal: AbortSignal
  /** Says what the work is doing, for people. */
  updateStatus(message: string): void
  /** Completes the task now; what the work returns afterwards no longer matters. Nothing happens to a task that has ended. */
  complete(result: Readonly<Record<string, unknown>>): Promise<void>
  /** Fails the task now, likewise. */
  fail(message: string): Promise<void>
}

/**
 * Runs a task of a store: a worker of one's own needs no more than this and a way to learn of ids.
 *
 * What `work` returns completes the task, unless it has ended already. What it throws ends it `failed` with that message,
 * and goes no further. While it runs, the task is held by a lease.
 *
 * @throws {RpcError} Thrown with -32602, before `work` is called, when the task is not there.
 * @throws {LongcallError} Thrown with the code `task_not_runnable`, before `work` is called, when the task has ended, waits
 * for an answer, runs elsewhere or must not be run again.
 */
export async function executeTask(
  store: TaskStore,
  id: string,
  work: (context: WorkContext) => Promise<Readonly<Record<string, unknown>> | void>,
  options: { readonly leaseMs?: number; readonly clock?: Clock } = {},
): Promise<void> {
  const { clock = systemClock } = options
  const leaseMs = leaseMsOf(options.leaseMs)
  const task = await store.get(id)
  if (task === undefined) throw notFoundError(id)
  const claim = await store.claim(id, { namespace: task.namespace, tools: [task.tool], leaseMs })
  if (claim === undefined) {
    const why = `it is ${task.status}, runs elsewhere or must not run again`
    throw new LongcallError('task_not_runnable', `Task ${id} cannot be executed: ${why}.`)
  }
  const host = { store, clock, limits: defaultLimits, emit: () => {} }
  const execution = new TaskExecution(claim, { park: (wait) => wait() }, host)
  const running = new RunningTasks({ store, clock, leaseMs })
  running.add(execution)

  const end = async (outcome: TaskOutcome): Promise<void> => {
    const keepable = keepableOutcome(outcome, task.tool, defaultLimits.maxResultBytes)
    const ending = endingOf(keepable, defaultLimits.retentionMs)
    const guard = { from: openStatuses, token: claim.token }
    await persistently(() => store.end(id, ending, guard), { clock, forMs: leaseMs })
  }
  const run = async (): Promise<TaskOutcome> => {
    const result = await work({
      taskId: id,
      signal: execution.signal,
      updateStatus: (message) => execution.updateStatus(message),
      complete: (early) => end({ kind: 'result', result: early }),
      fail: (message) => end(errorOutcome(new Error(message))),
    })
    return { kind: 'result', result: result ?? {} }
  }
  try {
    await end(await run().catch(errorOutcome))
  } finally {
    running.remove(execution)
    running.stop()
  }
}
