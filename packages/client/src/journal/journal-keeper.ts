import { toJsonObject, type JsonObject, type TaskQuestion } from '@longcall/core'
import type { QuestionClaim, QuestionIdentity, TaskKeeper } from '../tasks/task-keeper.ts'
import { printOf } from '../tasks/question-print.ts'
import type { TaskEnding } from '../tasks/task-source.ts'
import type { CallBook } from './call-book.ts'
import type { KeptQuestion, Questions } from './entry.ts'
import type { Move } from './moves.ts'
import { slotOf } from './slots.ts'

/**
 * Keeps one task in the journal.
 *
 * A question is put down as shown before anybody sees it, and its answer before it is sent. While another client that is
 * alive shows it, this one waits for that one's answer; when that one dies, it is shown here.
 */
export class JournalKeeper implements TaskKeeper {
  readonly id: string
  readonly #book: CallBook
  readonly #over: () => void
  /** Which slot each question has that is known here, by the key that it has here. */
  readonly #slots = new Map<string, string>()
  #isAcknowledged = false

  /** `over` is called when nothing needs to be kept any more. */
  constructor(id: string, book: CallBook, over: () => void) {
    this.id = id
    this.#book = book
    this.#over = over
  }

  async claim(question: TaskQuestion, identity: QuestionIdentity, signal: AbortSignal): Promise<QuestionClaim> {
    const { presence } = this.#book
    const print = printOf(question)
    for (;;) {
      const living = await presence.living()
      let slot = ''
      const entry = await this.#book.edit(this.id, (found) => {
        if (found.state !== 'running') return undefined
        slot = this.#slotOf(question, identity, print, found.questions, living)
        const isElsewhere = isShownElsewhere(found.questions[slot], print, presence.name, living)
        return isElsewhere ? undefined : { kind: 'shown', slot, print, by: presence.name }
      })
      // It ended, or was forgotten by somebody: whoever follows the task will hear of it, and asks as ever.
      if (entry?.state !== 'running') return { kind: 'ask' }
      this.#slots.set(question.key, slot)
      const kept = entry.questions[slot]
      if (kept !== undefined && kept.state !== 'shown') return { kind: 'answered', answer: kept.answer }
      if (kept?.by === presence.name) return { kind: 'ask' }
      await this.#book.untilChanged(signal)
    }
  }

  onAnswered({ key }: TaskQuestion, found: (answer: object) => void): () => void {
    const over = new AbortController()
    void this.#lookOut(key, over.signal).then((answer) => {
      if (answer !== undefined && !over.signal.aborted) found(answer)
    })
    return () => over.abort(new Error('the question was answered here'))
  }

  async answered(question: TaskQuestion, identity: QuestionIdentity, answer: object): Promise<object> {
    try {
      const print = printOf(question)
      const json = toJsonObject(answer, 'the answer to a question')
      let slot = ''
      const entry = await this.#book.edit(this.id, (found) => {
        if (found.state !== 'running') return undefined
        slot = this.#slotOf(question, identity, print, found.questions)
        return { kind: 'answered', slot, print, answer: json }
      })
      this.#slots.set(question.key, slot)
      const kept = entry?.state === 'running' ? entry.questions[slot] : undefined
      return kept !== undefined && kept.state !== 'shown' ? kept.answer : answer
    } catch (error) {
      // A person gave it: to lose it would be worse than to be asked again after a crash.
      this.#book.report(error)
      return answer
    }
  }

  delivered(key: string): void {
    const slot = this.#slots.get(key)
    if (slot !== undefined)
      this.#note({ kind: 'delivered', slot, by: this.#book.presence.name, atMs: this.#book.now() })
  }

  released(key: string): void {
    const slot = this.#slots.get(key)
    if (slot !== undefined) this.#note({ kind: 'released', slot, by: this.#book.presence.name })
  }

  async ended(ending: TaskEnding): Promise<void> {
    if (this.#isAcknowledged) return
    try {
      const json = toJsonObject(ending, 'the outcome of a task') as unknown as TaskEnding
      await this.#book.edit(this.id, () => ({ kind: 'ended', ending: json }))
    } catch (error) {
      // The server has it still, for as long as it said.
      this.#book.report(error)
    }
  }

  acknowledged(): void {
    if (this.#isAcknowledged) return
    this.#isAcknowledged = true
    this.#over()
    this.#book.later(async () => {
      // Who was given the outcome does something with it first.
      await new Promise((resolve) => setImmediate(resolve))
      await this.#book.remove(this.id)
    })
  }

  /** Whether the outcome is to be given here: no other client has taken the task since, or had its outcome. */
  async isOurs(): Promise<boolean> {
    if (this.#isAcknowledged) return true
    try {
      return (await this.#book.get(this.id))?.holder === this.#book.presence.name
    } catch (error) {
      // To be given twice is better than never.
      this.#book.report(error)
      return true
    }
  }

  letGo(): void {
    if (!this.#isAcknowledged) this.#note({ kind: 'letGo', by: this.#book.presence.name })
  }

  #note(move: Move): void {
    this.#book.later(() => this.#book.edit(this.id, () => move))
  }

  /** The slot of a question keeps to it for as long as it is the same question. */
  #slotOf(
    { key }: TaskQuestion,
    identity: QuestionIdentity,
    print: string,
    questions: Questions,
    living: ReadonlySet<string> = new Set(),
  ): string {
    const known = this.#slots.get(key)
    if (known !== undefined) return known
    return slotOf(questions, {
      key,
      print,
      identity,
      taken: new Set(this.#slots.values()),
      others: this.#othersOf(living),
    })
  }

  #othersOf(living: ReadonlySet<string>): ReadonlySet<string> {
    return new Set([...living].filter((name) => name !== this.#book.presence.name))
  }

  /** The answer that another client gave; nothing when the entry is gone, or nobody needs it any more. */
  async #lookOut(key: string, signal: AbortSignal): Promise<JsonObject | undefined> {
    while (!signal.aborted && !this.#book.closed.aborted) {
      try {
        await this.#book.untilChanged(signal)
        const entry = await this.#book.get(this.id)
        if (entry?.state !== 'running') return undefined
        const kept = entry.questions[this.#slots.get(key) ?? '']
        if (kept !== undefined && kept.state !== 'shown') return kept.answer
      } catch {
        // Whoever answers hears what is the matter with the journal.
        if (signal.aborted) return undefined
      }
    }
    return undefined
  }
}

function isShownElsewhere(
  kept: KeptQuestion | undefined,
  print: string,
  me: string,
  living: ReadonlySet<string>,
): boolean {
  return kept?.state === 'shown' && kept.print === print && kept.by !== me && living.has(kept.by)
}
