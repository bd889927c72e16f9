import type { TaskStatus } from './task-status.ts'

/** A task as last seen, in the words of neither generation. */
export interface TaskSnapshot {
  readonly id: string
  readonly status: TaskStatus
  /** What the receiver says of the current status, for people; it may be stale. Untrusted text. */
  readonly statusMessage?: string
  /** ISO 8601. */
  readonly createdAt: string
  /** ISO 8601. Some receivers stamp the time of the poll: never tell change by it. */
  readonly lastUpdatedAt: string
  /** Milliseconds from creation after which the receiver may forget the task; `null` is never. */
  readonly ttlMs: number | null
  /** Milliseconds that the receiver wants between two polls. */
  readonly pollIntervalMs?: number
}

/** A question that a task waits for: a request of the receiver to the requestor. Everything in it is untrusted. */
export interface TaskQuestion {
  /** Names this question among all that the task ever asks. */
  readonly key: string
  readonly method: QuestionMethod
  readonly params: Readonly<Record<string, unknown>>
}

/** The requests that a receiver may make of a requestor in the middle of a task. */
export type QuestionMethod = 'elicitation/create' | 'sampling/createMessage' | 'roots/list'

/** The three of {@link QuestionMethod}. */
export const questionMethods = ['elicitation/create', 'sampling/createMessage', 'roots/list'] as const
