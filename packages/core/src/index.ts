export { after, longestTimerMs, monotonic, systemClock, type Clock } from './clock/clock.ts'
export { InProcessEngine } from './engine/in-process-engine.ts'
export type { EngineSlot, EngineTask, EngineWorker, TaskEngine } from './engine/task-engine.ts'
export { BackendError } from './errors/backend-error.ts'
export { JournalError, type JournalErrorCode } from './errors/journal-error.ts'
export { LongcallError } from './errors/longcall-error.ts'
export { MalformedMessageError } from './errors/malformed-message-error.ts'
export { RpcError, rpcErrorCodes } from './errors/rpc-error.ts'
export {
  LeaseLostError,
  QuestionTimeoutError,
  ShutdownError,
  TaskLimitError,
  TaskTimeoutError,
  UnknownToolError,
} from './errors/runtime-errors.ts'
export { TaskCancelledError, TaskExpiredError, TaskFailedError, TaskNotFoundError } from './errors/task-errors.ts'
export type { Journal, JournalChange, JournalHolder, JournalKey, JournalRecord } from './journal/journal.ts'
export { memoryJournal } from './journal/memory-journal.ts'
export { NotJsonError, TooLargeError, toJson, toJsonObject, type JsonObject, type JsonValue } from './json/json.ts'
export { memory } from './runtime/memory-backend.ts'
export { defaultLeaseMs, defaultLimits, limitsOf } from './runtime/runtime-options.ts'
export type { TaskBackend, TaskLimits, TaskRuntimeOptions } from './runtime/runtime-options.ts'
export { linkSignals, type LinkedSignals } from './runtime/linked-signals.ts'
export { keepableOutcome } from './runtime/outcomes.ts'
export { RunningTime } from './runtime/running-time.ts'
export { assertCanAnswer, MissingCapabilityError } from './runtime/question-support.ts'
export { questionIdentity } from './runtime/question-keys.ts'
export { openQuestions, snapshotOf } from './runtime/snapshot-of.ts'
export { workElsewhere } from './runtime/task-body.ts'
export type {
  AskOptions,
  Question,
  TaskBody,
  TaskBodyContext,
  TaskDefinition,
  WorkElsewhere,
} from './runtime/task-body.ts'
export { notFoundError, toldError, unreachableMessage } from './runtime/told-error.ts'
export type { Redact } from './runtime/redacted-event.ts'
export type { TaskEvent, TaskEventDetail } from './runtime/task-events.ts'
export { TaskExecution } from './runtime/task-execution.ts'
export type { StartRequest } from './runtime/new-task.ts'
export { TaskRuntime } from './runtime/task-runtime.ts'
export { changedFrom } from './runtime/until.ts'
export { BadCursorError } from './store/bad-cursor-error.ts'
export { MemoryStore } from './store/memory-store.ts'
export type {
  CrashPolicy,
  NewQuestion,
  NewTask,
  QuestionAnswer,
  QuestionRecord,
  StepRecord,
  TaskEnding,
  TaskHistoryEntry,
  TaskProgress,
  TaskRecord,
  TaskRequest,
  TaskSummary,
} from './store/task-record.ts'
export type {
  AnswerResult,
  Claim,
  ClaimablePage,
  ClaimRequest,
  CreateOptions,
  CreateResult,
  ExpiredTask,
  Lease,
  LeaseState,
  TaskFilter,
  TaskNote,
  TaskPage,
  TaskStore,
  WriteAck,
  WriteGuard,
  WriteResult,
} from './store/task-store.ts'
export { defaultPollIntervalMs, maxPollIntervalMs, minPollIntervalMs, pollIntervalMs } from './task/poll-interval.ts'
export { generateTaskId } from './task/task-id.ts'
export type { RpcErrorObject, TaskOutcome } from './task/task-outcome.ts'
export { questionMethods, type QuestionMethod, type TaskQuestion, type TaskSnapshot } from './task/task-snapshot.ts'
export {
  canTransition,
  IllegalTransitionError,
  isTerminal,
  openStatuses,
  taskStatuses,
  transition,
  type TaskStatus,
  type TerminalStatus,
  type Transitioning,
} from './task/task-status.ts'
export { defaultTtlMs, expiresAtMs, grantTtl, isExpired } from './task/ttl.ts'
export {
  modelImmediateResponseMetaKey,
  questionKeyMetaKey,
  readQuestionKey,
  readRelatedTask,
  relatedTaskMetaKey,
  subscriptionIdMetaKey,
  writeRelatedTask,
} from './wire/meta-keys.ts'
export { hasPayload } from './wire/payload.ts'
export type { CreatedTask, TaskList, TaskState } from './wire/task-state.ts'
export { cancelTask } from './worker/cancel-task.ts'
export { createTask, type CreateTaskOptions } from './worker/create-task.ts'
export { executeTask, type WorkContext } from './worker/execute-task.ts'
