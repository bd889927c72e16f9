import { RpcError } from '../errors/rpc-error.ts'
import { LeaseLostError, QuestionTimeoutError } from '../errors/runtime-errors.ts'
import { toJsonObject, type JsonObject } from '../json/json.ts'
import type { QuestionAnswer, QuestionRecord, TaskRecord } from '../store/task-record.ts'
import type { WriteAck, WriteGuard } from '../store/task-store.ts'
import { isTerminal } from '../task/task-status.ts'
import { assertName } from './assert-name.ts'
import { linkSignals } from './linked-signals.ts'
import { patiently } from './patiently.ts'
import { findQuestion, questionIdentity, QuestionKeys } from './question-keys.ts'
import { assertCanAnswer } from './question-support.ts'
import type { AskOptions, Question } from './task-body.ts'
import type { ExecutionHost } from './task-execution.ts'
import { until } from './until.ts'

/** In whose name questions are asked. */
export interface Asking {
  readonly task: TaskRecord
  readonly guard: WriteGuard
  readonly signal: AbortSignal
  /** Waits for a person: the body's place may go to another meanwhile. */
  wait<T>(wait: () => Promise<T>): Promise<T>
  /** The task is not this one's to write any more. */
  lost(): void
}

/** Asks the questions of one run of a body, or of somebody outside, and waits for their answers. */
export class QuestionAsker {
  readonly #asking: Asking
  readonly #host: ExecutionHost
  readonly #keys = new QuestionKeys()
  /** Questions go to the store one after another, in the order in which they were asked. */
  #placed: Promise<unknown> = Promise.resolve()

  constructor(asking: Asking, host: ExecutionHost) {
    this.#asking = asking
    this.#host = host
  }

  async ask(question: Question, { signal, timeoutMs }: AskOptions = {}): Promise<JsonObject> {
    const { task } = this.#asking
    this.#asking.signal.throwIfAborted()
    assertName(question.key ?? '', 'The key of a question')
    assertCanAnswer(question, task.request.capabilities)
    const params = toJsonObject(question.params, `the params of ${question.method}`, this.#host.limits.maxQuestionBytes)
    const asked = { ...question, params }
    const name = this.#keys.name(asked)
    const placing = this.#placed.then(() => this.#ensureAsked(name, asked))
    this.#placed = placing.catch(() => {})
    const answer = await this.#answerTo(await placing, signal, timeoutMs)
    if (answer.kind === 'result') return answer.result
    const { code, message, data } = answer.error
    throw new RpcError(code, message, data)
  }

  /** Resolves when every question that was asked by now is in the store. */
  async placed(): Promise<void> {
    await this.#placed
  }

  /** The key under which the question stands in the store, asked now or before, by this one or another. */
  async #ensureAsked(name: string, question: Question): Promise<string> {
    const { store } = this.#host
    const { task, guard, signal } = this.#asking
    const { method, params } = question
    const identity = questionIdentity(question)
    for (let seen = await this.#patiently(() => store.get(task.id)); ;) {
      signal.throwIfAborted()
      if (seen === undefined || isTerminal(seen.status)) throw this.#lost()
      const found = findQuestion(name, identity, seen.questions)
      if ('same' in found) return found.same.key
      const { key, stale } = found
      if (stale.length > 0) this.#check(await this.#patiently(() => store.withdraw(task.id, stale, guard)))
      const written = await this.#patiently(() => store.ask(task.id, { key, identity, method, params }, guard))
      if (written.kind === 'written') {
        this.#host.emit(written.task, { kind: 'asked', key })
        return key
      }
      // Its key was used in between, by a write of our own that seemed to fail or by somebody else; else it is not ours.
      const isUsed = written.kind === 'refused' && written.task.questions.some((each) => each.key === key)
      if (!isUsed) throw this.#lost()
      seen = written.kind === 'refused' ? written.task : undefined
    }
  }

  async #answerTo(key: string, given: AbortSignal | undefined, timeoutMs = Infinity): Promise<QuestionAnswer> {
    const { task, guard, signal } = this.#asking
    const { clock, store } = this.#host
    const stop = linkSignals(given === undefined ? [signal] : [signal, given])
    if (timeoutMs !== Infinity) {
      clock.sleep(timeoutMs, stop.signal, { background: true }).then(
        () => stop.abort(new QuestionTimeoutError(task.id, key, timeoutMs)),
        () => {},
      )
    }
    const settled = (now: TaskRecord | undefined): QuestionRecord | 'gone' | undefined => {
      const question = now?.questions.find((each) => each.key === key)
      return question === undefined ? 'gone' : question.state === 'open' ? undefined : question
    }
    try {
      const question = await this.#asking.wait(() => until(this.#host, task.id, settled, { signal: stop.signal }))
      if (question !== 'gone' && question.state === 'answered') return question.answer
      throw this.#lost()
    } catch (error) {
      if (!signal.aborted) this.#check(await this.#patiently(() => store.withdraw(task.id, [key], guard)))
      throw error
    } finally {
      stop.abort()
      stop.unlink()
    }
  }

  #patiently<T>(call: () => Promise<T>): Promise<T> {
    return patiently(call, this.#host.clock, this.#asking.signal)
  }

  /** A refused write says that the task is no longer this one's. */
  #check({ kind }: WriteAck): void {
    if (kind !== 'written') this.#asking.lost()
  }

  #lost(): LeaseLostError {
    this.#asking.lost()
    return new LeaseLostError(this.#asking.task.id, this.#asking.task.tool)
  }
}
