export { Client, type ConnectOptions, type Introduction } from './client/client.ts'
export type { ToolArguments } from './client/tool-caller.ts'
export type { ResumeAllOptions } from './client/journaled-tasks.ts'
export type { PendingCall } from './client/pending-calls.ts'
export type { ResumedOutcome, ResumedTasks } from './client/resumed-tasks.ts'
export type { ClientTasks, ListTasksOptions } from './client/client-tasks.ts'
export type { AnyTask, TaskResult } from './client/task-kinds.ts'
export type { TaskListing } from './client/list-tasks.ts'
export {
  defaultIdleTimeoutMs,
  type CallTaskOptions,
  type CallToolOptions,
  type ClientOptions,
} from './client/options.ts'
export type { RequestOptions } from './connection/connection.ts'
export type { WaitLimits } from './connection/deadline.ts'
export { memoryEraCache, type EraCache, type EraVerdict } from './connection/era-cache.ts'
export { fileEraCache } from './connection/file-era-cache.ts'
export type { Era } from './connection/line-opener.ts'
export type { PendingRequest } from './connection/pending-requests.ts'
export { DataError } from './errors/data-error.ts'
export { RequestError, RpcError, type RequestFailure } from './errors/request-errors.ts'
export { ToolError } from './errors/tool-error.ts'
export { TooManyPagesError } from './errors/too-many-pages-error.ts'
export {
  ConnectError,
  InvalidOptionError,
  InvalidReferenceError,
  InvalidTargetError,
  NotConnectedError,
  RenegotiationError,
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
  ElicitationAnswer,
  ElicitationHandler,
  ElicitationRequest,
  FormContent,
  Handlers,
  QuestionContext,
  Roots,
  SamplingAnswer,
  SamplingHandler,
  SamplingRequest,
} from './handlers/handlers.ts'
export type { Logger } from './handlers/log-levels.ts'
export type {
  CallProgress,
  LogHandler,
  LogMessage,
  MessageHandler,
  MessageHandlers,
  MessageHooks,
  ServerMessage,
} from './handlers/message-handlers.ts'
export { fileJournal } from './journal/file-journal.ts'
export type { ListOptions, PageOptions } from './operations/lists.ts'
export type { Completion, Operations, ProgressAbout, PromptArguments } from './operations/operations.ts'
export type {
  CompleteOptions,
  CompletionReference,
  RawCallOptions,
  RawOperations,
} from './operations/raw-operations.ts'
export type { OperationOptions } from './operations/request-runner.ts'
export type { PromptOptions, ReadOptions } from './operations/requests.ts'
export type { PromptTaskOptions, ReadTaskOptions } from './operations/task-starter.ts'
export type { CacheMode } from './operations/response-cache.ts'
export type {
  HostedContext,
  HostedElicitation,
  HostedMethod,
  HostedRequest,
  HostedRequestContext,
  HostedSampling,
  HostTasks,
  PageParams,
  TaskParams,
} from './receiver/host-tasks.ts'
export type { ServerFactory, ServerObject } from './target/server-target.ts'
export type { TransportFactory } from './target/factory-target.ts'
export type { HttpTarget } from './target/http-options.ts'
export type { HttpSession, ResolvedTarget } from './target/resolved-target.ts'
export type { StdioTarget } from './target/stdio-target.ts'
export { resolveTarget, type Target } from './target/target.ts'
export type { Operation, PromptOperation, ResourceOperation, ToolOperation } from './tasks/operation.ts'
export type { PromptTask } from './tasks/prompt-task.ts'
export type { ResourceContents, ResourceTask } from './tasks/resource-task.ts'
export type { Generation, RunningReference, SettledReference, TaskReference } from './tasks/task-reference.ts'
export type { TaskOption } from './tasks/task-wish.ts'
export type { Task, WaitOptions } from './tasks/task.ts'
export type { ToolResult } from './tasks/tool-result.ts'
export type { ToolTask } from './tasks/tool-task.ts'
export type { TlsOptions } from './transport/http/open-pool.ts'
export type { StderrOption } from './transport/stdio/stderr-sink.ts'
export {
  defaultPollIntervalMs,
  defaultTtlMs,
  JournalError,
  LongcallError,
  memoryJournal,
  MalformedMessageError,
  maxPollIntervalMs,
  minPollIntervalMs,
  TaskCancelledError,
  TaskExpiredError,
  TaskFailedError,
  TaskNotFoundError,
  type Clock,
  type Journal,
  type JournalErrorCode,
  type QuestionMethod,
  type RpcErrorObject,
  type TaskQuestion,
  type TaskSnapshot,
  type TaskStatus,
} from '@longcall/core'
