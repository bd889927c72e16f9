import {
  hasPayload,
  isTerminal,
  monotonic,
  readQuestionKey,
  type TaskOutcome,
  type TaskQuestion,
  type TaskState,
  pollIntervalMs,
} from '@longcall/core'
import * as wire from '@longcall/core/wire/2025-11-25'
import type { Connection, RequestOptions } from '../connection/connection.ts'
import { toPeerError, type AskedQuestion } from '../connection/question-desk.ts'
import { retryDelayMs } from '../connection/retry-delay.ts'
import { isTransient, RequestError, retryAfterOf } from '../errors/request-errors.ts'
import { printOf } from './question-print.ts'
import type { TaskChannel, TaskSink } from './task-wire.ts'

/**
 * Status by `notifications/tasks/status`; questions as requests of the server's, which come once `tasks/result` is open.
 *
 * `tasks/result` is opened when the task first wants input, and then held: it ends with the outcome. Should its stream
 * end before, it is opened again as long as the task wants input, no sooner than the server wants to be polled, and with
 * growing pauses while it cannot be opened.
 */
export class TaskChannel2025 implements TaskChannel {
  readonly #connection: Connection
  readonly #taskId: string
  readonly #sink: TaskSink
  readonly #questions = new Map<string, Question>()
  #stop: readonly (() => void)[] = []
  #held: HeldResult | undefined
  #latest: TaskState['task'] | undefined
  /** Why no answer is wanted any more. */
  #over: Error | undefined
  /** When the stream was opened, or last had to do with a question; by the even clock, in milliseconds. */
  #heardAt = 0

  constructor(connection: Connection, taskId: string, sink: TaskSink) {
    this.#connection = connection
    this.#taskId = taskId
    this.#sink = sink
  }

  open(): void {
    const { pushes, desk } = this.#connection
    this.#stop = [
      pushes.follow(this.#taskId, (state) => this.#sink.pushed(state)),
      desk.follow(this.#taskId, (asked) => this.#asked(asked)),
    ]
    if (this.#latest?.status === 'input_required') this.#hold()
  }

  shut(): void {
    for (const stop of this.#stop) stop()
    this.#stop = []
    // Of a task that ended, the answer is on its way, and may be wanted.
    if (this.#latest !== undefined && isTerminal(this.#latest.status)) return
    this.#letStreamGo(new Error('nobody waits for the task'))
  }

  saw({ task }: TaskState): void {
    this.#latest = task
    if (task.status !== 'input_required') return
    if (this.#isSilent()) this.#letStreamGo(new Error('the stream is silent'))
    this.#hold()
  }

  async result(options: RequestOptions): Promise<TaskOutcome> {
    // A question that is left over comes ahead of the outcome.
    const unfollow = this.#connection.desk.follow(this.#taskId, (asked) => this.#asked(asked))
    try {
      return await this.#fetch(options)
    } finally {
      unfollow()
    }
  }

  async #fetch(options: RequestOptions): Promise<TaskOutcome> {
    const held = this.#held
    if (held !== undefined) {
      const { clock } = this.#connection
      const patience = new AbortController()
      // A server may answer up to one poll interval after the task ended; a stream that died unnoticed never does.
      const late = clock
        .sleep(2 * pollIntervalMs(this.#latest?.pollIntervalMs) + graceMs, patience.signal)
        .catch(() => {})
      const outcome = await Promise.race([held.outcome, late])
      patience.abort(new Error('answered'))
      if (outcome !== undefined) return outcome
      held.abort.abort(new Error('the stream is silent'))
    }
    return this.#connection.request(wire.taskResult(this.#taskId), wire.readResult, options)
  }

  answer(question: TaskQuestion, answer: object): Promise<void> {
    this.#settle(question.key, (asked) => {
      asked.arrived = () => this.#sink.arrived(question.key)
      asked.resolve(answer)
    })
    return Promise.resolve()
  }

  refuse(question: TaskQuestion, error: unknown): Promise<boolean> {
    this.#settle(question.key, (asked) => asked.reject(toPeerError(question.method, error)))
    return Promise.resolve(true)
  }

  /** A request that is left open would hold its stream for ever, so each gets the answer of somebody who went away. */
  letGo(reason: Error): void {
    this.#over = reason
    for (const { question } of this.#questions.values()) {
      this.#settle(question.key, (asked) => this.#decline(asked, reason))
    }
  }

  #decline({ method, resolve, reject }: AskedQuestion, reason: Error): void {
    if (method === 'elicitation/create') resolve({ action: 'cancel' })
    else reject(toPeerError(method, reason))
  }

  #settle(key: string, settle: (asked: AskedQuestion) => void): void {
    const question = this.#questions.get(key)
    if (question === undefined || question.settle !== undefined) return
    question.settle = settle
    this.#heardAt = monotonic(this.#connection.clock)
    for (const asked of question.waiting) settle(asked)
    question.delivered = question.waiting
    question.waiting = []
  }

  /**
   * A request of the server's is a new question unless it is one that was put before and whose answer the server cannot
   * have: a server delivers a question again when the stream that carried it died. While the answer is being sent that is
   * so only if a stream was opened since the question came, which may have crossed it. A server that names its questions
   * leaves nothing to guess.
   */
  #asked(asked: AskedQuestion): void {
    this.#heardAt = monotonic(this.#connection.clock)
    if (this.#over !== undefined) return this.#decline(asked, this.#over)
    const print = printOf(asked)
    const named = readQuestionKey(asked.params['_meta'])
    const before =
      named === undefined
        ? [...this.#questions.values()].find(
            (question) => question.print === print && (mayBeRepeated(question) || hasRequest(question, asked)),
          )
        : this.#questions.get(named)
    const question = before ?? this.#newQuestion(named ?? `question-${this.#questions.size + 1}`, asked, print)
    if (before !== undefined) question.repeats = Math.max(0, question.repeats - 1)
    if (question.settle !== undefined) {
      question.settle(asked)
      question.delivered = [...question.delivered, asked]
      return
    }
    question.waiting = [...question.waiting, asked]
    asked.signal.addEventListener('abort', () => this.#gone(question, asked), { once: true })
    this.#sink.asked(
      question.question,
      named === undefined ? { kind: 'content', arrivedAtMs: this.#connection.clock.now() } : { kind: 'key' },
    )
  }

  #newQuestion(key: string, asked: AskedQuestion, print: string): Question {
    const question: Question = {
      question: { key, method: asked.method, params: asked.params },
      print,
      waiting: [],
      delivered: [],
      settle: undefined,
      repeats: 0,
    }
    this.#questions.set(key, question)
    return question
  }

  #gone(question: Question, asked: AskedQuestion): void {
    const left = question.waiting.filter((other) => other !== asked)
    if (left.length === question.waiting.length) return
    question.waiting = left
    if (left.length > 0) return
    // A key names one question for the task's life, so it is kept, never to be matched again.
    question.print = ''
    this.#sink.withdrawn(question.question.key)
  }

  /** The task wants input and has long had no question: the stream that should have brought it may be dead. */
  #isSilent(): boolean {
    const waits = [...this.#questions.values()].some((question) => question.waiting.length > 0)
    return this.#held !== undefined && !waits && monotonic(this.#connection.clock) - this.#heardAt > silenceMs
  }

  #letStreamGo(reason: Error): void {
    this.#held?.abort.abort(reason)
    this.#held = undefined
  }

