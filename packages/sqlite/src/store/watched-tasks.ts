import { HintHub } from '@longcall/core/backend'
import type { OpenedFile } from '../file/opened-file.ts'

const selectWatched = 'SELECT id, updated_at FROM tasks WHERE id IN (SELECT value FROM json_each(?))'

/** Who wants to hear of which task, and what other processes wrote of it. */
export class WatchedTasks {
  readonly #file: OpenedFile
  readonly #hints = new HintHub()
  /** How many watch each task, and when it was written last, as far as was seen here. */
  readonly #watched = new Map<string, { watchers: number; updatedAtMs: unknown }>()
  #stopListening: (() => void) | undefined
  /** How long it is not looked again. */
  #rest: NodeJS.Timeout | undefined
  #isBehind = false

  constructor(file: OpenedFile) {
    this.#file = file
  }

  watch(id: string, hint: () => void): () => void {
    const watched = this.#watched.get(id) ?? { watchers: 0, updatedAtMs: 'unknown' }
    watched.watchers += 1
    this.#watched.set(id, watched)
    this.#stopListening ??= this.#file.onForeignWrite(() => void this.#look())
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
  send(id: string, updatedAtMs?: number): void {
    const watched = this.#watched.get(id)
    if (watched === undefined) return
    if (updatedAtMs !== undefined) watched.updatedAtMs = updatedAtMs
    this.#hints.send(id)
  }

  close(): void {
    this.#hints.clear()
    this.#watched.clear()
    this.#stop()
  }

  /** Others wrote. Looking takes a tenth of the time at most, however many are watched and however much is written. */
  async #look(): Promise<void> {
    if (this.#rest !== undefined) {
      this.#isBehind = true
      return
    }
    const beganAtMs = performance.now()
    await this.#findChanged()
    const tookMs = performance.now() - beganAtMs
    if (tookMs < 1 || this.#stopListening === undefined) return
    this.#rest = setTimeout(() => {
      this.#rest = undefined
      if (this.#isBehind) void this.#look()
      this.#isBehind = false
    }, tookMs * 10).unref()
  }

  async #findChanged(): Promise<void> {
    const found = new Map<unknown, unknown>()
    try {
      const ids = JSON.stringify([...this.#watched.keys()])
      const rows = await this.#file.read((prepare) => prepare(selectWatched).all(ids))
      for (const { id, updated_at: updatedAtMs } of rows) found.set(id, updatedAtMs)
    } catch {
      // Whoever waits reads again after a while, and hears then what is the matter.
      return
    }
    for (const [id, watched] of this.#watched) {
      const updatedAtMs = found.get(id)
      if (updatedAtMs === watched.updatedAtMs) continue
      watched.updatedAtMs = updatedAtMs
      this.#hints.send(id)
    }
  }

  #stop(): void {
    this.#stopListening?.()
    this.#stopListening = undefined
    clearTimeout(this.#rest)
    this.#rest = undefined
    this.#isBehind = false
  }
}
