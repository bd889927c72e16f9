import type { TaskOutcome } from '../task/task-outcome.ts'
import type { TaskQuestion, TaskSnapshot } from '../task/task-snapshot.ts'

/**
 * All that one message says about a task.
 *
 * The 2025-11-25 wire only has the snapshot: there, questions arrive as requests of their own and the outcome is the
 * answer to `tasks/result`.
 */
export interface TaskState {
  readonly task: TaskSnapshot
  /** The open questions of a task in `input_required`. */
  readonly questions: readonly TaskQuestion[]
  /** The keys of open questions that cannot be read: malformed, or of a method that is not known here. */
  readonly unreadable: readonly string[]
  /** How the task's request ended; absent while it is open, when it was cancelled, and when the peer left it out. */
  readonly outcome?: TaskOutcome
}

/** What a request answers when it became a task. */
export interface CreatedTask {
  readonly task: TaskSnapshot
  /** What a host may tell its model at once, while the task goes on. Untrusted text. */
  readonly immediateResponse?: string
}

/** One page of `tasks/list`. */
export interface TaskList {
  readonly tasks: readonly TaskSnapshot[]
  /** Opaque; absent on the last page. */
  readonly nextCursor?: string
  /** How many entries of the page were left out because they cannot be read. */
  readonly unreadable: number
}
