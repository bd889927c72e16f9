import { plainQuestion } from './plain-question.ts'
import { statusText } from '../calls/status-text.ts'
import { openQuestions, snapshotOf, type TaskRecord, type TaskRuntime, type TaskState } from '@longcall/core'

/** All that a client may know of a task at once: here a result comes with the state, and progress is the status message. */
export function stateOf(task: TaskRecord, runtime: TaskRuntime): Omit<TaskState, 'unreadable'> {
  const { outcome } = task
  const snapshot = snapshotOf(task, runtime.clock.now())
  const statusMessage = statusText(task)
  return {
    task: { ...snapshot, ...(statusMessage !== undefined && { statusMessage }) },
    questions: openQuestions(task).map(plainQuestion),
    ...(outcome !== undefined && {
      outcome:
        outcome.kind === 'error' ? outcome : { kind: 'result', result: { resultType: 'complete', ...outcome.result } },
    }),
  }
}
