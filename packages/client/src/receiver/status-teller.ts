import type { TaskRecord } from '@longcall/core'
import { taskNotification } from '@longcall/core/wire/2025-11-25'
import type { HostedTasks } from './hosted-tasks.ts'

/**
 * Tells the server of changes of the tasks that are run here: of each on the connection on which it was last made or asked
 * for, until it ends.
 */
export class StatusTeller {
  readonly #told = new Map<string, { readonly server: AskingServer; readonly left: AbortController }>()

  /** Begins once the answer to the request at hand is on its way: a status must not come before its task. */
  tellSoon(tasks: HostedTasks, task: TaskRecord, server: AskingServer): void {
    const before = this.#told.get(task.id)
    if (before?.server === server) return
    before?.left.abort()
    const left = new AbortController()
    this.#told.set(task.id, { server, left })
    setImmediate(() => {
      const tell = (now: TaskRecord): void => server.notify(taskNotification, { ...tasks.write(now) })
      tasks
        .follow(task, tell, left.signal)
        .catch(() => {})
        .finally(() => {
          if (this.#told.get(task.id)?.left === left) this.#told.delete(task.id)
        })
    })
  }

  /** Nobody is to be told any more. */
  close(): void {
    for (const { left } of this.#told.values()) left.abort()
  }
}

/** The connection that a request came on. */
export interface AskingServer {
  /** Tells the server; what cannot be sent is lost: a server polls all the same. */
  notify(method: string, params: Readonly<Record<string, unknown>>): void
}
