import type { Clock, RpcErrorObject, TaskQuestion, TaskSnapshot } from '@longcall/core'
import type { RequestOptions } from '../connection/connection.ts'
import type { Operation } from './operation.ts'
import type { TaskReference } from './task-reference.ts'

/** Where a handle gets its task from: a server, or a result that is here already. Handles of one task share one. */
export interface TaskSource {
  readonly taskId: string
  readonly operation: Operation
  readonly reference: TaskReference
  readonly clock: Clock
  /** As last seen, never fetched here. */
  readonly latest: TaskSnapshot | undefined
  /** One round trip. */
  status(options: RequestOptions): Promise<TaskSnapshot>
  /** Follows the task until the returned function is called or it ended; polls and answers questions while anybody does. */
  watch(watcher: TaskWatcher): () => void
  /** How a task that ended did end. Asked for once; a failure that may pass is not kept. */
  ending(): Promise<TaskEnding>
  cancel(options: RequestOptions): Promise<TaskSnapshot>
  questions(): readonly TaskQuestion[]
  answer(key: string, answer: object): Promise<void>
  /** Whether a person or model is being asked right now. */
  busy(): boolean
}

/** What somebody who follows a task is told. None of these may throw. */
export interface TaskWatcher {
  /** A newer snapshot, or the same again when its questions changed; the last one is terminal. */
  seen?(snapshot: TaskSnapshot): void
  /** Anything was heard of the task, news or not. */
  heard?(): void
  /** The task ended; nothing follows. */
  ended?(snapshot: TaskSnapshot): void
  /** The task cannot be followed any more; nothing follows. */
  failed?(error: Error): void
  /** The task waits for an answer that no handler can give. It stays open. */
  stuck?(error: Error): void
}

/** How a task ended. */
export type TaskEnding =
  | { readonly kind: 'result'; readonly result: Readonly<Record<string, unknown>>; readonly snapshot: TaskSnapshot }
  | { readonly kind: 'error'; readonly error: RpcErrorObject | undefined; readonly snapshot: TaskSnapshot }
  | { readonly kind: 'cancelled'; readonly snapshot: TaskSnapshot }
