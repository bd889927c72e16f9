import { isGone } from './driver-errors.ts'
import type { TaskDriver } from './task-driver.ts'
import type { TaskEnding } from './task-source.ts'

/**
 * How a task ended, for a caller who waits for nothing else and has no handle: who has the outcome needs it kept no longer,
 * and who gave up waiting leaves the task to others.
 */
export async function outcomeForCaller(driver: TaskDriver, wait: () => Promise<TaskEnding>): Promise<TaskEnding> {
  try {
    const ending = await wait()
    driver.keeper.acknowledged()
    return ending
  } catch (error) {
    if (isGone(error)) driver.keeper.acknowledged()
    else driver.keeper.letGo()
    throw error
  }
}
