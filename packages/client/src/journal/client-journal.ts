import { JournalError } from '@longcall/core'
import { saidBy } from '../errors/clip.ts'
import { nameOperation, type Operation } from '../tasks/operation.ts'
import type { CallJournal, CallNote } from '../tasks/call-journal.ts'
import { keepsNothing, type TaskKeeper } from '../tasks/task-keeper.ts'
import { CallBook, type BookEntry, type BookOptions } from './call-book.ts'
import type { EndedEntry, Entry, RunningEntry } from './entry.ts'
import { JournalKeeper } from './journal-keeper.ts'
import { LateKeeper } from './late-keeper.ts'

/**
 * The journal of one connection: a call is put down before it is sent, and its reference before anybody has its handle.
 *
 * What this client has in hand, no other takes, until this one is closed or dead.
 */
export class ClientJournal implements CallJournal {
  readonly #book: CallBook
  /** What keeps the tasks that were created or taken up here, and whose outcome nobody has had, by their ids. */
  readonly #tasks = new Map<string, JournalKeeper>()

  constructor(options: BookOptions) {
    this.#book = new CallBook(options)
  }

  async intend(operation: Operation): Promise<CallNote> {
    const { presence } = this.#book
    const id = crypto.randomUUID()
    const entry: Entry = {
      longcall: 1,
      state: 'intent',
      operation,
      startedAtMs: this.#book.now(),
      holder: presence.name,
    }
    try {
      await presence.begin()
      await this.#book.begin(id, entry)
    } catch (cause) {
      throw this.#notSent(operation, cause)
    }
    return this.#note(id)
  }

  keeperOf(taskId: string): TaskKeeper {
    return (
      this.#tasks.get(taskId) ??
      new LateKeeper(
        () => this.#find(taskId),
        (work) => this.#book.later(work),
      )
    )
  }

  /** What is kept, the oldest first, and who has it in hand. */
  async list(): Promise<readonly ListedEntry[]> {
    await this.#book.drained()
    const entries = await this.#book.list()
    const living = await this.#book.presence.living()
    return entries.map(({ id, entry }) => ({ id, entry, heldBy: this.#holderOf(entry, living) }))
  }

  /**
   * Takes in hand the tasks that no living client has, each with what keeps it. One that another takes first is its.
   */
  async takeAll(): Promise<readonly TakenTask[]> {
    const { presence } = this.#book
    await presence.begin()
    const free = (await this.list()).filter(({ entry, heldBy }) => entry.state !== 'intent' && heldBy === 'nobody')
    const living = await presence.living()
    const taken = await Promise.all(
      free.map(async ({ id }) => {
        // Not one that this client itself took in the same moment.
        let isFree = false
        const entry = await this.#book.edit(id, (found) => {
          isFree = this.#holderOf(found, living) === 'nobody'
          return isFree ? { kind: 'taken', by: presence.name } : undefined
        })
        if (!isFree || entry === undefined || entry.state === 'intent') return []
        return [{ id, entry, keeper: this.#keeper(id, entry.reference.taskId) }]
      }),
    )
    return taken.flat()
  }

  /** Removes an entry. False when there is none. */
  async forget(id: string): Promise<boolean> {
    await this.#book.drained()
    let isThere = false
    await this.#book
      .edit(id, () => {
        isThere = true
        return undefined
      })
      .catch(() => {
        // One that cannot be read is there, too.
        isThere = true
      })
    await this.#book.remove(id)
    return isThere
  }

  /** Removes what was sent by then and nobody has in hand, and says how many; what another takes in this moment stays. */
  async prune(newestMs: number): Promise<number> {
    const old = (await this.list()).filter(({ entry, heldBy }) => heldBy === 'nobody' && entry.startedAtMs <= newestMs)
    const removed = await Promise.all(old.map(async ({ id, entry }) => this.#book.removeFrom(entry.holder, id)))
    return removed.filter(Boolean).length
  }

  /** Until all that was put down is kept; then this client is gone, and others may take what it had. */
  close(): Promise<void> {
    return this.#book.close()
  }

  #note(id: string): CallNote {
    let taskId = ''
    const keeper = new JournalKeeper(id, this.#book, () => this.#drop(taskId, id))
    return {
      keeper,
      started: async (reference) => {
        taskId = reference.taskId
        this.#tasks.set(taskId, keeper)
        // The task runs, and its handle is worth more than what is kept of it.
        await this.#book.edit(id, () => ({ kind: 'started', reference })).catch(this.#book.report)
      },
      settled: () => this.#book.later(() => this.#book.remove(id)),
      lost: () => this.#book.later(() => this.#book.edit(id, () => ({ kind: 'letGo', by: this.#book.presence.name }))),
    }
  }

  #keeper(id: string, taskId: string): JournalKeeper {
    const known = this.#tasks.get(taskId)
    if (known?.id === id) return known
    const keeper = new JournalKeeper(id, this.#book, () => this.#drop(taskId, id))
    this.#tasks.set(taskId, keeper)
    return keeper
  }

  /** A server that counts its ids may have given this one again. */
  #drop(taskId: string, id: string): void {
    if (this.#tasks.get(taskId)?.id === id) this.#tasks.delete(taskId)
  }

  async #find(taskId: string): Promise<TaskKeeper> {
    const { presence } = this.#book
    const isIt = ({ entry }: BookEntry): boolean => entry.state !== 'intent' && entry.reference.taskId === taskId
    // A server that counts its ids begins anew when it restarts: the newest is meant.
    const found = (await this.#book.list()).findLast(isIt)
    if (found === undefined) return keepsNothing
    await presence.begin()
    return this.#keeper(found.id, taskId)
  }

  #holderOf({ holder }: Entry, living: ReadonlySet<string>): ListedEntry['heldBy'] {
    if (holder === null || !living.has(holder)) return 'nobody'
    return holder === this.#book.presence.name ? 'this client' : 'another client'
  }

  #notSent(operation: Operation, cause: unknown): JournalError {
    const what = `The call of ${nameOperation(operation)} was not sent, because it could not be put down in the journal ${this.#book.name}`
    return new JournalError('journal_failed', `${what}: ${saidBy(cause)}`, { cause })
  }
}

/** An entry, and who has it in hand. */
export interface ListedEntry extends BookEntry {
  readonly heldBy: 'this client' | 'another client' | 'nobody'
}

/** A task that was taken in hand. */
export interface TakenTask {
  readonly id: string
  readonly entry: RunningEntry | EndedEntry
  readonly keeper: JournalKeeper
}
