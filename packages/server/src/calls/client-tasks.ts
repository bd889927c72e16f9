import type { CreatedTask } from '@longcall/core'

/**
 * The tasks of clients' own in which questions are being answered, by the question: whichever stream brought the question,
 * the next one goes on with the same task, and nobody is asked again.
 */
export class ClientTasks {
  readonly #created = new Map<string, CreatedTask>()

  /** The client answers the question in this task. */
  begun(taskId: string, key: string, created: CreatedTask): void {
    this.#created.set(`${taskId} ${key}`, created)
    // Of a question that nobody ever fetches, the client is asked again.
    if (this.#created.size > mostTasks) this.#created.delete(this.#created.keys().next().value!)
  }

  /** The task in which the question is being answered, if it is. */
  of(taskId: string, key: string): CreatedTask | undefined {
    return this.#created.get(`${taskId} ${key}`)
  }

  /** The question was answered, is not asked any more, or the client lost its task. */
  over(taskId: string, key: string): void {
    this.#created.delete(`${taskId} ${key}`)
  }
}

const mostTasks = 10_000