  #hold(): void {
    if (this.#held !== undefined || this.#stop.length === 0) return
    const abort = new AbortController()
    this.#heardAt = monotonic(this.#connection.clock)
    const held: HeldResult = { abort, outcome: this.#read(abort.signal) }
    this.#held = held
    void held.outcome.then((outcome) => {
      if (this.#held === held) this.#held = undefined
      if (outcome !== undefined) this.#sink.ended(outcome)
    })
  }

  /** Resolves with the outcome, or with nothing when there is no more use in asking. */
  async #read(signal: AbortSignal): Promise<TaskOutcome | undefined> {
    for (let failures = 0; ;) {
      let retryAfterMs = 0
      for (const question of this.#questions.values()) if (mayBeRepeated(question)) question.repeats += 1
      try {
        const outcome = await this.#connection.request(wire.taskResult(this.#taskId), wire.readResult, {
          signal,
          timeoutMs: Infinity,
        })
        // Python's SDK answers a failed or cancelled task with an empty result: only a poll tells what that means.
        if (hasPayload(outcome.result)) return outcome
        this.#sink.stale()
        failures = 1
      } catch (error) {
        if (!signal.aborted && !isTransient(error)) this.#sink.stale()
        // A stream that was open and ended is no sign of trouble.
        failures = error instanceof RequestError && error.failure.kind === 'stream_ended' ? 1 : failures + 1
        retryAfterMs = retryAfterOf(error)
      }
      const intervalMs = pollIntervalMs(this.#latest?.pollIntervalMs)
      const pauseMs = retryDelayMs(failures, intervalMs, Math.random(), retryAfterMs)
      if (!signal.aborted) await this.#connection.clock.sleep(pauseMs, signal).catch(() => {})
      if (signal.aborted || this.#latest?.status !== 'input_required') return undefined
    }
  }
}

/** A request for the result that the server answers when the task ends. */
interface HeldResult {
  readonly abort: AbortController
  readonly outcome: Promise<TaskOutcome | undefined>
}

const graceMs = 1000
/** Servers deliver a question within a poll interval; some never leave `input_required` once it was answered. */
const silenceMs = 30_000

interface Question {
  readonly question: TaskQuestion
  print: string
  /** Requests of the server's that wait for the answer. */
  waiting: readonly AskedQuestion[]
  /** Requests that were given the answer. */
  delivered: readonly AskedQuestion[]
  settle: ((asked: AskedQuestion) => void) | undefined
  /** How often a stream was opened that the server may deliver the question on again, and has not. */
  repeats: number
}

/** Whether this very request came before: a copy that was made on the way. */
function hasRequest({ waiting, delivered }: Question, { id }: AskedQuestion): boolean {
  return [...waiting, ...delivered].some((asked) => asked.id === id)
}

/** Whether the server may deliver the question again, for want of its answer. */
function mayBeRepeated({ delivered, repeats }: Question): boolean {
  if (delivered.some(({ delivery }) => delivery === 'arrived')) return false
  return repeats > 0 || !delivered.some(({ delivery }) => delivery === 'sending')
}
