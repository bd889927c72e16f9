export { Client } from './client/client.ts'
export type { ToolArguments } from './client/call-tool.ts'
export type { ClientTasks, ListTasksOptions } from './client/client-tasks.ts'
export type { TaskListing } from './client/list-tasks.ts'
export {
  defaultIdleTimeoutMs,
  defaultTtlMs,
  type CallProgress,
  type CallTaskOptions,
  type CallToolOptions,
  type ClientOptions,
} from './client/options.ts'
export type { Era, RequestOptions } from './connection/connection.ts'
export { RequestError, RpcError, type RequestFailure } from './errors/request-errors.ts'
export { ToolError } from './errors/tool-error.ts'
export {
  ConnectError,
  InvalidOptionError,
  InvalidReferenceError,
  InvalidTargetError,
  NotConnectedError,
} from './errors/usage-errors.ts'
export {
  QuestionError,
  TaskUnreachableError,
  WaitAbortedError,
  WaitEndedError,
  WaitTimeoutError,
  type WaitedTask,
} from './errors/wait-errors.ts'
export type {
  ElicitationHandler,
  ElicitationRequest,
  Handlers,
  QuestionContext,
  Roots,
  SamplingHandler,
  SamplingRequest,
} from './handlers/handlers.ts'
export type { ServerFactory, ServerObject } from './target/server-target.ts'
export type { StdioTarget } from './target/stdio-target.ts'
export type { Target } from './target/target.ts'
export type { WaitLimits } from './tasks/deadline.ts'
export { defaultPollIntervalMs, maxPollIntervalMs, minPollIntervalMs } from './tasks/poll-schedule.ts'
export type {
  Generation,
  Operation,
  RunningReference,
  SettledReference,
  TaskReference,
} from './tasks/task-reference.ts'
export type { Task, WaitOptions } from './tasks/task.ts'
export type { ToolResult } from './tasks/tool-result.ts'
export type { ToolTask } from './tasks/tool-task.ts'
export {
  LongcallError,
  MalformedMessageError,
  TaskCancelledError,
  TaskExpiredError,
  TaskFailedError,
  TaskNotFoundError,
  type QuestionMethod,
  type RpcErrorObject,
  type TaskQuestion,
  type TaskSnapshot,
  type TaskStatus,
} from '@longcall/core'
