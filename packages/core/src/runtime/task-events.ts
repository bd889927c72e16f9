import type { TaskStatus, TerminalStatus } from '../task/task-status.ts'

/**
 * Something that happened to a task, for logs, metrics and audit. It holds no arguments, answers or results.
 *
 * Source: specification 2025-11-25, Tasks, "Security Considerations": receivers log creation, completion and retrieval.
 */
export type TaskEvent =
  | ({
      readonly atMs: number
      readonly taskId: string
      readonly tool: string
      readonly owner: string
    } & TaskEventDetail)
  /** Something could not be done now; tasks are safe. */
  | { readonly atMs: number; readonly kind: 'trouble'; readonly error: unknown }

/** What happened to a task. */
export type TaskEventDetail =
  | { readonly kind: 'created' }
  /** A body began. */
  | { readonly kind: 'started'; readonly attempt: number }
  | { readonly kind: 'asked' | 'answered'; readonly key: string }
  | { readonly kind: 'ended'; readonly status: TerminalStatus; readonly statusMessage: string | undefined }
  /** The requestor read the task's state or result. */
  | { readonly kind: 'retrieved'; readonly status: TaskStatus }
  /** A body came back once its task had ended otherwise, or was another's: what it brought was dropped. */
  | { readonly kind: 'late' }
  /** The task is gone: its time to live is over. An open one ends with it. */
  | { readonly kind: 'expired'; readonly status: TaskStatus }
