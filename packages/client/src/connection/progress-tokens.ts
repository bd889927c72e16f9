import type { Progress } from '@modelcontextprotocol/client'

/**
 * Progress of requests whose token outlives their response: a task's token stays valid until the task ends.
 *
 * Source: specification 2025-11-25, Progress, "Task-augmented requests".
 */
export class ProgressTokens {
  readonly #listeners = new Map<string, (progress: Progress) => void>()
  #last = 0

  /** A fresh token whose notifications go to `listener` until it is released. */
  open(listener: (progress: Progress) => void): ProgressToken {
    this.#last += 1
    const token = `longcall:${this.#last}`
    this.#listeners.set(token, listener)
    return { token, release: () => void this.#listeners.delete(token) }
  }

  /** True when the notification carries one of these tokens, also of one released: that is late, not unknown. */
  notify(params: unknown): boolean {
    if (typeof params !== 'object' || params === null) return false
    const { progressToken, ...progress } = params as Record<string, unknown>
    if (typeof progressToken !== 'string' || !progressToken.startsWith('longcall:')) return false
    if (typeof progress['progress'] === 'number') this.#listeners.get(progressToken)?.(progress as unknown as Progress)
    return true
  }
}

/** A progress token in use. */
export interface ProgressToken {
  readonly token: string
  readonly release: () => void
}
