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

  /** Brings progress to whoever opened its token; of one that was released, and of foreign ones, to nobody. */
  notify(params: unknown): void {
    if (typeof params !== 'object' || params === null) return
    const { progressToken, ...progress } = params as Record<string, unknown>
    if (typeof progressToken !== 'string' || typeof progress['progress'] !== 'number') return
    this.#listeners.get(progressToken)?.(progress as unknown as Progress)
  }
}

/** Whether a progress token is one of these. */
export function isOwnToken(token: unknown): boolean {
  return typeof token === 'string' && token.startsWith('longcall:')
}

/** A progress token in use. */
export interface ProgressToken {
  readonly token: string
  readonly release: () => void
}
