import { isTerminal, LongcallError, type TaskSnapshot } from '@longcall/core'
import { WaitAbortedError, WaitEndedError, WaitTimeoutError, type WaitedTask } from '../errors/wait-errors.ts'
import { withDeadline, type GivenUp, type WaitLimits, type WaitPulse } from '../connection/deadline.ts'
import { nameTask } from './operation.ts'
import type { TaskEnding, TaskSource } from './task-source.ts'

/** What to wait for: a snapshot that `fits`; `name` says it in an error. */
export interface WaitGoal {
  readonly name: string
  fits(snapshot: TaskSnapshot): boolean
}

/** Waiting for the task to end, in whatever status. */
export const untilEnded: WaitGoal = { name: 'its end', fits: (snapshot) => isTerminal(snapshot.status) }

/**
 * Waits for a task, watching it meanwhile.
 *
 * `stuck` decides on a question that nobody here can answer: an error ends the wait with it.
 *
 * @throws {WaitEndedError} Thrown when the task ended otherwise.
 * @throws {WaitTimeoutError} Thrown when the time was up. The task runs on.
 * @throws {WaitAbortedError} Thrown when the signal aborted. The task runs on.
 */
export function awaitTask(
  source: TaskSource,
  goal: WaitGoal,
  limits: WaitLimits,
  stuck: (error: Error) => Error | undefined = rejectUnlessAnswerable,
  seen?: (snapshot: TaskSnapshot) => void,
): Promise<TaskSnapshot> {
  return withLimits(source, limits, (pulse) => follow(source, goal, pulse, stuck, seen))
}

/**
 * Waits for a task to end, as {@link awaitTask} does, and for how it ended, which may have to be fetched: within the same
 * limits.
 */
export function awaitEnding(
  source: TaskSource,
  limits: WaitLimits,
  stuck: (error: Error) => Error | undefined = rejectUnlessAnswerable,
  seen?: (snapshot: TaskSnapshot) => void,
): Promise<TaskEnding> {
  return withLimits(source, limits, async (pulse) => {
    await follow(source, untilEnded, pulse, stuck, seen)
    return source.ending()
  })
}

function withLimits<T>(source: TaskSource, limits: WaitLimits, work: (pulse: WaitPulse) => Promise<T>): Promise<T> {
  return withDeadline(
    limits,
    source.clock,
    (why) => givenUp(source, why),
    work,
    () => source.busy(),
  )
}

function follow(
  source: TaskSource,
  goal: WaitGoal,
  pulse: WaitPulse,
  stuck: (error: Error) => Error | undefined,
  seen: ((snapshot: TaskSnapshot) => void) | undefined,
): Promise<TaskSnapshot> {
  return new Promise((resolve, reject) => {
    const { latest } = source
    if (latest !== undefined && goal.fits(latest)) return resolve(latest)
    const check = (snapshot: TaskSnapshot): void => {
      seen?.(snapshot)
      try {
        if (goal.fits(snapshot)) resolve(snapshot)
      } catch (error) {
        reject(error)
      }
    }
    const unwatch = source.watch({
      seen: check,
      heard: pulse.alive,
      ended: (snapshot) => {
        check(snapshot)
        reject(new WaitEndedError(about(source), snapshot, goal.name))
      },
      failed: reject,
      stuck: (error) => {
        const ending = stuck(error)
        if (ending !== undefined) reject(ending)
      },
    })
    pulse.signal.addEventListener('abort', unwatch, { once: true })
  })
}

/** The task as errors tell it. */
function about(source: TaskSource): WaitedTask {
  return { name: nameTask(source.taskId, source.operation), reference: source.reference, snapshot: source.latest }
}

/** Why a wait for the task was given up, as an error. */
function givenUp(source: TaskSource, why: GivenUp): Error {
  return why.kind === 'aborted'
    ? new WaitAbortedError(about(source), why.reason)
    : new WaitTimeoutError(about(source), why.kind, why.ms)
}

/** Without a handler a task stays open for `task.answer()`; whatever else is in the way will not go by waiting. */
function rejectUnlessAnswerable(error: Error): Error | undefined {
  return error instanceof LongcallError && error.code === 'no_handler' ? undefined : error
}
