import type { TaskBackend, TaskLimits } from '@longcall/core'
import type { WireCreated, WireList, WireTask } from '@longcall/core/wire/2025-11-25'
import type { ElicitationAnswer, ElicitationRequest, SamplingAnswer, SamplingRequest } from '../handlers/handlers.ts'

/**
 * What this client runs as tasks for its server: a question that the server need not hold a connection open for.
 *
 * What is set is declared, kind by kind; with nothing set, nothing is. Only a server of 2025-11-25 can ask for it.
 *
 * Source: specification 2025-11-25, Tasks; SEP-1686.
 */
export interface HostTasks {
  /** Answers a form, or a URL to visit, that the server wants answered as a task. */
  readonly onElicitation?: HostedElicitation | undefined
  /** Answers a request for a message of the host's model that the server wants answered as a task. */
  readonly onSampling?: HostedSampling | undefined
  /**
   * Makes where the tasks are kept: once for each connection, which closes it. By default in memory: gone with the
   * connection. With a file, a task that nobody answered is asked again by the next process that connects to the server.
   */
  readonly backend?: (() => TaskBackend) | undefined
  /** What a server's tasks may take; the defaults are those of a server. */
  readonly limits?: Partial<TaskLimits> | undefined
  /** How often the server is told to look, in milliseconds; default 1,000. It is also told of each change. */
  readonly pollIntervalMs?: number | undefined
  /** Makes the task of an elicitation by hand, in the place of {@link onElicitation}. */
  readonly createElicitation?: HostedRequest<ElicitationRequest, WireCreated> | undefined
  /** Makes the task of a sampling request by hand, in the place of {@link onSampling}. */
  readonly createSampling?: HostedRequest<SamplingRequest, WireCreated> | undefined
  /** Serves `tasks/get` by hand. */
  readonly getTask?: HostedMethod<TaskParams, WireTask> | undefined
  /** Serves `tasks/result` by hand: what it gives is the result of the request that became the task. */
  readonly getTaskResult?: HostedMethod<TaskParams, Readonly<Record<string, unknown>>> | undefined
  /** Serves `tasks/list` by hand; `false` does not offer it. */
  readonly listTasks?: HostedMethod<PageParams, WireList> | false | undefined
  /** Serves `tasks/cancel` by hand; `false` does not offer it. */
  readonly cancelTask?: HostedMethod<TaskParams, WireTask> | false | undefined
}

/** Answers an elicitation in a task of this client's. It may take as long as the task lives; what it throws fails the task. */
export type HostedElicitation = (
  request: ElicitationRequest,
  context: HostedContext,
) => ElicitationAnswer | Promise<ElicitationAnswer>

/** Answers a sampling request in a task of this client's. What it throws fails the task. */
export type HostedSampling = (
  request: SamplingRequest,
  context: HostedContext,
) => SamplingAnswer | Promise<SamplingAnswer>

/** What a handler gets to know of the task that it runs in. */
export interface HostedContext {
  /** Aborts when the server cancelled the task, it expired, or the client closes. */
  readonly signal: AbortSignal
  /** The id of this client's task. */
  readonly taskId: string
  /** How long the task is kept, from its creation, in milliseconds; `null` is without end. */
  readonly ttlMs: number | null
  /** 1 at first; one more each time it is asked again because the process that asked is gone. */
  readonly attempt: number
  /** The task of the server's that asks; absent when the question belongs to none. */
  readonly relatedTaskId?: string
  /** Says what is being done, for the server and its people. */
  readonly updateStatus: (message: string) => void
}

/** Makes a task of a request by hand. A JSON-RPC error that it throws keeps its code and data. */
export type HostedRequest<Params, Result> = (
  params: Params,
  task: { readonly ttlMs?: number },
  context: HostedRequestContext,
) => Result | Promise<Result>

/** Serves a method of tasks by hand. A JSON-RPC error that it throws keeps its code and data. */
export type HostedMethod<Params, Result> = (params: Params, context: HostedRequestContext) => Result | Promise<Result>

/** What is known of a request of the server's. */
export interface HostedRequestContext {
  /** The JSON-RPC id of the request. */
  readonly requestId: string | number
  /** Aborts when the server withdrew the request, or the connection closed. */
  readonly signal: AbortSignal
  /** The `_meta` of the request. */
  readonly meta: Readonly<Record<string, unknown>>
  /** The task of the server's that the request belongs to; absent when it belongs to none. */
  readonly relatedTaskId?: string
}

/** Names a task. */
export interface TaskParams {
  readonly taskId: string
}

/** Names a page. */
export interface PageParams {
  readonly cursor?: string
}
