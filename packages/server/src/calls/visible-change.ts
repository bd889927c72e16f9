import type { TaskRecord } from '@longcall/core'

/** Whether a client would see that the task is another than it was: a claim or a finished step shows nobody anything. */
export function isVisibleChange(told: TaskRecord, now: TaskRecord): boolean {
  return (
    now.status !== told.status ||
    now.statusMessage !== told.statusMessage ||
    now.progress !== told.progress ||
    openKeys(now) !== openKeys(told)
  )
}

function openKeys({ questions }: TaskRecord): string {
  return JSON.stringify(questions.filter(({ state }) => state === 'open').map(({ key }) => key))
}
