import type { Tool } from '@modelcontextprotocol/client'
import type { CreatedTask, TaskList, TaskOutcome, TaskQuestion, TaskSnapshot, TaskState } from '@longcall/core'
import type { RequestOptions } from '../connection/connection.ts'
import type { Safety } from '../connection/safety.ts'
import type { Exchange, ExchangeOptions } from '../connection/exchange.ts'
import { subjectOf, type Operation } from './operation.ts'
import type { Sighting } from './snapshot-order.ts'
import type { QuestionIdentity } from './task-keeper.ts'
import type { Generation } from './task-reference.ts'
import type { TaskWish } from './task-wish.ts'

/** One generation's way to run tasks on a connection. What drives a task never asks which generation it speaks. */
export interface TaskWire {
  readonly generation: Generation
  /** Sends a request, as a task where `wanted` and where this generation lets the requestor say so. */
  call(call: CallRequest, wanted: TaskWish | undefined, options: ExchangeOptions): Promise<CallReply>
  /** Whether the server may make a task of such a request. */
  mayBecomeTask(method: string, wanted: TaskWish | undefined): boolean
  /** One round trip: the task as it is now. */
  get(taskId: string, options: RequestOptions): Promise<TaskState>
  /** Cancels, and gives the task where the answer holds it. */
  cancel(taskId: string, options: RequestOptions): Promise<TaskSnapshot | undefined>
  /** A page of the server's tasks; absent where the server does not list them. */
  readonly list?: (cursor: string | undefined, options: RequestOptions) => Promise<TaskList>
  /** What brings news and questions of one task, beside polling. */
  channel(taskId: string, sink: TaskSink): TaskChannel
}

/** Brings news and questions of one task while it is open. */
export interface TaskChannel {
  open(): void
  shut(): void
  /** The task was seen. A push only ever adds questions: it may be older than it looks. */
  saw(state: TaskState, from: Sighting['from']): void
  /** Brings an answer to the server; resolves when it is there, as far as that can be known. */
  answer(question: TaskQuestion, answer: object): Promise<void>
  /** The outcome of a task that ended, where its last state did not bring it. One try. */
  result(options: RequestOptions): Promise<TaskOutcome>
  /** Tells the server that nobody answers. False where the generation has no words for it: the question stays open. */
  refuse(question: TaskQuestion, error: unknown): Promise<boolean>
  /** No answer is wanted any more: the task was cancelled, or ended. */
  letGo(reason: Error): void
}

/** Where a channel brings its news. */
export interface TaskSink {
  /** A push: a state, complete. */
  pushed(state: TaskState): void
  /** A question came, perhaps not for the first time. `identity` says what makes it the same. */
  asked(question: TaskQuestion, identity: QuestionIdentity): void
  /** The server has the answer to a question. */
  arrived(key: string): void
  /** The server does not wait for an answer any more. */
  withdrawn(key: string): void
  /** The outcome came by itself. */
  ended(outcome: TaskOutcome): void
  /** Something may have happened unseen: poll. */
  stale(): void
}

/** A request that may become a task. */
export interface CallRequest {
  readonly operation: Operation
  readonly params: Readonly<Record<string, unknown>>
  readonly meta: Readonly<Record<string, unknown>> | undefined
  /** Whether it may be sent again when it is not known whether it arrived. */
  readonly isSafe: Safety
  /** The tool as the server listed it, where it wants parameters in HTTP headers (SEP-2243). */
  readonly headed?: Tool | undefined
}

/** A request that may become a task, as any request. */
export function toExchange({ operation, params, meta, isSafe }: CallRequest): Exchange {
  return { method: operation.method, params, meta, name: subjectOf(operation), isSafe }
}

/** How a server answers. */
export type CallReply =
  | { readonly kind: 'result'; readonly result: Readonly<Record<string, unknown>> }
  | {
      readonly kind: 'task'
      readonly created: CreatedTask
      /** The answer as it came. */
      readonly raw: Readonly<Record<string, unknown>>
      /** Ends what still listens for the request's progress. */
      readonly release: () => void
    }
