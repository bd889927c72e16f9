import type { JsonObject } from '../json/json.ts'
import type { NewTask } from '../store/task-record.ts'
import { generateTaskId } from '../task/task-id.ts'

/** What a new task is to be; all but the ttl has a default. */
export interface CreateTaskOptions extends Partial<Omit<NewTask, 'ttlMs' | 'request'>> {
  /** How long the task lives, in milliseconds from its creation; `null` is without end. */
  readonly ttlMs: number | null
  readonly arguments?: JsonObject
}

/**
 * Builds the record of a new task, for `store.create()`, which makes it `working`; stores nothing.
 *
 * Its id is a new one, its poll interval 500 ms, it belongs to nobody in particular, counts against its owner's quota, and
 * its work is started once, or three times with `onCrash: 'rerun'`, unless the options say otherwise.
 */
export function createTask(options: CreateTaskOptions): NewTask {
  const { ttlMs, arguments: args = {}, ...rest } = options
  return {
    id: generateTaskId(),
    namespace: 'default',
    owner: '',
    quota: options.owner ?? '',
    tool: 'task',
    maxTtlMs: ttlMs,
    pollIntervalMs: 500,
    onCrash: 'fail',
    maxAttempts: options.onCrash === 'rerun' ? 3 : 1,
    hidden: false,
    ...rest,
    ttlMs,
    request: { arguments: args },
  }
}
