export {
  BadCursorError,
  LeaseLostError,
  LongcallError,
  memory,
  NotJsonError,
  QuestionTimeoutError,
  RpcError,
  ShutdownError,
  systemClock,
  TaskCancelledError,
  TaskLimitError,
  TaskTimeoutError,
  TooLargeError,
  UnknownToolError,
  workElsewhere,
  type AskOptions,
  type Clock,
  type CrashPolicy,
  type JsonObject,
  type JsonValue,
  type Question,
  type QuestionMethod,
  type RpcErrorObject,
  type TaskBackend,
  type TaskEngine,
  type TaskEvent,
  type TaskHistoryEntry,
  type TaskLimits,
  type TaskOutcome,
  type TaskQuestion,
  type TaskRuntime,
  type Redact,
  type TaskRuntimeOptions,
  type TaskSnapshot,
  type TaskStatus,
  type TaskStore,
  type WorkElsewhere,
} from '@longcall/core'
export { createHandler, type Handler, type HandlerOptions, type RequestOrigin } from './serve/handler.ts'
export { serveHttp, type HttpEndpoint, type HttpOptions } from './serve/http.ts'
export { serveStdio, serveTransport, type Pipe, type PipeOptions } from './serve/stdio.ts'
export type { BindContext } from './calls/bind-context.ts'
export type { Principal } from './calls/caller.ts'
export type { FormParams, QuestionOptions, ToolContext, URLParams } from './tool/tool-context.ts'
export { createTasks, type Tasks, type TasksOptions } from './tasks/tasks.ts'
export type { ListedTask, TaskQuery, TaskView } from './tasks/task-view.ts'
export type { CallerInfo, InputOf, TaskSupport, ToolConfig, ToolHandler, ToolReturn } from './tool/tool.ts'
