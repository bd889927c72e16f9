import { MalformedMessageError, type TaskOutcome, type TaskQuestion, type TaskState } from '@longcall/core'
import * as wire from '@longcall/core/wire/2026-07-28'
import { asResult } from '../connection/as-result.ts'
import type { Connection, RequestOptions } from '../connection/connection.ts'
import { untilAnswered } from '../connection/retry.ts'
import type { Sighting } from './snapshot-order.ts'
import type { TaskChannel, TaskSink } from './task-wire.ts'

/** Push by one shared subscription; questions inside the states; answers by `tasks/update`. */
export class TaskChannel2026 implements TaskChannel {
  readonly #connection: Connection
  readonly #taskId: string
  readonly #sink: TaskSink
  readonly #sent = new Map<string, SentAnswer>()
  #asked: ReadonlySet<string> = new Set()
  #stop: readonly (() => void)[] = []

  constructor(connection: Connection, taskId: string, sink: TaskSink) {
    this.#connection = connection
    this.#taskId = taskId
    this.#sink = sink
  }

  open(): void {
    const { pushes, subscription } = this.#connection
    this.#stop = [
      pushes.follow(this.#taskId, (state) => this.#sink.pushed(state)),
      subscription.add({ kind: 'task', id: this.#taskId }, () => this.#sink.stale()),
    ]
  }

  shut(): void {
    for (const stop of this.#stop) stop()
    this.#stop = []
  }

  saw(state: TaskState, from: Sighting['from']): void {
    const asked = new Set(state.questions.map((question) => question.key))
    if (from === 'push') for (const key of this.#asked) asked.add(key)
    for (const key of this.#asked) if (!asked.has(key)) this.#sink.withdrawn(key)
    this.#asked = asked
    for (const question of state.questions) {
      this.#sink.asked(question)
      this.#remind(question)
    }
  }

  result(options: RequestOptions): Promise<TaskOutcome> {
    return this.#connection.request(wire.getTask(this.#taskId), (result) => outcomeOf(wire.readState(result)), options)
  }

  async answer(question: TaskQuestion, answer: object): Promise<void> {
    const sent: SentAnswer = { answer, arrivedAt: undefined }
    this.#sent.set(question.key, sent)
    await this.#send(question.key, sent)
  }

  /** An elicitation can be dismissed; the other requests have no words for "nobody answers". */
  async refuse(question: TaskQuestion): Promise<boolean> {
    if (question.method !== 'elicitation/create') return false
    await this.answer(question, { action: 'cancel' })
    return true
  }

  /** The server gave its questions up with the task. */
  letGo(): void {
    this.#sent.clear()
  }

  async #send(key: string, sent: SentAnswer): Promise<void> {
    const { clock, closed } = this.#connection
    sent.arrivedAt = undefined
    await untilAnswered(
      () => this.#connection.request(wire.updateTask(this.#taskId, { [key]: sent.answer }), asResult),
      {
        clock,
        signal: closed,
      },
    )
    sent.arrivedAt = clock.now()
  }

  /** The acknowledgement is only eventually consistent: a question still shown long after it may not have its answer. */
  #remind({ key }: TaskQuestion): void {
    const sent = this.#sent.get(key)
    if (sent?.arrivedAt === undefined || this.#connection.clock.now() - sent.arrivedAt < remindAfterMs) return
    this.#send(key, sent).catch(() => {})
  }
}

interface SentAnswer {
  readonly answer: object
  /** When the server acknowledged it, in milliseconds since the epoch; undefined while it is on its way. */
  arrivedAt: number | undefined
}

const remindAfterMs = 5000

function outcomeOf(state: TaskState): TaskOutcome {
  if (state.outcome !== undefined) return state.outcome
  throw new MalformedMessageError('result', undefined, `there, since the task is ${state.task.status}`)
}
