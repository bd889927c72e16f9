import { taskStatuses, type CreatedTask, type TaskQuestion, type TaskSnapshot, type TaskStatus } from '@longcall/core'
import type { RequestOptions } from '../connection/connection.ts'
import { InvalidOptionError } from '../errors/usage-errors.ts'
import { awaitEnding, awaitTask, untilEnded, type WaitGoal } from './await-task.ts'
import type { WaitLimits } from '../connection/deadline.ts'
import { snapshotFeed } from './snapshot-feed.ts'
import type { Operation } from './operation.ts'
import { isGone } from './driver-errors.ts'
import type { TaskReference } from './task-reference.ts'
import type { TaskEnding, TaskSource } from './task-source.ts'

/** How long to wait, and for what. */
export interface WaitOptions extends WaitLimits {
  /** A status, or a test of the snapshot; by default any terminal status. */
  readonly until?: TaskStatus | ((snapshot: TaskSnapshot) => boolean)
}

/**
 * A request that runs elsewhere as a task: watch it, answer it, cancel it, drop it, pick it up again in another process.
 *
 * The task is polled, and its questions are answered, only while somebody waits: in `result`, `wait`, `updates` or
 * `onStatusChange`. To stop waiting is not to cancel. A handle is no thenable: to return one does not wait for the task.
 */
export class Task<Result, Op extends Operation = Operation> {
  /** The request that became the task: tells the kinds of handles apart. */
  readonly method: Op['method']
  /** The server's id of the task; an id of this client's own when the request was not run as a task. */
  readonly id: string
  /** The answer that created the task, as it came; `undefined` when the task was resumed, or never was one. */
  readonly created: Readonly<Record<string, unknown>> | undefined
  /** What a host may show its model at once, while the task goes on. Untrusted text. */
  readonly immediateResponse: string | undefined
  readonly #source: TaskSource
  readonly #options: TaskHandleOptions<Result>
  #result: Promise<Result> | undefined

  constructor(source: TaskSource, options: TaskHandleOptions<Result>) {
    this.method = source.operation.method
    this.id = source.taskId
    this.created = options.created?.raw
    this.immediateResponse = options.created?.created.immediateResponse
    this.#source = source
    this.#options = options
  }

  /** Whether the server answered the request at once instead of running it as a task. Every method works all the same. */
  get returnedImmediately(): boolean {
    return this.#source.reference.kind === 'settled'
  }

  /** The task as last seen, never fetched here; `undefined` on a handle that was just resumed. */
  get latest(): TaskSnapshot | undefined {
    return this.#source.latest
  }

  /**
   * The task as it is now: one round trip, always fresh.
   *
   * @throws {TaskNotFoundError} Thrown when the server does not know the task.
   * @throws {TaskExpiredError} Thrown when it does not know the task any more, by its last known time to live.
   */
  status(options: RequestOptions = {}): Promise<TaskSnapshot> {
    return this.#source.status(options)
  }

