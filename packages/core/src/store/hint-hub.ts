/** Who wants to hear of which task, in this process. */
export class HintHub {
  readonly #watchers = new Map<string, Set<() => void>>()

  /** Calls `hint` for each {@link send} of this id, until the returned function is called. */
  watch(id: string, hint: () => void): () => void {
    const watchers = this.#watchers.get(id) ?? new Set()
    this.#watchers.set(id, watchers)
    // Its own identity: one function may watch a task twice.
    const watcher = (): void => hint()
    watchers.add(watcher)
    return () => {
      if (watchers.delete(watcher) && watchers.size === 0) this.#watchers.delete(id)
    }
  }

  /** Tells whoever watches the id, after the write that it is about. */
  send(id: string): void {
    const watchers = this.#watchers.get(id)
    if (watchers === undefined) return
    queueMicrotask(() => {
      for (const hint of [...watchers]) if (watchers.has(hint)) hint()
    })
  }

  /** Forgets everybody. */
  clear(): void {
    this.#watchers.clear()
  }
}
