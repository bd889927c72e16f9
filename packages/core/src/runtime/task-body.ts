import type { JsonObject, JsonValue } from '../json/json.ts'
import type { CrashPolicy, TaskProgress, TaskRequest } from '../store/task-record.ts'
import type { TaskOutcome } from '../task/task-outcome.ts'
import type { QuestionMethod } from '../task/task-snapshot.ts'

/** What a name that tasks can be started under stands for. */
export interface TaskDefinition {
  readonly body: TaskBody
  /** `fail` by default: a body is never started twice. */
  readonly onCrash?: CrashPolicy
  /** How often the body may be started in all, under `rerun`; 3 by default. */
  readonly maxAttempts?: number
  /** How long the body may run in one attempt, not counting what it waits for people; without it, for ever. */
  readonly timeoutMs?: number
}

/**
 * The work of a task. What it returns is how the task ends; {@link workElsewhere} leaves the task open.
 *
 * What it throws ends the task `failed`: an {@link RpcError} as it is, all else as an internal error with its message. When
 * its signal is aborted, what it returns or throws no longer matters.
 */
export type TaskBody = (context: TaskBodyContext) => Promise<TaskOutcome | WorkElsewhere>

/**
 * A body returns this when its work goes on outside: with a job engine, a person, another service. The task stays open, and
 * whoever finishes the work ends it with the runtime's `complete`.
 */
export const workElsewhere: WorkElsewhere = Symbol('longcall.work-elsewhere') as WorkElsewhere

/** The type of {@link workElsewhere}: not a unique symbol, which an async function that returns it would lose. */
export type WorkElsewhere = symbol & { readonly workElsewhere: true }

/** What a body is given. */
export interface TaskBodyContext {
  readonly taskId: string
  /** 1 at first; one more each time the body is started again after a crash. */
  readonly attempt: number
  readonly request: TaskRequest
  /** Aborts when the task is cancelled, ended from outside, timed out or taken by another process. */
  readonly signal: AbortSignal
  /** Says what the body is doing, for people. Reports that come fast are joined; one may be lost in a crash. */
  updateStatus(message: string): void
  /** Says how far the body is, likewise. */
  progress(progress: TaskProgress): void
  /**
   * Asks the requestor, and waits for the answer: after a crash, one that was given comes back at once.
   *
   * @throws {RpcError} Thrown when the requestor cannot be asked this, and when it answered with an error.
   */
  ask(question: Question, options?: AskOptions): Promise<JsonObject>
  /**
   * What `work` gave, as JSON; once it is kept, it never runs again in this task.
   *
   * @throws {NotJsonError} Thrown when what it gave cannot be kept.
   */
  step(name: string, work: () => Promise<JsonValue> | JsonValue): Promise<JsonValue>
}

/** What a body asks. */
export interface Question {
  readonly method: QuestionMethod
  readonly params: JsonObject
  /** Names the question among those of the body; by default its place in the order of questions without one. */
  readonly key?: string
}

/** How a body waits for an answer. */
export interface AskOptions {
  /** Withdraws the question when it aborts. */
  readonly signal?: AbortSignal
  /** Withdraws the question after this time; by default it may stay open as long as the task may. */
  readonly timeoutMs?: number
}
