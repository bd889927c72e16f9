/** What one client saw of one task, and what it did; it knows at once when it sees what must never be. */
import { isDeepStrictEqual } from 'node:util'
import { briefMs } from './server/tools.mjs'
import type { Plan } from './server/tools.mjs'

/** How a task was started. */
export interface Errand {
  readonly tool: 'patient' | 'thrice' | 'once' | 'brief' | 'poison'
  readonly plan: Plan
}

/** How a task ended. */
export interface Ending {
  readonly status: string
  readonly statusMessage?: string | undefined
  /** When it was written last. */
  readonly updatedAt: string | undefined
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string } | undefined
}

/** What a client was asked. */
interface Asked {
  readonly keys: Set<string>
  /** What it answered, as often as it was asked. */
  readonly answers: string[]
  /** Whether the server said that it has an answer. */
  isAcknowledged: boolean
}

/** A task whose id has reached its client. */
export class TaskLedger {
  readonly id: string
  readonly errand: Errand
  readonly questions = new Map<string, Asked>()
  readonly #violations: string[]
  readonly #startedAtMs: number
  ending: Ending | undefined
  /** The server does not know it any more. */
  isGone = false
  wasCancelSent = false
  /** The server said that it is cancelled, or has ended. */
  isCancelAcknowledged = false

  /** @param startedAtMs A moment before it was asked for. */
  constructor(id: string, errand: Errand, startedAtMs: number, violations: string[]) {
    this.id = id
    this.errand = errand
    this.#startedAtMs = startedAtMs
    this.#violations = violations
  }

  /** What it is called when something is wrong with it. */
  get name(): string {
    const { tool, plan } = this.errand
    return `${tool} ${plan.label} on ${plan.wire} (${this.id})`
  }

  get isOver(): boolean {
    return this.ending !== undefined || this.isGone
  }

  /** Something was seen that must never be. */
  report(what: string): void {
    this.#violations.push(`${this.name}: ${what}`)
  }

  /**
   * It was open.
   *
   * @param askedAfter What the client knew when it asked.
   */
  sawOpen(askedAfter: Known): void {
    if (askedAfter.wasOver) this.report('it had ended, and is open')
    if (askedAfter.wasCancelAcknowledged) this.report('its cancellation was acknowledged, and it is open')
  }

  sawEnding(ending: Ending): void {
    if (this.isGone) this.report('it was gone, and is there')
    const before = this.ending
    if (before !== undefined && !isDeepStrictEqual(before, ending)) {
      this.report(`it ended ${JSON.stringify(before)}, then ${JSON.stringify(ending)}`)
    }
    this.ending ??= ending
  }

  sawGone(): void {
    const isForgotten = this.errand.tool === 'brief' && Date.now() >= this.#startedAtMs + briefMs
    if (!isForgotten) this.report('it is gone')
    this.isGone = true
  }

  /** A question came; what is to be answered. */
  sawQuestion(words: string, key: string): string {
    const asked = this.questions.get(words) ?? { keys: new Set(), answers: [], isAcknowledged: false }
    this.questions.set(words, asked)
    if (asked.isAcknowledged) this.report(`"${words}" was answered, and is asked again`)
    asked.keys.add(key)
    for (const [others, { keys }] of this.questions) {
      if (others !== words && keys.has(key)) this.report(`"${words}" has the key of "${others}", ${key}`)
    }
    const answer = `answer ${asked.answers.length} to ${words}`
    asked.answers.push(answer)
    return answer
  }

  answered(words: string): void {
    const asked = this.questions.get(words)
    if (asked !== undefined) asked.isAcknowledged = true
  }

  /** What is known now: an answer to what is asked after this must know it, too. */
  get known(): Known {
    return { wasOver: this.isOver, wasCancelAcknowledged: this.isCancelAcknowledged }
  }
}

/** What a client knew at some moment. */
export interface Known {
  readonly wasOver: boolean
  readonly wasCancelAcknowledged: boolean
}
