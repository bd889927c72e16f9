import type { Operation } from './operation.ts'
import type { RunningReference } from './task-reference.ts'
import type { TaskKeeper } from './task-keeper.ts'

/** Keeps what must outlive this process of the calls of one connection. */
export interface CallJournal {
  /**
   * Puts down that a call is about to be sent; durable when it resolves.
   *
   * @throws {JournalError} Thrown when it could not be: then the call is not to be sent.
   */
  intend(operation: Operation): Promise<CallNote>
  /** What keeps a task that was created earlier, or elsewhere. */
  keeperOf(taskId: string): TaskKeeper
}

/** What is put down of one call, and what becomes of that. */
export interface CallNote {
  readonly keeper: TaskKeeper
  /** It became a task: durable when this resolves. Never rejects; what failed is reported. */
  started(reference: RunningReference): Promise<void>
  /** It was answered at once, or refused: nothing needs to be kept. */
  settled(): void
  /** No answer came: whether the server acted on it is not known. */
  lost(): void
}
