import { LongcallError, type TaskQuestion } from '@longcall/core'
import { InvalidOptionError } from '../errors/usage-errors.ts'
import type { QuestionContext } from '../handlers/handlers.ts'
import type { QuestionClaim, QuestionIdentity, TaskKeeper } from './task-keeper.ts'

/**
 * What a task asked, and what became of each question. Each reaches the user once.
 *
 * - `open`: known, and nobody was asked.
 * - `asking`: the handler has it, or that of another process that shares the journal.
 * - `answered`: the answer is on its way or delivered; the question is never put again.
 * - `undelivered`: there is an answer that did not get through; it is sent again when somebody waits.
 * - `failed`: the handler threw, and the server could not be told.
 * - `dismissed`: the task was cancelled while it waited for the answer.
 *
 * `open → asking` while somebody waits for the task; `asking → answered | failed` by the handler; from everything but
 * `answered` to `answered` by hand, whichever is first; `answered → undelivered → answered`. A question that the server
 * withdraws is forgotten, except that an answered key stays known.
 */
export class QuestionLedger {
  readonly #port: LedgerPort
  readonly #entries = new Map<string, Entry>()
  /** How many questions were put to a handler. */
  #put = 0
  #attended = false
  #closed = false

  constructor(port: LedgerPort) {
    this.#port = port
  }

