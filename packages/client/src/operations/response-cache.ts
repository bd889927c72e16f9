import type { Clock } from '@longcall/core'

/** Whether an answer that the server let be kept may be used: `use`, or asked for anew and kept, or neither. */
export type CacheMode = 'use' | 'refresh' | 'bypass'

/**
 * Answers that the server lets be used again for a while, by its `ttlMs` (SEP-2549). One client's own: no answer reaches
 * another's user.
 */
export class ResponseCache {
  readonly #clock: Clock
  readonly #kept = new Map<string, { readonly value: unknown; readonly until: number }>()
  /** Counts what was evicted, so that an answer which was on its way meanwhile is not kept. */
  #evictions = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The answer for a key where one is kept and fresh; else fetches it, and keeps it for as long as `ttlOf` says. */
  async through<T>(key: string, mode: CacheMode, fetch: () => Promise<T>, ttlOf: (value: T) => number): Promise<T> {
    if (mode === 'bypass') return fetch()
    const kept = mode === 'use' ? this.#kept.get(key) : undefined
    if (kept !== undefined && this.#clock.now() < kept.until) return structuredClone(kept.value) as T
    this.#kept.delete(key)
    const evictions = this.#evictions
    const value = await fetch()
    const ttlMs = Math.min(ttlOf(value), longestTtlMs)
    if (ttlMs <= 0 || evictions !== this.#evictions) return value
    this.#kept.set(key, { value: structuredClone(value), until: this.#clock.now() + ttlMs })
    if (this.#kept.size > keptLimit) this.#kept.delete(this.#kept.keys().next().value!)
    return value
  }

  /** Forgets an answer; without a key, all of them. */
  evict(key?: string): void {
    this.#evictions += 1
    if (key === undefined) this.#kept.clear()
    else this.#kept.delete(key)
  }
}

/** How long a server lets its answer be used, in milliseconds; zero where it says nothing. */
export function ttlMsOf(result: Readonly<Record<string, unknown>>): number {
  const { ttlMs } = result
  return typeof ttlMs === 'number' && ttlMs > 0 ? ttlMs : 0
}

/** No server can have a mistake of its own kept for longer. */
const longestTtlMs = 86_400_000
const keptLimit = 500
