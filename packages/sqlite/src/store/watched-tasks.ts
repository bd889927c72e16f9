import { HintHub } from '@longcall/core/backend'
import type { TaskFile } from '../file/task-file.ts'

/** Who wants to hear of which task, and what other processes wrote of it. */
export class WatchedTasks {
  readonly #file: TaskFile
  readonly #hints = new HintHub()
  /** How many watch each task, and when it was written last, as far as was seen here. */
  readonly #watched = new Map<string, { watchers: number; updatedAtMs: unknown }>()
  #stopListening: (() => void) | undefined

  constructor(file: TaskFile) {
    this.#file = file
  }

  watch(id: string, hint: () => void): () => void {
    const watched = this.#watched.get(id) ?? { watchers: 0, updatedAtMs: 'unknown' }
    watched.watchers += 1
    this.#watched.set(id, watched)
    this.#stopListening ??= this.#file.onForeignWrite(() => void this.#findChanged())
    const unwatch = this.#hints.watch(id, hint)
    let isWatching = true
    return () => {
      if (!isWatching) return
      isWatching = false
      unwatch()
      watched.watchers -= 1
      if (watched.watchers === 0) this.#watched.delete(id)
      if (this.#watched.size === 0) this.#stop()
    }
  }

  /** Tells whoever watches a task that this process wrote to it. */
  send(id: string): void {
    this.#hints.send(id)
  }

  close(): void {
    this.#hints.clear()
    this.#watched.clear()
    this.#stop()
  }

  async #findChanged(): Promise<void> {
    const changed: string[] = []
    try {
      await this.#file.read((prepare) => {
        const select = prepare('SELECT updated_at FROM tasks WHERE id = ?')
        for (const [id, watched] of this.#watched) {
          const updatedAtMs = select.get(id)?.['updated_at']
          if (updatedAtMs !== watched.updatedAtMs) changed.push(id)
          watched.updatedAtMs = updatedAtMs
        }
      })
    } catch {
      // Whoever waits reads again after a while, and hears then what is the matter.
    }
    for (const id of changed) this.#hints.send(id)
  }

  #stop(): void {
    this.#stopListening?.()
    this.#stopListening = undefined
  }
}
