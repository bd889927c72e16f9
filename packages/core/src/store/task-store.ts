import type { JsonValue } from '../json/json.ts'
import type { TaskStatus } from '../task/task-status.ts'
import type {
  NewQuestion,
  NewTask,
  QuestionAnswer,
  StepRecord,
  TaskEnding,
  TaskHistoryEntry,
  TaskProgress,
  TaskRecord,
  TaskSummary,
} from './task-record.ts'

/**
 * Where tasks are kept: the truth about them, and the only writer of a status.
 *
 * Every method that names a task is one atomic step, durable when its promise resolves, and safe to call from several
 * processes at once. `list`, `count`, `claimable`, `claimLost` and `sweep` look at many, and need not see them all at the
 * same moment.
 *
 * A method that rejects has changed nothing, or cannot know. A write may be done again: the lease, the key, the step's key or
 * the final status refuses what was done already, which says so. A claim is done again with the token that it was done with.
 *
 * **Who may write.** The executing side holds a *lease* and writes with its token; when the token is no longer the
 * task's, its writes are refused, and nothing else fences it. Everybody else writes without a token. Core says which
 * states a write may leave; a store only compares.
 *
 * **Time.** Leases and expiry go by the store's own clock. Every write makes `updatedAtMs` greater than it was; one that has
 * nothing to change is `written`, and changes nothing. A task is gone from the moment it expires, swept or not: no method but
 * `sweep` finds it.
 *
 * The rules that a store keeps without core's help are functions of `@longcall/core/backend`: what a new and an ended task is,
 * which one may be claimed and is lost. Implementations show that they are one with `storeContract` of `@longcall/core/testing`.
 */
export interface TaskStore {
  /**
   * Puts a task in, `working` and free to be claimed, unless there is one of that id, or `maxOpen` of its quota are open.
   *
   * With `leaseMs` its creator holds it from the start, as if it had claimed it. Hidden tasks count as open, too.
   */
  create(task: NewTask, options?: CreateOptions): Promise<CreateResult>

  /** The task; with `owner`, only when it is theirs. Somebody else's, unknown and expired look the same. */
  get(id: string, owner?: string): Promise<TaskRecord | undefined>

  /**
   * Ends an open task: status, message and outcome in one step. Its lease is dropped, its open questions are withdrawn,
   * and it is kept until its ttl has passed and for `retentionMs` at least, which `ttlMs` then says.
   */
  end(id: string, ending: TaskEnding, guard: WriteGuard): Promise<WriteResult>

  /** Says how far an open task is. What is left out stays. */
  note(id: string, note: TaskNote, guard: WriteGuard): Promise<WriteAck>

  /**
   * Asks a question: the task becomes `input_required`. Refused when the key was ever used.
   *
   * The statusMessage is not touched.
   */
  ask(id: string, question: NewQuestion, guard: WriteGuard): Promise<WriteResult>

  /**
   * Answers open questions, each under its key; keys that are unknown, answered or withdrawn are left aside. With the last
   * open one answered, the task becomes `working` in the same step.
   */
  answer(id: string, answers: ReadonlyMap<string, QuestionAnswer>, owner?: string): Promise<AnswerResult>

  /** Withdraws open questions. With the last of them, the task becomes `working` in the same step. */
  withdraw(id: string, keys: readonly string[], guard: WriteGuard): Promise<WriteAck>

  /** Keeps what a step gave; the first value of a key stays. */
  saveStep(id: string, step: StepRecord, guard: WriteGuard): Promise<WriteAck>

  /** All finished steps of a task, by key. */
  steps(id: string): Promise<ReadonlyMap<string, JsonValue>>

  /**
   * Takes a task to run it. It is fenced off from whoever had it, and its attempt is one more.
   *
   * Only one that fits is taken: it is `working`, not hidden, not elsewhere, its tool and namespace are known to the caller,
   * nobody holds a live lease on it, and it was never claimed, or its policy is `rerun` and it has attempts left. A released
   * task has no lease.
   */
  claim(id: string, claim: ClaimRequest): Promise<Claim | undefined>

  /** Tasks that {@link claim} would take now, the oldest first, page by page. */
  claimable(
    claim: Pick<ClaimRequest, 'namespace' | 'tools'>,
    page: { readonly cursor?: string; readonly limit: number },
  ): Promise<ClaimablePage>

  /**
   * Takes tasks whose process is gone and which must not run again, `limit` at most, so that the caller can end them. Their
   * attempt stays.
   *
   * Such a task has a lease that ran out, and its policy is `fail`, or it is `working` and has no attempts left; hidden ones
   * too. It depends on what is stored alone, so a store may keep it as an index.
   */
  claimLost(claim: Pick<ClaimRequest, 'namespace' | 'leaseMs'>, limit: number): Promise<readonly Claim[]>

