export { augment, cancelTask, getTask, listTasks, readAugmentation, taskResult } from './requests.ts'
export {
  readTasksCapability,
  taskSupport,
  writeTasksCapability,
  type TasksCapability,
  type TaskSupport,
  type WireTasksCapability,
} from './capability.ts'
export {
  readClientTasksCapability,
  writeClientTasksCapability,
  type ClientTasksCapability,
  type WireClientTasksCapability,
} from './client-capability.ts'
export { readCreated, writeCreated, type WireCreated } from './created.ts'
export { readList, writeList, type WireList } from './list.ts'
export { readNotification, taskNotification, writeNotification } from './notification.ts'
export { readResult, writeResult, type ResultOutcome } from './result.ts'
export { readState, writeState } from './state.ts'
export { readTask, writeTask, type WireTask } from './task.ts'
