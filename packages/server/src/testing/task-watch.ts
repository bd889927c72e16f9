import type { TaskRecord } from '@longcall/core'

/** The tasks of a store as they were last written, and who waits to see something in one of them. */
export class TaskWatch {
  readonly #last = new Map<string, TaskRecord | 'gone'>()
  readonly #waiting = new Set<() => void>()

  saw(task: TaskRecord): void {
    const last = this.#last.get(task.id)
    if (last !== undefined && last !== 'gone' && last.updatedAtMs > task.updatedAtMs) return
    this.#last.set(task.id, task)
    this.#wake()
  }

  lost(id: string): void {
    if (!this.#last.has(id)) return
    this.#last.set(id, 'gone')
    this.#wake()
  }

  latest(id: string): TaskRecord | undefined {
    const last = this.#last.get(id)
    return last === 'gone' ? undefined : last
  }

  /**
   * Waits until `see` sees what it wants; it is shown nothing before the task is created.
   *
   * @throws {Error} Thrown when the task is gone.
   */
  until<T>(id: string, see: (task: TaskRecord) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const last = this.#last.get(id)
        if (last === undefined) return
        try {
          if (last === 'gone') throw new Error(`Task ${id} is gone: its ttl has passed.`)
          const seen = see(last)
          if (seen === undefined) return
          resolve(seen)
        } catch (error) {
          reject(error)
        }
        this.#waiting.delete(look)
      }
      this.#waiting.add(look)
      look()
    })
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look()
  }
}
