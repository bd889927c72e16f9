import { LongcallError, type TaskState } from '@longcall/core'

/**
 * Brings pushed task states to whoever follows the task.
 *
 * A push may arrive before the answer that introduces its task, so the newest of the unclaimed ones are kept for a while.
 */
export class TaskPushes {
  readonly #followers = new Map<string, (state: TaskState) => void>()
  readonly #unclaimed = new Map<string, TaskState>()

  /** One follower a task: the driver that all handles of the task share. Gets the unclaimed push, if there was one. */
  follow(taskId: string, follower: (state: TaskState) => void): () => void {
    this.#followers.set(taskId, follower)
    const early = this.#unclaimed.get(taskId)
    this.#unclaimed.delete(taskId)
    // Not before the follower knows how to stop following.
    if (early !== undefined) queueMicrotask(() => this.#followers.get(taskId) === follower && follower(early))
    return () => {
      if (this.#followers.get(taskId) === follower) this.#followers.delete(taskId)
    }
  }

  push(read: () => TaskState): void {
    let state: TaskState
    try {
      state = read()
    } catch (error) {
      // A push is a hint that polling makes up for, so one that cannot be read costs nothing.
      if (error instanceof LongcallError) return
      throw error
    }
    const follower = this.#followers.get(state.task.id)
    if (follower !== undefined) return follower(state)
    this.#unclaimed.delete(state.task.id)
    this.#unclaimed.set(state.task.id, state)
    if (this.#unclaimed.size > unclaimedLimit) this.#unclaimed.delete(this.#unclaimed.keys().next().value!)
  }
}

/** Each may hold a result; what is dropped, a poll will tell. */
const unclaimedLimit = 100
