import { LongcallError, type TaskQuestion } from '@longcall/core'
import type { QuestionContext } from '../handlers/handlers.ts'

/**
 * What a task asked, and what became of each question. Each reaches the user once.
 *
 * - `open`: known, and nobody was asked.
 * - `asking`: the handler has it.
 * - `answered`: there is an answer, on its way or delivered; it may be sent again, the question is never put again.
 * - `failed`: the handler threw, and the server could not be told; it can still be answered by hand.
 *
 * `open → asking` while somebody waits for the task. `open | asking | failed → answered` by the handler or by hand,
 * whichever is first. A question that the server withdraws is forgotten, except that an answered key stays known.
 */
export class QuestionLedger {
  readonly #port: LedgerPort
  readonly #entries = new Map<string, Entry>()
  #attended = false
  #closed = false

  constructor(port: LedgerPort) {
    this.#port = port
  }

  /** The questions that wait for an answer. */
  unanswered(): readonly TaskQuestion[] {
    return [...this.#entries.values()].filter((entry) => entry.state !== 'answered').map((entry) => entry.question)
  }

  /** The questions that nobody will answer unless by hand: without a handler, or with what the handler threw. */
  eachStuck(tell: (question: TaskQuestion, cause: unknown) => void): void {
    for (const entry of this.#entries.values()) {
      if (entry.state === 'failed') tell(entry.question, entry.cause)
      else if (entry.state === 'open' && !this.#port.canAnswer(entry.question)) tell(entry.question, undefined)
    }
  }

  /** Whether handlers may be run: while somebody waits for the task. */
  attend(attended: boolean): void {
    this.#attended = attended
    if (!attended) return
    this.eachStuck((question, cause) => this.#port.unanswerable(question, cause))
    for (const entry of this.#entries.values()) if (this.#port.canAnswer(entry.question)) this.#ask(entry)
  }

  /** The server asks, perhaps not for the first time. */
  asked(question: TaskQuestion): void {
    if (this.#closed || this.#entries.has(question.key)) return
    const entry: Entry = { question, state: 'open', abort: new AbortController(), cause: undefined }
    this.#entries.set(question.key, entry)
    this.#ask(entry)
  }

  /** The server does not ask any more. */
  withdrawn(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.state === 'answered') return
    this.#entries.delete(key)
    entry.abort.abort(new Error('the server withdrew the question'))
  }

  /**
   * Answers a question by hand.
   *
   * @throws {LongcallError} Thrown, code `unknown_question`, when no question with that key waits for an answer.
   */
  async answer(key: string, answer: object): Promise<void> {
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.state === 'answered') {
      const open = this.unanswered().map((question) => question.key)
      throw new LongcallError(
        'unknown_question',
        `${this.#port.name}: no question ${JSON.stringify(key)} waits for an answer; ${open.length === 0 ? 'none does' : `these do: ${open.join(', ')}`}.`,
      )
    }
    entry.state = 'answered'
    entry.abort.abort(new Error('the question was answered otherwise'))
    await this.#port.deliver(entry.question, answer)
  }

  /** No answer is wanted any more: the task was cancelled, or ended. */
  close(reason: Error): void {
    for (const entry of this.#entries.values()) if (entry.state !== 'answered') entry.abort.abort(reason)
    this.#entries.clear()
    this.#closed = true
  }

  #ask(entry: Entry): void {
    if (!this.#attended || entry.state !== 'open') return
    if (!this.#port.canAnswer(entry.question)) return this.#port.unanswerable(entry.question, undefined)
    entry.state = 'asking'
    void this.#run(entry)
  }

  async #run(entry: Entry): Promise<void> {
    const { question, abort } = entry
    // Whoever follows the task is to see that it asks before the person is asked.
    await new Promise((resolve) => setImmediate(resolve))
    if (entry.state !== 'asking' || abort.signal.aborted) return
    let answer: object
    try {
      answer = await this.#port.ask(question, { taskId: this.#port.taskId, key: question.key, signal: abort.signal })
    } catch (error) {
      if (entry.state !== 'asking' || abort.signal.aborted) return
      entry.cause = error
      entry.state = 'failed'
      if (await this.#port.handlerFailed(question, error)) entry.state = 'answered'
      return
    }
    // Answered by hand, withdrawn or cancelled in the meantime: the first word counts.
    if (entry.state !== 'asking' || abort.signal.aborted) return
    entry.state = 'answered'
    await this.#port.deliver(question, answer)
  }
}

/** What the ledger needs. None of these rejects, but for `ask`. */
export interface LedgerPort {
  readonly taskId: string
  /** Reads as the beginning of a sentence. */
  readonly name: string
  canAnswer(question: TaskQuestion): boolean
  ask(question: TaskQuestion, context: QuestionContext): Promise<object>
  /** Brings the answer to the server. */
  deliver(question: TaskQuestion, answer: object): Promise<void>
  /** A question is there that no handler will answer: there is none, or it threw `cause`. */
  unanswerable(question: TaskQuestion, cause: unknown): void
  /** The handler threw. True when the server was told and does not wait any more. */
  handlerFailed(question: TaskQuestion, error: unknown): Promise<boolean>
}

interface Entry {
  readonly question: TaskQuestion
  state: 'open' | 'asking' | 'answered' | 'failed'
  readonly abort: AbortController
  /** What the handler threw. */
  cause: unknown
}
