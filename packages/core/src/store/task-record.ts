import type { JsonObject, JsonValue } from '../json/json.ts'
import type { RpcErrorObject, TaskOutcome } from '../task/task-outcome.ts'
import type { QuestionMethod } from '../task/task-snapshot.ts'
import type { TaskStatus, TerminalStatus } from '../task/task-status.ts'

/** A task as a store keeps it. It never changes: each write makes a new one. Times are milliseconds since the epoch. */
export interface TaskRecord extends NewTask {
  readonly status: TaskStatus
  /** What the current status means, for people. */
  readonly statusMessage?: string
  readonly progress?: TaskProgress
  /** By the store's clock. */
  readonly createdAtMs: number
  /** By the store's clock; each write makes it greater, whatever that clock does. */
  readonly updatedAtMs: number
  /** When the store may forget the task; `null` is never. */
  readonly expiresAtMs: number | null
  /** How many times it was claimed. */
  readonly attempt: number
  /** How often it was given back in good order: what is begun anew after that is not counted against it. */
  readonly releases: number
  /** Its work goes on outside of any worker: nobody claims it, and no lease of it can be lost. */
  readonly elsewhere: boolean
  /** All questions it ever asked, in order. */
  readonly questions: readonly QuestionRecord[]
  /** How its request ended; a cancelled or open task has none. */
  readonly outcome?: TaskOutcome
}

/** A task without what may be large: its arguments, answers and result. */
export interface TaskSummary extends Omit<TaskRecord, 'request' | 'questions' | 'outcome'> {
  /** The `_meta` of its request. */
  readonly meta?: JsonObject
  /** Whether it completed with a result that has `isError`. */
  readonly isError: boolean
}

/** What is known of a task when it begins. */
export interface NewTask {
  /** Unique in the store. */
  readonly id: string
  /** Which server's task it is: several may share a store. */
  readonly namespace: string
  /** Who may see it. The empty string is nobody in particular: whoever knows the id. */
  readonly owner: string
  /** Against whose number of open tasks it counts, in its namespace: the owner, or without one a session or an address. */
  readonly quota: string
  /** The tool that it runs, or another name that a runtime was given a body for. */
  readonly tool: string
  readonly request: TaskRequest
  /** How long it was granted, from its creation; `null` is without end. */
  readonly ttlMs: number | null
  /** How long it may stay open at most, from its creation; `null` is without end. */
  readonly maxTtlMs: number | null
  readonly pollIntervalMs: number
  /** Whether its body may be started again when the process that ran it is gone. */
  readonly onCrash: CrashPolicy
  /** How often its body may be started, not counting what follows a release; 1 under `fail`. */
  readonly maxAttempts: number
  /** It is no task to anybody outside: a call that waits for its next round. Never listed, and not in counts. */
  readonly hidden: boolean
}

/** What becomes of a task whose process died: it fails and says why, or its body runs again from its first line. */
export type CrashPolicy = 'fail' | 'rerun'

/** The request that became a task. */
export interface TaskRequest {
  readonly arguments: JsonObject
  /** Its `_meta`, as it came. */
  readonly meta?: JsonObject
  /** W3C trace context of the caller. */
  readonly traceparent?: string
  /** What the requestor said it can do: which questions may be asked of it. */
  readonly capabilities?: JsonObject
  /** Who called, as far as a body may know it; never a token. */
  readonly auth?: JsonObject
}

/** How far a task is. */
export interface TaskProgress {
  readonly progress: number
  readonly total?: number
  readonly message?: string
}

/** A question of a task, and what came of it. */
export type QuestionRecord = NewQuestion &
  (
    | { readonly state: 'open' }
    | { readonly state: 'answered'; readonly answer: QuestionAnswer }
    | { readonly state: 'withdrawn' }
  )

/** A question to be asked. */
export interface NewQuestion {
  /** Names it among all that the task ever asks. */
  readonly key: string
  /** Two questions with the same identity are the same question. */
  readonly identity: string
  readonly method: QuestionMethod
  readonly params: JsonObject
}

/** What the requestor said: a result, or the JSON-RPC error that it answered with. */
export type QuestionAnswer =
  | { readonly kind: 'result'; readonly result: JsonObject }
  | { readonly kind: 'error'; readonly error: RpcErrorObject }

/** How a task ends. */
export interface TaskEnding {
  readonly status: TerminalStatus
  readonly statusMessage?: string
  readonly outcome?: TaskOutcome
  /** How long the task is kept at least, from now. */
  readonly retentionMs: number
}

/** A line in the history of a task. */
export interface TaskHistoryEntry {
  readonly atMs: number
  readonly event:
    | 'created'
    | 'claimed'
    | 'released'
    | 'asked'
    | 'answered'
    | 'withdrawn'
    | 'step'
    | 'completed'
    | 'failed'
    | 'cancelled'
  /** The attempt that it happened in; 0 before the first. */
  readonly attempt: number
  /** The key of the question, the name of the step, or the status message of the end. */
  readonly detail?: string
}

/** A finished step of a body: its key and what it gave. */
export interface StepRecord {
  readonly key: string
  readonly value: JsonValue
}
