import type { Clock } from '@longcall/core'

/** Whether an answer that the server let be kept may be used: `use`, or asked for anew and kept, or neither. */
export type CacheMode = 'use' | 'refresh' | 'bypass'

/**
 * Answers that the server lets be used again for a while, by its `ttlMs` (SEP-2549). One client's own: no answer reaches
 * another's user.
 */
export class ResponseCache {
  readonly #clock: Clock
  /** As JSON, which nobody can change, and whose size is known. */
  readonly #kept = new Map<string, { readonly json: string; readonly until: number }>()
  #keptLength = 0
  /** Counts what was evicted, so that an answer which was on its way meanwhile is not kept. */
  #evictions = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The answer for a key where one is kept and fresh; else fetches it, and keeps it for as long as `ttlOf` says. */
  async through<T>(key: string, mode: CacheMode, fetch: () => Promise<T>, ttlOf: (value: T) => number): Promise<T> {
    if (mode === 'bypass') return fetch()
    const kept = mode === 'use' ? this.#kept.get(key) : undefined
    if (kept !== undefined && this.#clock.now() < kept.until) return JSON.parse(kept.json) as T
    this.#drop(key)
    const evictions = this.#evictions
    const value = await fetch()
    const ttlMs = Math.min(ttlOf(value), longestTtlMs)
    if (ttlMs <= 0 || evictions !== this.#evictions) return value
    this.#keep(key, JSON.stringify(value), this.#clock.now() + ttlMs)
    return value
  }

  /** Forgets an answer; without a key, all of them. */
  evict(key?: string): void {
    this.#evictions += 1
    for (const each of key === undefined ? [...this.#kept.keys()] : [key]) this.#drop(each)
  }

  #keep(key: string, json: string, until: number): void {
    if (json.length > keptLength) return
    this.#drop(key)
    this.#kept.set(key, { json, until })
    this.#keptLength += json.length
    for (const oldest of this.#kept.keys()) {
      if (this.#keptLength <= keptLength && this.#kept.size <= keptLimit) return
      this.#drop(oldest)
    }
  }

  #drop(key: string): void {
    this.#keptLength -= this.#kept.get(key)?.json.length ?? 0
    this.#kept.delete(key)
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
/** Of all answers together, in characters. */
const keptLength = 16_000_000
