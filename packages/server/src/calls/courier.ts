/** A stream that questions are sent on; it is dead when its signal has aborted. */
export interface Stream {
  readonly gone: AbortSignal
  /** What is sent on it is kept, and read by a client that goes on where it lost it: it may send while it is dead. */
  readonly isKept: boolean
}

/**
 * Sees to it that a question is on one stream at a time, among those of this process: not sent again while the stream that
 * has it lives, and sent again when that has died.
 */
export class Courier {
  readonly #carried = new Map<string, Stream>()
  readonly #waiting = new Map<string, Set<() => void>>()

  /** Whether the stream may send the question now; then it has it. */
  take(taskId: string, key: string, stream: Stream): boolean {
    const name = `${taskId} ${key}`
    const carrier = this.#carried.get(name)
    if (carrier === stream || (carrier !== undefined && !carrier.gone.aborted)) return false
    if (stream.gone.aborted && !stream.isKept) return false
    this.#carried.set(name, stream)
    return true
  }

  /** The stream is over: what it has can be sent by others, which are woken. */
  drop(taskId: string, stream: Stream): void {
    for (const [name, carrier] of this.#carried) {
      if (carrier === stream && name.startsWith(`${taskId} `)) this.#carried.delete(name)
    }
    this.wake(taskId)
  }

  /** Has whoever watches the task look again. */
  wake(taskId: string): void {
    for (const wake of this.#waiting.get(taskId) ?? []) wake()
  }

  /** Calls `wake` when a question of the task may have become free, or its client answers it in a task of its own; returns the end of it. */
  watch(taskId: string, wake: () => void): () => void {
    const waiting = this.#waiting.get(taskId) ?? new Set()
    this.#waiting.set(taskId, waiting.add(wake))
    return () => {
      waiting.delete(wake)
      if (waiting.size === 0) this.#waiting.delete(taskId)
    }
  }
}
