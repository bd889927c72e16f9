import type { Clock, Journal } from '@longcall/core'
import { isDead, processName } from '@longcall/core/backend'

/** How long a client is taken for alive after it was last heard of, in milliseconds. */
const leaseMs = 12_000
/** How often a client says that it is there. */
const beatMs = 4000
/** When the trace of a client is deleted that was not heard of, and whose process is not known to be dead. */
const forgottenMs = 86_400_000

/**
 * Says in a journal that this client is there, and knows which others are: what a dead one had in hand, others may take.
 *
 * One is dead when it said that it leaves, when its process is known to be gone, and when it was not heard of for twelve
 * seconds, by the clock on the wall.
 */
export class Presence {
  /** Unguessable, and new with each connection. */
  readonly name: string = crypto.randomUUID()
  readonly #journal: Journal
  readonly #clock: Clock
  readonly #report: (error: unknown) => void
  readonly #over = new AbortController()
  readonly #process = processName()
  #begun: Promise<void> | undefined
  #going: Promise<void> | undefined

  constructor(journal: Journal, clock: Clock, report: (error: unknown) => void) {
    this.#journal = journal
    this.#clock = clock
    this.#report = report
  }

  /** Is there from now on; resolves when others can see it. */
  begin(): Promise<void> {
    this.#begun ??= this.#beat().then(
      () => {
        this.#going = this.#goOn()
      },
      (error: unknown) => {
        this.#begun = undefined
        throw error
      },
    )
    return this.#begun
  }

  /** The names of the clients that are there, this one among them. */
  async living(): Promise<ReadonlySet<string>> {
    const now = this.#clock.now()
    const living = new Set([this.name])
    for (const { name, process, untilMs } of await this.#journal.holders()) {
      const isGone = process !== this.#process && isDead(process)
      if (untilMs > now && !isGone) living.add(name)
      // A program that dies often would leave so many that all who look are slow.
      else if (isGone || untilMs < now - forgottenMs) await this.#journal.leave(name)
    }
    return living
  }

  /** Is gone: others may take what it had, at once. */
  async end(): Promise<void> {
    this.#over.abort(new Error('the client was closed'))
    if (this.#begun === undefined) return
    await this.#begun.catch(() => {})
    // A word that is under way would come after the last.
    await this.#going
    await this.#journal.leave(this.name)
  }

  async #goOn(): Promise<void> {
    const { signal } = this.#over
    for (;;) {
      await this.#clock.sleep(beatMs, signal, { background: true }).catch(() => {})
      if (signal.aborted) return
      await this.#beat().catch(this.#report)
    }
  }

  #beat(): Promise<void> {
    return this.#journal.beat({ name: this.name, process: this.#process, untilMs: this.#clock.now() + leaseMs })
  }
}
