import { defaultTtlMs } from '@longcall/core'
import { InvalidOptionError } from '../errors/usage-errors.ts'

/** Asks for a task: what `task` may be in the options of a request. */
export type TaskOption = true | { readonly ttlMs?: number }

/** What the caller wants of a task; a wish, where the server decides. */
export interface TaskWish {
  readonly ttlMs: number
}

/**
 * What is asked of the server.
 *
 * @throws {InvalidOptionError} Thrown when the time to live is no time.
 */
export function readWish(task: TaskOption): TaskWish {
  const ttlMs = (task === true ? undefined : task.ttlMs) ?? defaultTtlMs
  if (Number.isSafeInteger(ttlMs) && ttlMs > 0) return { ttlMs }
  throw new InvalidOptionError('task.ttlMs', ttlMs, 'whole milliseconds above zero')
}
