import type { NewTask } from './task-record.ts'

/** The ids of open tasks, so that they are found without walking those that have ended, and how many each quota has. */
export class OpenTasks {
  readonly #ids = new Set<string>()
  readonly #byQuota = new Map<string, number>()

  /** The oldest first. Others may be added and deleted meanwhile. */
  ids(): Iterable<string> {
    return this.#ids.values()
  }

  /** How many count against the same quota as this one. */
  count(task: NewTask): number {
    return this.#byQuota.get(quotaKey(task)) ?? 0
  }

  add(task: NewTask): void {
    this.#ids.add(task.id)
    this.#byQuota.set(quotaKey(task), this.count(task) + 1)
  }

  delete(task: NewTask): void {
    if (!this.#ids.delete(task.id)) return
    const left = this.count(task) - 1
    if (left > 0) this.#byQuota.set(quotaKey(task), left)
    else this.#byQuota.delete(quotaKey(task))
  }
}

function quotaKey({ namespace, quota }: NewTask): string {
  return JSON.stringify([namespace, quota])
}
