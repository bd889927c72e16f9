import { JournalError, type JsonObject } from '@longcall/core'
import type { Operation } from '../tasks/operation.ts'
import { readReference, type RunningReference } from '../tasks/task-reference.ts'
import type { TaskEnding } from '../tasks/task-source.ts'

/**
 * What is kept of one call.
 *
 * - `intent`: it is about to be sent, or was; whether the server acted on it is not known.
 * - `running`: it became a task.
 * - `ended`: the task ended, and nobody has had the outcome.
 *
 * A call that was answered at once, and one whose outcome somebody has had, is not kept.
 */
export type Entry = IntentEntry | RunningEntry | EndedEntry

interface CommonEntry {
  readonly longcall: 1
  readonly operation: Operation
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number
  /** Which client has it in hand; `null` when none has. One that is dead has nothing. */
  readonly holder: string | null
}

interface IntentEntry extends CommonEntry {
  readonly state: 'intent'
}

/** A call that became a task, and what it asked. */
export interface RunningEntry extends CommonEntry {
  readonly state: 'running'
  readonly reference: RunningReference
  readonly questions: Questions
}

/** A task that ended, and how: nobody has had that. */
export interface EndedEntry extends CommonEntry {
  readonly state: 'ended'
  readonly reference: RunningReference
  readonly ending: TaskEnding
}

/** By what makes each the same when it comes again; see `slots.ts`. */
export type Questions = Readonly<Record<string, KeptQuestion>>

/**
 * A question of a task.
 *
 * `print` is that of its request: a key alone may be given again by a server that began anew.
 */
export type KeptQuestion =
  /** A client shows it. */
  | { readonly state: 'shown'; readonly print: string; readonly by: string }
  /** There is an answer, which the server may not have. */
  | { readonly state: 'answered'; readonly print: string; readonly answer: JsonObject }
  /** The server has the answer: a client brought it, at that time, in milliseconds since the epoch. */
  | {
      readonly state: 'delivered'
      readonly print: string
      readonly answer: JsonObject
      readonly by: string
      readonly atMs: number
    }

/**
 * Reads what a journal kept; it wrote all of it, so what lies deeper is taken as it is.
 *
 * @throws {JournalError} Thrown with `journal_damaged` when it is no entry, or one of a newer version.
 */
export function readEntry(content: JsonObject, id: string): Entry {
  const entry = content as unknown as Entry
  const isEntry = entry.longcall === 1 && typeof entry.startedAtMs === 'number' && states.has(entry.state)
  if (!isEntry) throw damaged(id)
  if (entry.state === 'intent') return entry
  try {
    readReference(entry.reference)
    return entry
  } catch (error) {
    throw damaged(id, error)
  }
}

const states: ReadonlySet<unknown> = new Set<Entry['state']>(['intent', 'running', 'ended'])

function damaged(id: string, cause?: unknown): JournalError {
  return new JournalError(
    'journal_damaged',
    `The journal's entry ${id} is no entry that this client knows. A newer one may have written it, or somebody else changed it; tasks.forget() removes it.`,
    { cause },
  )
}
