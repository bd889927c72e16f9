/**
 * The part of an `AbortSignal` that a request needs: whether it is given up, why, and being told of it.
 *
 * Every `AbortSignal` is one; a {@link Cancellation} is one that costs next to nothing.
 */
export interface CancelSignal {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/**
 * Gives up one request, once: an `AbortController` for what is made for each of them.
 *
 * One of the platform costs as much as the rest of a call: its signal is dear to make, and outlives the cheap kind of garbage
 * collection.
 */
export class Cancellation implements CancelSignal {
  #why: { readonly reason: unknown } | undefined
  #listeners: readonly (() => void)[] = []
  #platform: AbortController | undefined

  get aborted(): boolean {
    return this.#why !== undefined
  }

  /** What {@link abort} was given; `undefined` before. */
  get reason(): unknown {
    return this.#why?.reason
  }

  /** The same as a signal of the platform, made for those who ask. */
  get signal(): AbortSignal {
    if (this.#platform === undefined) {
      this.#platform = new AbortController()
      if (this.#why !== undefined) this.#platform.abort(this.#why.reason)
    }
    return this.#platform.signal
  }

  /** Tells all who listen, in the order in which they came; only the first time. */
  abort(reason: unknown): void {
    if (this.#why !== undefined) return
    this.#why = { reason }
    this.#platform?.abort(reason)
    const listeners = this.#listeners
    this.#listeners = []
    for (const listener of listeners) listener()
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (this.#why === undefined) this.#listeners = [...this.#listeners, listener]
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners = this.#listeners.filter((one) => one !== listener)
  }
}
