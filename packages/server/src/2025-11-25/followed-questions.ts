import { RpcError, type CreatedTask, type TaskQuestion } from '@longcall/core'
import type { TaskService } from '../calls/task-service.ts'
import type { Answer } from '../sdk/sdk-server.ts'
import { ClientTaskGoneError, resultOfClientTask, unwanted, type ClientPeer } from './client-task.ts'

/** The questions of a task that its client answers in tasks of its own, as far as one stream follows them. */
export class FollowedQuestions {
  readonly #service: TaskService
  readonly #client: ClientPeer
  readonly #taskId: string
  readonly #owner: string
  readonly #followed = new Map<string, Following>()

  constructor(service: TaskService, client: ClientPeer, taskId: string, owner: string) {
    this.#service = service
    this.#client = client
    this.#taskId = taskId
    this.#owner = owner
  }

  /**
   * Brings the answer to a question from the client's task, once.
   *
   * @param askAgain For a client that lost a task which another stream began: it may have been restarted since. One that loses
   * it under our eyes has failed to answer.
   */
  follow({ key }: TaskQuestion, created: CreatedTask, askAgain: (() => void) | undefined): void {
    if (this.#followed.has(key)) return
    const stop = new AbortController()
    const done = this.#answer(key, created, stop.signal, askAgain).catch((error: unknown) => {
      this.#followed.delete(key)
      if (!stop.signal.aborted) void this.#goOnLater(error, stop.signal)
    })
    this.#followed.set(key, { stop, done })
  }

  /** Only these are asked still: the client need not go on with the others. Resolves when it was told. */
  async keep(open: readonly TaskQuestion[]): Promise<void> {
    const closed = [...this.#followed].filter(([key]) => !open.some((question) => question.key === key))
    for (const [key, { stop }] of closed) {
      this.#service.clientTasks.over(this.#taskId, key)
      stop.abort(unwanted)
    }
    await Promise.all(closed.map(([, { done }]) => done))
  }

  /** The stream is over: another goes on. */
  leave(): void {
    for (const { stop } of this.#followed.values()) stop.abort(new Error('the stream is over'))
  }

  /** What failed is no fault of the client's, such as a store that is away: its task is followed again in a while. */
  async #goOnLater(why: unknown, signal: AbortSignal): Promise<void> {
    const { runtime, courier } = this.#service
    runtime.trouble(why)
    await runtime.clock.sleep(pauseMs, signal, { background: true }).catch(() => {})
    courier.wake(this.#taskId)
  }

  async #answer(
    key: string,
    created: CreatedTask,
    signal: AbortSignal,
    askAgain: (() => void) | undefined,
  ): Promise<void> {
    const { clock } = this.#service.runtime
    const came = await resultOfClientTask(this.#client, created, { clock, signal }).then(
      (result) => ({ result }),
      (error: unknown) => {
        // A client that cannot be reached has not answered: its task goes on, and another stream finds it.
        if (signal.aborted || !(error instanceof RpcError)) throw error
        return error instanceof ClientTaskGoneError && askAgain !== undefined ? undefined : { error: error.rpcError }
      },
    )
    if (came === undefined) {
      this.#service.clientTasks.over(this.#taskId, key)
      this.#followed.delete(key)
      askAgain?.()
      return
    }
    const answer = { jsonrpc: '2.0', id: created.task.id, ...came } as Answer
    await this.#service.takeAnswer(this.#taskId, key, answer, this.#owner)
    this.#service.clientTasks.over(this.#taskId, key)
  }
}

const pauseMs = 1000

interface Following {
  readonly stop: AbortController
  readonly done: Promise<void>
}
