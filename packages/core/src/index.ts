export { systemClock, type Clock } from './clock/clock.ts'
export { LongcallError } from './errors/longcall-error.ts'
export { MalformedMessageError } from './errors/malformed-message-error.ts'
export { TaskCancelledError, TaskExpiredError, TaskFailedError, TaskNotFoundError } from './errors/task-errors.ts'
export { generateTaskId } from './task/task-id.ts'
export type { RpcErrorObject, TaskOutcome } from './task/task-outcome.ts'
export { questionMethods, type QuestionMethod, type TaskQuestion, type TaskSnapshot } from './task/task-snapshot.ts'
export {
  canTransition,
  IllegalTransitionError,
  isTerminal,
  taskStatuses,
  transition,
  type TaskStatus,
  type TerminalStatus,
  type Transitioning,
} from './task/task-status.ts'
export { expiresAtMs, grantTtl, isExpired } from './task/ttl.ts'
export {
  modelImmediateResponseMetaKey,
  questionKeyMetaKey,
  readQuestionKey,
  readRelatedTask,
  relatedTaskMetaKey,
  subscriptionIdMetaKey,
  writeRelatedTask,
} from './wire/meta-keys.ts'
export type { CreatedTask, TaskList, TaskState } from './wire/task-state.ts'
