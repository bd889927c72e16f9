import type { TaskRecord, TaskRuntime } from '@longcall/core'
import { changedFrom, isTerminal } from '@longcall/core'

/**
 * Answers who polls faster than told late, and never refuses them: not before the interval has passed since their last
 * answer, unless the task has changed since.
 */
export class PollPacer {
  readonly #runtime: TaskRuntime
  /** What was answered last, to whom of which task. */
  readonly #answered = new Map<string, { readonly atMs: number; readonly updatedAtMs: number }>()

  constructor(runtime: TaskRuntime) {
    this.#runtime = runtime
  }

  /** The task as it is when it may be told; `undefined` when it is gone by then. */
  async pace(task: TaskRecord, asker: string, signal: AbortSignal): Promise<TaskRecord | undefined> {
    if (isTerminal(task.status)) return task
    const key = `${asker} ${task.id}`
    const last = this.#answered.get(key)
    const paceMs = Math.min(task.pollIntervalMs * grace, longestHoldMs)
    // A clock that was set back says that the last answer is yet to come: nobody waits longer for that.
    const waitMs = last === undefined ? 0 : Math.min(last.atMs + paceMs - this.#runtime.clock.now(), paceMs)
    const isNews = last === undefined || task.updatedAtMs !== last.updatedAtMs
    const told = isNews || waitMs <= 0 ? task : await this.#changed(task, waitMs, signal)
    this.#remember(key, told)
    return told
  }

  async #changed(task: TaskRecord, waitMs: number, signal: AbortSignal): Promise<TaskRecord | undefined> {
    const { clock } = this.#runtime
    const over = new AbortController()
    const onAbort = (): void => over.abort()
    signal.addEventListener('abort', onAbort, { once: true })
    clock.sleep(waitMs, over.signal).then(onAbort, () => {})
    await this.#runtime.until(task.id, (now) => changedFrom(task, now), { signal: over.signal }).catch(() => {})
    over.abort()
    signal.removeEventListener('abort', onAbort)
    return this.#runtime.get(task.id)
  }

  #remember(key: string, told: TaskRecord | undefined): void {
    this.#answered.delete(key)
    if (told === undefined || isTerminal(told.status)) return
    this.#answered.set(key, { atMs: this.#runtime.clock.now(), updatedAtMs: told.updatedAtMs })
    // The oldest entries are at the front: who asked that long ago has waited long enough.
    for (const oldest of this.#answered.keys()) {
      if (this.#answered.size <= mostRemembered) break
      this.#answered.delete(oldest)
    }
  }
}

/** Clocks and networks are not exact: a poll that comes a little early is on time. */
const grace = 0.8

/** Whoever is between us and the client may not let a request wait much longer. */
const longestHoldMs = 10_000

const mostRemembered = 10_000
