import { changedFrom, isTerminal, type TaskRecord, type TaskRuntime } from '@longcall/core'

/** A client that can be told of its tasks while they go on: a 2025-11-25 session of this process. */
export interface Listener {
  /** The status, or what it says, has changed. */
  status(task: TaskRecord): void
  /** The task says something else of its progress; `isFurther` when that is more than it ever said. */
  progress(task: TaskRecord, isFurther: boolean): void
  /** A body has something for the log. */
  log(taskId: string, line: LogLine): void
}

/** A line for a client's log. */
export interface LogLine {
  readonly level: string
  readonly data: unknown
  readonly logger?: string
}

/** Who is told of which task: the client that created or last read it. */
export class Audience {
  readonly #runtime: TaskRuntime
  readonly #places = new Map<string, { readonly listener: Listener; readonly left: AbortController }>()

  constructor(runtime: TaskRuntime) {
    this.#runtime = runtime
  }

  /** Tells this listener of the task from now on, and nobody else. `task` is what it knows already. */
  follow(task: TaskRecord, listener: Listener): void {
    if (this.isFollowing(task.id, listener)) return
    this.#leave(task.id)
    if (isTerminal(task.status)) return
    const left = new AbortController()
    this.#places.set(task.id, { listener, left })
    void this.#tell(task, listener, left.signal)
      .catch(() => {})
      .finally(() => {
        if (this.#places.get(task.id)?.left === left) this.#places.delete(task.id)
      })
  }

  /** Whether this is the listener that is told of the task. */
  isFollowing(taskId: string, listener: Listener): boolean {
    return this.#places.get(taskId)?.listener === listener
  }

  /** Sends a line to whoever is told of the task. */
  log(taskId: string, line: LogLine): void {
    this.#places.get(taskId)?.listener.log(taskId, line)
  }

  /** The listener is gone. */
  forget(listener: Listener): void {
    for (const [taskId, place] of this.#places) if (place.listener === listener) this.#leave(taskId)
  }

  close(): void {
    for (const taskId of this.#places.keys()) this.#leave(taskId)
  }

  async #tell(task: TaskRecord, listener: Listener, signal: AbortSignal): Promise<void> {
    let furthest = task.progress?.progress ?? -Infinity
    for (let told = task; !isTerminal(told.status);) {
      const now = await this.#runtime.until(task.id, (seen) => changedFrom(told, seen), { signal })
      if (now === 'gone') return
      tell(listener, told, now, furthest)
      furthest = Math.max(furthest, now.progress?.progress ?? -Infinity)
      told = now
    }
  }

  #leave(taskId: string): void {
    this.#places.get(taskId)?.left.abort()
    this.#places.delete(taskId)
  }
}

/** Of a task that has ended no progress may be told any more. Source: specification 2025-11-25, Progress. */
function tell(listener: Listener, told: TaskRecord, now: TaskRecord, furthest: number): void {
  const { progress } = now
  const isNews = progress !== undefined && progress !== told.progress && !isTerminal(now.status)
  if (isNews) listener.progress(now, progress.progress > furthest)
  if (now.status !== told.status || now.statusMessage !== told.statusMessage) listener.status(now)
}
