import type { Clock, TaskQuestion } from '@longcall/core'
import type { QuestionContext } from '../handlers/handlers.ts'
import type { Operation } from './operation.ts'
import type { RunningReference } from './task-reference.ts'
import type { TaskWire } from './task-wire.ts'

/** What a driver needs. */
export interface DriverPort {
  readonly taskId: string
  /** May become known later, of a task that was first named by its id alone. */
  readonly operation: Operation
  readonly wire: TaskWire
  readonly clock: Clock
  /** Aborts when the connection is gone. */
  readonly closed: AbortSignal
  /** All of the reference but what the latest snapshot adds. */
  reference(): RunningReference
  canAnswer(question: TaskQuestion): boolean
  ask(question: TaskQuestion, context: QuestionContext): Promise<object>
  /** The outcome is here, or there is none: the server is not needed for this task any more. */
  fetched(): void
  /** Whether the connection has another session by now than the one that the task was last seen in. */
  isElsewhere(): boolean
  /** The server knows the task, in the session at hand. */
  found(): void
  /** The server does not know the task any more. */
  gone(): void
  /** The task ended. */
  over(): void
  /** For errors that reach no caller. */
  readonly report: (error: Error) => void
}
