import { generateTaskId, systemClock } from '@longcall/core'
import { EndedTask } from './ended-task.ts'
import type { Operation } from './operation.ts'
import { keepsNothing } from './task-keeper.ts'
import type { SettledReference } from './task-reference.ts'

/** A call that the server did not run as a task, by its reference: completed, and the reference holds the result. */
export function settledTask(reference: SettledReference): EndedTask {
  const { createdAt, taskId: id, result } = reference
  const snapshot = { id, status: 'completed', createdAt, lastUpdatedAt: createdAt, ttlMs: null } as const
  const ending = { kind: 'result', result, snapshot } as const
  return new EndedTask({ reference, ending, clock: systemClock, keeper: keepsNothing })
}

/** Keeps the result of a call that has just been answered, under an id of this client's own. */
export function settle(operation: Operation, result: Readonly<Record<string, unknown>>, now: Date): EndedTask {
  return settledTask({
    longcall: 1,
    kind: 'settled',
    taskId: `local-${generateTaskId()}`,
    operation,
    createdAt: now.toISOString(),
    result,
  })
}
