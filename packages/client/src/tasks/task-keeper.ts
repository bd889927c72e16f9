import type { TaskQuestion } from '@longcall/core'
import type { TaskEnding } from './task-source.ts'

/**
 * Keeps what must outlive this process of one task: which of its questions were shown, their answers, how it ended. What
 * follows the task needs no more of a journal than this.
 */
export interface TaskKeeper {
  /**
   * Asks whether a question may be shown here; resolves once it may, or with an answer that was given, here or elsewhere.
   * Waits while another process shows it.
   *
   * Rejects when that could not be kept, and when the signal aborts.
   */
  claim(question: TaskQuestion, identity: QuestionIdentity, signal: AbortSignal): Promise<QuestionClaim>
  /** Calls `found` when another process has the answer to a question that is shown here, until what this returns is called. */
  onAnswered(question: TaskQuestion, found: (answer: object) => void): () => void
  /** Keeps an answer before it is sent, and gives the one that counts: the first. Never rejects. */
  answered(question: TaskQuestion, identity: QuestionIdentity, answer: object): Promise<object>
  /** The server has the answer. */
  delivered(key: string): void
  /** Nobody here will answer the question. */
  released(key: string): void
  /** Keeps how the task ended until that is acknowledged. Never rejects. */
  ended(ending: TaskEnding): Promise<void>
  /** Somebody has the outcome: nothing needs to be kept any more. */
  acknowledged(): void
  /** Nobody here waits for the task, or holds it: others may take it up. */
  letGo(): void
}

/** What makes a question the same when it comes again. */
export type QuestionIdentity =
  /** The key that the server gave it. */
  | { readonly kind: 'key' }
  /** What it says, and when it came here first, in milliseconds since the epoch: it has no name. */
  | { readonly kind: 'content'; readonly arrivedAtMs: number }

/** What came of claiming a question: it is to be asked here, or has an answer. */
export type QuestionClaim = { readonly kind: 'ask' } | { readonly kind: 'answered'; readonly answer: object }

/** For tasks that no journal holds. */
export const keepsNothing: TaskKeeper = {
  claim: () => Promise.resolve({ kind: 'ask' }),
  onAnswered: () => () => {},
  answered: (_question, _identity, answer) => Promise.resolve(answer),
  delivered: () => {},
  released: () => {},
  ended: () => Promise.resolve(),
  acknowledged: () => {},
  letGo: () => {},
}