  /**
   * Every new snapshot, from what is known now to the terminal one, polled and pushed. Leaving the loop stops the polling.
   *
   * @throws {WaitTimeoutError} Thrown when `timeoutMs` or `idleTimeoutMs` passed. The task runs on.
   */
  updates(limits: WaitLimits = {}): AsyncGenerator<TaskSnapshot, void, undefined> {
    return snapshotFeed(this.#source, limits)
  }

  /**
   * Waits for a status, by default any terminal one; without limits, as long as it takes.
   *
   * @throws {WaitEndedError} Thrown at once when the task ends in another status; it holds the snapshot.
   * @throws {WaitTimeoutError} Thrown when `timeoutMs` or `idleTimeoutMs` passed. The task runs on.
   * @throws {TaskNotFoundError} Thrown when the server does not know the task.
   */
  async wait(options: WaitOptions = {}): Promise<TaskSnapshot> {
    return awaitTask(this.#source, readGoal(options.until), options)
  }

  /**
   * What the request would have returned. Fetched once: afterwards the same object, also after the connection closed.
   *
   * Without limits of its own it keeps to those that the call was made with.
   *
   * @throws {ToolError} Thrown when the tool reported a failure, unless the call was made with `throwOnError: false`.
   * @throws {TaskFailedError} Thrown when the request ended in a JSON-RPC error, whose code and data are kept; of a prompt or
   * a resource, when it failed in whatever way.
   * @throws {TaskCancelledError} Thrown when the task was cancelled.
   * @throws {TaskExpiredError} Thrown when its time to live passed and the server does not know it any more.
   * @throws {WaitTimeoutError} Thrown when `timeoutMs` or `idleTimeoutMs` passed. The task runs on.
   */
  async result(limits: WaitLimits = this.#options.limits): Promise<Result> {
    if (this.#result !== undefined) return this.#result
    const { seen, acknowledge = () => this.#source.keeper.acknowledged() } = this.#options
    try {
      const ending = await awaitEnding(this.#source, limits, undefined, seen)
      this.#result ??= (async () => this.#options.read(ending))()
    } catch (error) {
      if (isGone(error)) acknowledge()
      throw error
    }
    try {
      return await this.#result
    } finally {
      acknowledge()
    }
  }

  /**
   * Cancels the task, and gives it as it was seen after. A task that has ended stays as it is.
   *
   * A question that waits for an answer is closed. With a 2026-07-28 server, the status may follow later. Tried again for
   * `timeoutMs`, by default five minutes, while the server cannot be reached.
   */
  cancel(options: RequestOptions = {}): Promise<TaskSnapshot> {
    return this.#source.cancel(options)
  }

  /**
   * Calls back on every change of status or status message, polled or pushed, until the returned function is called or
   * the task ended; at once when it has.
   *
   * What the callback throws, or rejects with, goes to the client's `onError` and harms nobody.
   */
  onStatusChange(callback: (snapshot: TaskSnapshot) => void | Promise<void>): () => void {
    const report = this.#options.report
    let last = said(this.#source.latest)
    const call = async (snapshot: TaskSnapshot): Promise<void> => callback(snapshot)
    const seen = (snapshot: TaskSnapshot): void => {
      if (said(snapshot) === last) return
      last = said(snapshot)
      call(snapshot).catch(report)
    }
    const { latest } = this.#source
    if (latest !== undefined && untilEnded.fits(latest)) last = ''
    return this.#source.watch({ seen, ended: seen, failed: report })
  }

  /** The questions of the task that wait for an answer, with or without a handler at work on them. */
  questions(): readonly TaskQuestion[] {
    return this.#source.questions()
  }

  /**
   * Answers a question by hand; `answer` is what a handler would return. A handler at work on it is told to stop.
   *
   * @throws {LongcallError} Thrown, code `unknown_question`, when no question with that key waits for an answer.
   */
  answer(key: string, answer: Readonly<Record<string, unknown>>): Promise<void> {
    return this.#source.answer(key, answer)
  }

  /** What survives a restart: store it like a secret, and give it to `client.tasks.resume()`. */
  toJSON(): TaskReference<Op> {
    return this.#source.reference as TaskReference<Op>
  }
}

/** What a handle needs beside its task. */
export interface TaskHandleOptions<Result> {
  /** Turns how the task ended into the result, or throws. */
  read(ending: TaskEnding): Promise<Result>
  /** The limits that `result()` keeps to by default. */
  readonly limits: WaitLimits
  /** Called once `result()` gave the outcome; by default the journal need not keep it any more. */
  readonly acknowledge?: (() => void) | undefined
  /** For errors that reach no caller. */
  readonly report: (error: unknown) => void
  /** Told of every snapshot while the result is waited for. */
  readonly seen?: (snapshot: TaskSnapshot) => void
  readonly created?: { readonly created: CreatedTask; readonly raw: Readonly<Record<string, unknown>> }
}

function readGoal(until: WaitOptions['until']): WaitGoal {
  if (until === undefined) return untilEnded
  if (typeof until === 'function') return { name: 'the condition', fits: until }
  if (!taskStatuses.includes(until))
    throw new InvalidOptionError('until', until, `one of ${taskStatuses.join(', ')}, or a function`)
  return { name: until, fits: (snapshot) => snapshot.status === until }
}

function said(snapshot: TaskSnapshot | undefined): string {
  return snapshot === undefined ? '' : JSON.stringify([snapshot.status, snapshot.statusMessage])
}
