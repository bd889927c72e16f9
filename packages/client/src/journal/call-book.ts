import { setMaxListeners } from 'node:events'
import { JournalError, toJsonObject, type Clock, type Journal } from '@longcall/core'
import { readEntry, type Entry } from './entry.ts'
import { moved, type Move } from './moves.ts'
import { Presence } from './presence.ts'

/** How often whoever waits for a change looks without having been told, in milliseconds. A client that dies tells nobody. */
const lookEveryMs = 2000

/** The entries of one server and principal in a journal, as one client reads and changes them. */
export class CallBook {
  readonly presence: Presence
  readonly report: (error: unknown) => void
  readonly #journal: Journal
  readonly #scope: string
  readonly #clock: Clock
  readonly #pending = new Set<Promise<unknown>>()
  readonly #closing = new AbortController()

  constructor({ journal, scope, clock, report }: BookOptions) {
    this.presence = new Presence(journal, clock, report)
    this.report = report
    this.#journal = journal
    this.#scope = scope
    this.#clock = clock
    // As many wait as there are questions that others show.
    setMaxListeners(0, this.closed)
  }

  /** For messages. */
  get name(): string {
    return this.#journal.name
  }

  now(): number {
    return this.#clock.now()
  }

  async get(id: string): Promise<Entry | undefined> {
    const content = await this.#journal.get({ scope: this.#scope, id })
    return content === undefined ? undefined : readEntry(content, id)
  }

  /** All entries, the oldest first. One that cannot be read is reported, and left out. */
  async list(): Promise<readonly BookEntry[]> {
    const found: BookEntry[] = []
    for (const { id, content } of await this.#journal.list(this.#scope)) {
      try {
        found.push({ id, entry: readEntry(content, id) })
      } catch (error) {
        this.report(error)
      }
    }
    return found.toSorted((a, b) => a.entry.startedAtMs - b.entry.startedAtMs)
  }

  /** Begins an entry. */
  async begin(id: string, entry: Entry): Promise<void> {
    const content = toJsonObject(entry, 'an entry of the journal')
    await this.#journal.edit({ scope: this.#scope, id }, (found) => found ?? content)
  }

  /** Makes the move that `decide` gives, if any; gives the entry as it is then. `decide` may be called several times. */
  async edit(id: string, decide: (entry: Entry) => Move | undefined): Promise<Entry | undefined> {
    const content = await this.#journal.edit({ scope: this.#scope, id }, (found) => {
      if (found === undefined) return undefined
      const entry = readEntry(found, id)
      const move = decide(entry)
      const next = move === undefined ? entry : moved(entry, move)
      return next === entry ? found : toJsonObject(next, 'an entry of the journal')
    })
    return content === undefined ? undefined : readEntry(content, id)
  }

  async remove(id: string): Promise<void> {
    await this.#journal.edit({ scope: this.#scope, id }, () => undefined)
  }

  /** The same, unless it has changed hands. False when it has, or is not there. */
  async removeFrom(holder: string | null, id: string): Promise<boolean> {
    let isRemoved = false
    await this.#journal.edit({ scope: this.#scope, id }, (found) => {
      isRemoved = found !== undefined && readEntry(found, id).holder === holder
      return isRemoved ? undefined : found
    })
    return isRemoved
  }

  /** Does what nobody waits for; what fails is reported. */
  later(work: () => Promise<unknown>): void {
    const pending = work()
      .catch((error: unknown) => this.report(error))
      .finally(() => this.#pending.delete(pending))
    this.#pending.add(pending)
  }

  /** Until all is done that nobody waited for. */
  async drained(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending)
  }

  /** Aborts when this client is gone. */
  get closed(): AbortSignal {
    return this.#closing.signal
  }

  /**
   * This client is gone: nobody waits for anything any more. Resolves once all is kept that was put down, or the journal was
   * silent for so long that it may never answer.
   */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the client was closed'))
    const over = new AbortController()
    const ended = this.drained().then(async () => this.presence.end().catch(this.report))
    const late = this.#clock.sleep(closeMs, over.signal).then(() => this.report(silent(this.name)))
    await Promise.race([ended, late])
    late.catch(() => {})
    over.abort(new Error('closed'))
  }

  /** Until something may have changed; rejects when the signal aborts, and when this client is gone. */
  async untilChanged(signal: AbortSignal): Promise<void> {
    const over = new AbortController()
    const stop = (): void => over.abort(signal.aborted ? signal.reason : this.closed.reason)
    for (const end of [signal, this.closed]) end.addEventListener('abort', stop, { once: true })
    let unwatch: (() => void) | undefined
    const hint = new Promise<void>((resolve) => {
      try {
        unwatch = this.#journal.watch(this.#scope, resolve)
      } catch (error) {
        // It is looked at all the same.
        this.report(error)
      }
    })
    try {
      if (signal.aborted || this.closed.aborted) stop()
      await Promise.race([hint, this.#clock.sleep(lookEveryMs, over.signal)])
    } finally {
      unwatch?.()
      for (const end of [signal, this.closed]) end.removeEventListener('abort', stop)
      over.abort(new Error('looked'))
    }
  }
}

/** How long a client that closes waits for its journal, in milliseconds. */
const closeMs = 10_000

function silent(journal: string): JournalError {
  const what = `The journal ${journal} did not answer for ${closeMs / 1000} seconds, so the client was closed without it`
  return new JournalError('journal_failed', `${what}. What it was to keep last may be lost.`)
}

/** An entry, and its id in the journal. */
export interface BookEntry {
  readonly id: string
  readonly entry: Entry
}

/** What a {@link CallBook} needs of its client. */
export interface BookOptions {
  readonly journal: Journal
  /** Names one server and principal. */
  readonly scope: string
  readonly clock: Clock
  readonly report: (error: unknown) => void
}
