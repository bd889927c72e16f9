/** A task's server without sockets: a scripted {@link TaskWire}, and a driver on top of it. */
import type { TaskQuestion, TaskSnapshot, TaskState, TaskStatus } from '@longcall/core'
import type { ManualClock } from '@longcall/core/testing'
import { TaskDriver } from '../../packages/client/src/tasks/task-driver.ts'
import type { Operation } from '../../packages/client/src/tasks/operation.ts'
import type { RunningReference } from '../../packages/client/src/tasks/task-reference.ts'
import type { TaskChannel, TaskSink, TaskWire } from '../../packages/client/src/tasks/task-wire.ts'

/** What a poll is answered with: a state, or what it rejects with. */
export type PollAnswer = TaskState | Error

/** Polls are answered by the script, `latencyMs` after they were sent; the test pushes by itself, through `sink`. */
export class ScriptedWire implements TaskWire {
  readonly generation = '2026-07-28'
  /** When each poll was sent, by the clock. */
  readonly sentAt: number[] = []
  /** When each poll that was not given up was answered. */
  readonly answeredAt: number[] = []
  readonly answers: { readonly key: string; readonly answer: object }[] = []
  /** How often the channel is open: once, or not at all. */
  open = 0
  sink!: TaskSink
  /** What becomes of an answer to a question; by default it arrives. */
  deliver: () => Promise<void> = () => Promise.resolve()
  readonly #clock: ManualClock
  readonly #script: (poll: number) => PollAnswer
  readonly #latencyMs: (poll: number) => number

  constructor(clock: ManualClock, script: (poll: number) => PollAnswer, latencyMs: (poll: number) => number = () => 0) {
    this.#clock = clock
    this.#script = script
    this.#latencyMs = latencyMs
  }

  call(): Promise<never> {
    return Promise.reject(new Error('no tool is called here'))
  }

  async get(_taskId: string, { signal }: { readonly signal?: AbortSignal | undefined }): Promise<TaskState> {
    const poll = this.sentAt.push(this.#clock.now())
    const latencyMs = this.#latencyMs(poll)
    if (latencyMs > 0) await this.#clock.sleep(latencyMs, signal)
    this.answeredAt.push(this.#clock.now())
    const answer = this.#script(poll)
    if (answer instanceof Error) throw answer
    return answer
  }

  cancel(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  channel(_taskId: string, sink: TaskSink): TaskChannel {
    this.sink = sink
    const ask = (state: TaskState): void => state.questions.forEach((question) => sink.asked(question))
    return {
      open: () => void (this.open += 1),
      shut: () => void (this.open -= 1),
      saw: ask,
      answer: (question: TaskQuestion, answer: object) => {
        this.answers.push({ key: question.key, answer })
        return this.deliver()
      },
      result: () => Promise.reject(new Error('the outcome is in the states')),
      refuse: () => Promise.resolve(false),
      letGo: () => {},
    }
  }
}

const taskId = 't1'
const operation: Operation = { method: 'tools/call', name: 'render' }

/** A driver, and what it told its surroundings. */
export function drive(wire: TaskWire, clock: ManualClock, options: DriveOptions = {}): Driven {
  const { created, createdAtMs, ttlMs } = options
  const closing = new AbortController()
  const driven = { overs: 0, reported: [] as Error[], close: (why: Error) => closing.abort(why) }
  const reference: RunningReference = {
    longcall: 1,
    kind: 'task',
    taskId,
    endpoint: 'memory:scripted',
    operation,
    generation: '2026-07-28',
    ...(createdAtMs !== undefined && { createdAt: new Date(createdAtMs).toISOString() }),
    ...(ttlMs !== undefined && { ttlMs }),
  }
  const driver = new TaskDriver(
    {
      taskId,
      operation,
      wire,
      clock,
      closed: closing.signal,
      reference: () => reference,
      canAnswer: () => options.ask !== undefined,
      ask: (question) => options.ask!(question),
      fetched: () => {},
      gone: () => {},
      isElsewhere: () => false,
      found: () => {},
      over: () => void (driven.overs += 1),
      report: (error) => driven.reported.push(error),
    },
    created,
  )
  return Object.assign(driven, { driver })
}

interface DriveOptions {
  /** The state that the call was answered with; without it, the driver is as one of a resumed task. */
  readonly created?: TaskState
  /** What a reference knows of the task's life. */
  readonly createdAtMs?: number
  readonly ttlMs?: number | null
  readonly ask?: (question: TaskQuestion) => Promise<object>
}

export interface Driven {
  readonly driver: TaskDriver
  /** How often the driver said that the task is over. */
  readonly overs: number
  readonly reported: readonly Error[]
  readonly close: (why: Error) => void
}

/** A state of the task; one that ended has an outcome that names it. */
export function stateOf(status: TaskStatus, rest: Partial<TaskSnapshot> = {}): TaskState {
  const createdAt = '2026-01-01T00:00:00.000Z'
  const task: TaskSnapshot = { id: taskId, status, createdAt, lastUpdatedAt: createdAt, ttlMs: null, ...rest }
  const bare = { task, questions: [], unreadable: [] }
  if (status === 'failed') return { ...bare, outcome: { kind: 'error', error: { code: -32_050, message: 'kaboom' } } }
  if (status !== 'completed') return bare
  return { ...bare, outcome: { kind: 'result', result: { content: [{ type: 'text', text: 'done' }] } } }
}

/** What a watcher was told, in order. */
export class Witness {
  readonly seen: TaskSnapshot[] = []
  readonly ended: TaskSnapshot[] = []
  readonly failed: Error[] = []
  readonly stuck: Error[] = []

  watch(driver: TaskDriver): () => void {
    return driver.watch({
      seen: (snapshot) => void this.seen.push(snapshot),
      ended: (snapshot) => void this.ended.push(snapshot),
      failed: (error) => void this.failed.push(error),
      stuck: (error) => void this.stuck.push(error),
    })
  }
}
