import type { TaskOutcome, TaskQuestion, TaskSnapshot, TaskStatus } from '@longcall/core'

/** A task as an operator sees it. */
export interface TaskView extends TaskSnapshot {
  readonly tool: string
  /** The principal whose task it is; the empty string is nobody, and `(pipe)` the one at the other end of a pipe. */
  readonly owner: string
  readonly attempt: number
  /** The questions that it waits for. */
  readonly questions: readonly TaskQuestion[]
  readonly outcome?: TaskOutcome
}

/** A task in a list: without what may be large. */
export interface ListedTask extends Omit<TaskView, 'questions' | 'outcome'> {
  /** Whether it completed with a result that has `isError`. */
  readonly isError: boolean
}

/** Which tasks an operator looks for; what is left out does not matter. */
export interface TaskQuery {
  readonly owner?: string
  readonly tool?: string
  readonly status?: TaskStatus | readonly TaskStatus[]
  /** Where the last page ended. */
  readonly cursor?: string
  /** How many at most; 50 by default. */
  readonly limit?: number
}