  /** The questions that wait for an answer. */
  unanswered(): readonly TaskQuestion[] {
    return [...this.#entries.values()].filter(({ state }) => state.kind !== 'answered').map(({ question }) => question)
  }

  /** Whether a handler has a question right now. */
  get isAsking(): boolean {
    return [...this.#entries.values()].some(({ state }) => state.kind === 'asking')
  }

  /** The questions that are in the way, each with why. */
  eachStuck(tell: (question: TaskQuestion, why: Stuck) => void): void {
    for (const { question, state } of this.#entries.values()) {
      if (state.kind === 'failed') tell(question, { kind: 'handler_failed', cause: state.cause })
      else if (state.kind === 'open' && !this.#port.canAnswer(question)) tell(question, { kind: 'no_handler' })
    }
  }

  /** Whether handlers may be run: while somebody waits for the task. */
  attend(attended: boolean): void {
    this.#attended = attended
    if (!attended) return
    this.eachStuck((question, why) => this.#port.stuck(question, why))
    for (const entry of this.#entries.values()) {
      if (entry.state.kind === 'undelivered') this.#deliverOrTell(entry, entry.state.answer)
      else this.#ask(entry)
    }
  }

  /** The server asks, perhaps not for the first time. */
  asked(question: TaskQuestion, identity: QuestionIdentity): void {
    if (this.#closed || this.#entries.has(question.key)) return
    const entry: Entry = { question, identity, state: { kind: 'open' }, abort: new AbortController() }
    this.#entries.set(question.key, entry)
    if (!this.#attended) return
    if (this.#port.canAnswer(question)) this.#ask(entry)
    else this.#port.stuck(question, { kind: 'no_handler' })
  }

  /** The server does not ask any more. */
  withdrawn(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.state.kind === 'answered') return
    this.#entries.delete(key)
    entry.abort.abort(new Error('the server withdrew the question'))
  }

  /**
   * Answers a question by hand, and resolves once the answer is delivered.
   *
   * @throws {LongcallError} Thrown, code `unknown_question`, when no question with that key waits for an answer.
   */
  async answer(key: string, answer: object): Promise<void> {
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.state.kind === 'answered') throw this.#unknown(key)
    if (typeof answer !== 'object' || answer === null) {
      throw new InvalidOptionError('answer', answer, 'an object, as a handler would return it')
    }
    entry.abort.abort(new Error('the question was answered otherwise'))
    await this.#deliver(entry, answer)
  }

  /** The task was cancelled: no handler is to go on. Should it live on, what it asks anew is asked as ever. */
  dismiss(reason: Error): void {
    for (const entry of this.#entries.values()) {
      if (entry.state.kind === 'answered') continue
      entry.state = { kind: 'dismissed' }
      entry.abort.abort(reason)
    }
  }

  /** The task ended: no answer is wanted any more. */
  close(reason: Error): void {
    this.dismiss(reason)
    this.#entries.clear()
    this.#closed = true
  }

  #ask(entry: Entry): void {
    if (entry.state.kind !== 'open' || !this.#port.canAnswer(entry.question)) return
    const asking = [...this.#entries.values()].filter(({ state }) => state.kind === 'asking').length
    if (asking >= maxAsking || this.#put >= maxPut) {
      const cause = new Error(`it asked too much: ${asking} questions at once, ${this.#put} in all`)
      entry.state = { kind: 'failed', cause }
      return this.#port.stuck(entry.question, { kind: 'handler_failed', cause })
    }
    this.#put += 1
    entry.state = { kind: 'asking' }
    void this.#run(entry)
  }

  async #run(entry: Entry): Promise<void> {
    const { question, abort } = entry
    // Whoever follows the task is to see that it asks before the person is asked.
    await new Promise((resolve) => setImmediate(resolve))
    // Answered by hand, withdrawn or cancelled in the meantime: the first word counts, here and below.
    if (abort.signal.aborted) return
    const claim = await this.#claim(entry)
    if (abort.signal.aborted || claim === undefined) return
    if (claim.kind === 'answered') return this.#deliverOrTell(entry, claim.answer)
    const stopListening = this.#port.keeper.onAnswered(question, (answer) => this.#answeredElsewhere(entry, answer))
    let answer: object
    try {
      answer = await this.#port.ask(question, { taskId: this.#port.taskId, key: question.key, signal: abort.signal })
    } catch (error) {
      if (abort.signal.aborted) return
      this.#port.keeper.released(question.key)
      const isTold = await this.#port.handlerFailed(question, error)
      if (abort.signal.aborted) return
      entry.state = isTold ? { kind: 'answered' } : { kind: 'failed', cause: error }
      if (!isTold && this.#attended) this.#port.stuck(question, { kind: 'handler_failed', cause: error })
      return
    } finally {
      stopListening()
    }
    if (!abort.signal.aborted) this.#deliverOrTell(entry, answer)
  }

  /** Whether the question may be shown here, or has an answer. Where that cannot be told, whoever waits is told. */
  async #claim(entry: Entry): Promise<QuestionClaim | undefined> {
    try {
      return await this.#port.keeper.claim(entry.question, entry.identity, entry.abort.signal)
    } catch (cause) {
      if (entry.abort.signal.aborted) return undefined
      // It was not shown: the next who waits may try again.
      entry.state = { kind: 'open' }
      if (this.#attended) this.#port.stuck(entry.question, { kind: 'unkept', cause })
      return undefined
    }
  }

  /** Somebody in another process was faster: their answer counts. */
  #answeredElsewhere(entry: Entry, answer: object): void {
    if (entry.state.kind !== 'asking') return
    entry.abort.abort(new Error('another process answered the question'))
    this.#deliverOrTell(entry, answer)
  }

  #deliverOrTell(entry: Entry, answer: object): void {
    this.#deliver(entry, answer).catch((cause: unknown) => {
      if (this.#attended) this.#port.stuck(entry.question, { kind: 'undelivered', cause })
    })
  }

  async #deliver(entry: Entry, answer: object): Promise<void> {
    entry.state = { kind: 'answered' }
    const { question, identity } = entry
    const counting = await this.#port.keeper.answered(question, identity, answer)
    try {
      await this.#port.deliver(question, counting)
    } catch (error) {
      entry.state = { kind: 'undelivered', answer: counting }
      throw error
    }
  }

  #unknown(key: string): LongcallError {
    const open = this.unanswered().map((question) => question.key)
    const which = open.length === 0 ? 'none does' : `these do: ${open.join(', ')}`
    return new LongcallError(
      'unknown_question',
      `${this.#port.name}: no question ${JSON.stringify(key)} waits for an answer; ${which}.`,
    )
  }
}

/** No person, and no budget for a model, is without end: past these a task's questions are answered by hand alone. */
const maxAsking = 100
const maxPut = 1000

/** Why a question is in the way of whoever waits for the task. */
export type Stuck =
  /** There is no handler for it. */
  | { readonly kind: 'no_handler' }
  /** The handler threw, and the generation has no words to tell the server. */
  | { readonly kind: 'handler_failed'; readonly cause: unknown }
  /** The answer could not be brought to the server. */
  | { readonly kind: 'undelivered'; readonly cause: unknown }
  /** The journal could not be told that it is shown, so it was not. */
  | { readonly kind: 'unkept'; readonly cause: unknown }

/** What the ledger needs. */
export interface LedgerPort {
  readonly taskId: string
  /** Reads as the beginning of a sentence. */
  readonly name: string
  readonly keeper: TaskKeeper
  canAnswer(question: TaskQuestion): boolean
  /** Has the handler answer; rejects with what it threw. */
  ask(question: TaskQuestion, context: QuestionContext): Promise<object>
  /** Brings the answer to the server; rejects when it could not be. */
  deliver(question: TaskQuestion, answer: object): Promise<void>
  /** The handler threw. True when the server was told, and does not wait any more. Never rejects. */
  handlerFailed(question: TaskQuestion, error: unknown): Promise<boolean>
  /** A question is in the way of whoever waits. */
  stuck(question: TaskQuestion, why: Stuck): void
}

interface Entry {
  readonly question: TaskQuestion
  readonly identity: QuestionIdentity
  /** Aborts when the handler's answer is not wanted any more. */
  readonly abort: AbortController
  state: EntryState
}

type EntryState =
  | { readonly kind: 'open' | 'asking' | 'answered' | 'dismissed' }
  | { readonly kind: 'undelivered'; readonly answer: object }
  | { readonly kind: 'failed'; readonly cause: unknown }