  /**
   * Holds leases for another `leaseMs`, and says of each what has become of it. One that ran out is held again as long as
   * nobody else has taken the task.
   */
  heartbeat(leases: readonly Lease[], leaseMs: number): Promise<ReadonlyMap<string, LeaseState>>

  /**
   * Gives a task back, free to be claimed, and counts it; with `elsewhere`, its work goes on outside and nobody claims it
   * again.
   */
  release(id: string, token: string, options?: { readonly elsewhere?: boolean }): Promise<WriteAck>

  /**
   * A page of tasks, the newest first.
   *
   * @throws {BadCursorError} Thrown when the cursor is none that this store gave for a list of the same filter.
   */
  list(filter: TaskFilter, page: { readonly cursor?: string; readonly limit: number }): Promise<TaskPage>

  /** How many tasks there are in each status. */
  count(filter: TaskFilter): Promise<Readonly<Record<TaskStatus, number>>>

  /** What happened to a task, in order; at least the last hundred entries. */
  history(id: string): Promise<readonly TaskHistoryEntry[]>

  /** Deletes expired tasks, `limit` at most, and names them: each once, by whichever process sweeps it. */
  sweep(limit: number): Promise<readonly ExpiredTask[]>

  /**
   * Calls `hint` soon after the task was written, by this process or another; returns the end of it.
   *
   * A hint says no more than "read again". It may be missed, come late or come for nothing.
   */
  watch(id: string, hint: () => void): () => void

  /** Ends what the store holds open. It is not called again afterwards. */
  close(): Promise<void>
}

/** What must hold for a write to be done. */
export interface WriteGuard {
  /** The states that the task may be in. */
  readonly from: readonly TaskStatus[]
  /** The lease that the task must be under; without it, none is asked for. */
  readonly token?: string
  /** Whose the task must be; without it, anybody's. */
  readonly owner?: string
}

/** `missing` is also somebody else's task. */
export type WriteResult =
  | { readonly kind: 'written'; readonly task: TaskRecord }
  | { readonly kind: 'refused'; readonly task: TaskRecord }
  | { readonly kind: 'missing' }

/** The same for writes whose task nobody needs back. */
export interface WriteAck {
  readonly kind: WriteResult['kind']
}

/** What came of an answer: which keys it answered. */
export type AnswerResult =
  | { readonly kind: 'written'; readonly task: TaskRecord; readonly answered: readonly string[] }
  | { readonly kind: 'missing' }

/** Under which conditions a task is put in. */
export interface CreateOptions {
  readonly maxOpen?: number
  readonly leaseMs?: number
}

/** `exists`: there is a task of that id. `full`: too many of its quota are open. `token` is there where a lease was asked. */
export type CreateResult =
  | { readonly kind: 'created'; readonly task: TaskRecord; readonly token?: string }
  | { readonly kind: 'exists' | 'full' }

/** What a task says of itself while it is open. */
export interface TaskNote {
  readonly statusMessage?: string
  readonly progress?: TaskProgress
}

/** Who wants to take a task. */
export interface ClaimRequest {
  readonly namespace: string
  readonly tools: readonly string[]
  readonly leaseMs: number
  /** The token that the lease is to have, unguessable; whoever claims again with it gets the same claim. Else a new one. */
  readonly token?: string
}

/** A page of tasks that could be taken. */
export interface ClaimablePage {
  readonly tasks: readonly Pick<TaskRecord, 'id' | 'namespace' | 'tool'>[]
  /** Opaque; absent on the last page. */
  readonly nextCursor?: string
}

/** A task that is gone. */
export type ExpiredTask = Pick<TaskRecord, 'id' | 'namespace' | 'tool' | 'owner' | 'status'>

/** A task that was taken. */
export interface Claim {
  readonly task: TaskRecord
  /** Fences the task's writes until somebody else claims it. */
  readonly token: string
}

/** A lease, by what its holder knows of it. */
export interface Lease {
  readonly id: string
  readonly token: string
}

/** `cancelled` and `lost` both end the work: the first was asked for, the second is another's turn, or the task's end. */
export type LeaseState = 'held' | 'cancelled' | 'lost'

/** Which tasks; what is left out does not matter. */
export interface TaskFilter {
  readonly namespace?: string
  readonly owner?: string
  readonly tool?: string
  readonly statuses?: readonly TaskStatus[]
}

/** A page of tasks. */
export interface TaskPage {
  /** At most as many as were asked for; there may be more although they are fewer. */
  readonly tasks: readonly TaskSummary[]
  /** Opaque; absent on the last page. */
  readonly nextCursor?: string
}
