import type { JsonObject } from '../json/json.ts'

/**
 * What a client keeps of its calls, so that it, or another process, can go on with them: JSON under an id, changed by
 * comparing and setting, and which processes are there.
 *
 * A journal keeps and compares, no more: what a record says, and who may do what, is the client's. What every journal owes
 * is tested by `journalContract` of `@longcall/core/testing`.
 */
export interface Journal {
  /** For messages: which journal it is, such as its path. */
  readonly name: string
  /** What is kept under a key; `undefined` when nothing is. */
  get(key: JournalKey): Promise<JsonObject | undefined>
  /** All that is kept in a scope, in no order. */
  list(scope: string): Promise<readonly JournalRecord[]>
  /**
   * Changes what is kept under a key, and gives what stands there then. Durable when it resolves.
   *
   * `change` is given what is there and says what is to be: `undefined` for nothing, and what it was given where nothing
   * is to be written. It is called again when another writer was first, so it must be pure. What it throws is thrown, and
   * nothing is written.
   */
  edit(key: JournalKey, change: JournalChange): Promise<JsonObject | undefined>
  /** Calls `hint` soon after something in a scope was changed, by whichever process; gives the end of it. A hint may be missing. */
  watch(scope: string, hint: () => void): () => void
  /** Says that a holder is there. Written over what it said before; it need not outlive the machine. */
  beat(holder: JournalHolder): Promise<void>
  /** The holder is gone. */
  leave(name: string): Promise<void>
  /** The holders that said that they are there and not that they are gone, dead or alive. */
  holders(): Promise<readonly JournalHolder[]>
  /** Nothing is kept by this object any more. What it kept stays. */
  close(): Promise<void>
}

/** Where a record is kept. */
export interface JournalKey {
  /** What belongs together: calls to one server for one principal. Any text. */
  readonly scope: string
  /** Unguessable and used once: up to 64 letters, digits, `-` and `_`. One that was removed is not written again. */
  readonly id: string
}

/** What is kept under an id. */
export interface JournalRecord {
  readonly id: string
  readonly content: JsonObject
}

/** See {@link Journal.edit}. */
export type JournalChange = (content: JsonObject | undefined) => JsonObject | undefined

/** A client that uses the journal. */
export interface JournalHolder {
  /** Unguessable, as the id of a record is. */
  readonly name: string
  /** Which process it is in, as `processName` of `@longcall/core/backend` has it. */
  readonly process: string
  /** When it is to be taken for dead unless it was heard of again; milliseconds since the epoch. */
  readonly untilMs: number
}
