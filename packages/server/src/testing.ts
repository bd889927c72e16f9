export type {
  JsonObject,
  JsonValue,
  QuestionAnswer,
  QuestionRecord,
  RpcErrorObject,
  TaskOutcome,
  TaskProgress,
  TaskQuestion,
  TaskStatus,
} from '@longcall/core'
export { ManualClock } from '@longcall/core/testing'
export type { Tasks, TasksOptions } from './tasks/tasks.ts'
export type { LoggedLine } from './testing/recorder.ts'
export { runTool, type RunToolOptions } from './testing/run-tool.ts'
export type { Answer, ToolRun } from './testing/tool-run.ts'
