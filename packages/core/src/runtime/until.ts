import type { Clock } from '../clock/clock.ts'
import { persistently } from './persistently.ts'
import type { TaskRecord } from '../store/task-record.ts'
import type { TaskStore } from '../store/task-store.ts'

/** A hint may be missed: whoever waits reads again after this long. */
const slowRereadMs = 5_000

/** How long a store may fail until whoever waits is told. */
const patienceMs = 15_000

/**
 * Waits until `see` sees what it wants in a task, and gives that. It is shown the task now, and again after each change;
 * `undefined` is a task that is not there.
 *
 * No change is missed between a look and the wait for the next. Rejects with the signal's reason.
 */
export async function until<T>(
  { store, clock }: { readonly store: TaskStore; readonly clock: Clock },
  id: string,
  see: (task: TaskRecord | undefined) => T | undefined,
  { signal, owner }: { readonly signal?: AbortSignal; readonly owner?: string } = {},
): Promise<T> {
  // A store that fails for a moment is no answer: who waits for a person has waited for hours.
  const look = (): Promise<TaskRecord | undefined> =>
    persistently(() => store.get(id, owner), { clock, forMs: patienceMs, ...(signal !== undefined && { signal }) })
  let wake = new AbortController()
  const unwatch = store.watch(id, () => wake.abort())
  const onAbort = (): void => wake.abort()
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    for (;;) {
      signal?.throwIfAborted()
      const seen = see(await look())
      if (seen !== undefined) return seen
      if (!wake.signal.aborted) await clock.sleep(slowRereadMs, wake.signal, { background: true }).catch(() => {})
      wake = new AbortController()
    }
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  } finally {
    unwatch()
    signal?.removeEventListener('abort', onAbort)
  }
}

/** For {@link until}: the task once it is another than it was, or that it is gone. */
export function changedFrom(last: TaskRecord, task: TaskRecord | undefined): TaskRecord | 'gone' | undefined {
  if (task === undefined) return 'gone'
  return task.updatedAtMs === last.updatedAtMs ? undefined : task
}
