import { stat, utimes } from 'node:fs/promises'

/** How often whoever listens looks. */
const lookEveryMs = 50

/** News of one folder: whoever writes to a record in it sets the folder's time, and whoever listens looks at that. */
export class FolderWatch {
  readonly #path: string
  readonly #hints = new Set<() => void>()
  #timer: NodeJS.Timeout | undefined
  #seen: bigint | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** Calls `hint` soon after each change, until what this returns is called. */
  add(hint: () => void): () => void {
    const added = (): void => hint()
    this.#hints.add(added)
    if (this.#timer === undefined) {
      void this.#look('first')
      this.#timer = setInterval(() => void this.#look('again'), lookEveryMs).unref()
    }
    return () => {
      this.#hints.delete(added)
      if (this.#hints.size === 0) this.close()
    }
  }

  /** Something was written here. Never rejects: it is a hint. */
  async touch(): Promise<void> {
    for (const hint of [...this.#hints]) queueMicrotask(hint)
    const now = Date.now() / 1000
    await utimes(this.#path, now, now).catch(() => {})
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#hints.clear()
  }

  async #look(when: 'first' | 'again'): Promise<void> {
    const found = await stat(this.#path, { bigint: true }).catch(() => {})
    const changed = found?.mtimeNs !== this.#seen
    this.#seen = found?.mtimeNs
    if (changed && when === 'again') for (const hint of [...this.#hints]) hint()
  }
}
