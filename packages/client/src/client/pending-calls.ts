import type { ListedEntry } from '../journal/client-journal.ts'
import type { Operation } from '../tasks/operation.ts'
import type { RunningReference } from '../tasks/task-reference.ts'

/**
 * A call that the journal keeps.
 *
 * - `sending`: a client that is alive waits for its acknowledgement.
 * - `fate_unknown`: its acknowledgement never came. Whether the server acted on it is not known, and it is not sent again.
 * - `running`: it became a task, which had not ended when it was last looked at.
 * - `ended`: its task ended, and nobody has had the outcome.
 */
export type PendingCall =
  | (CommonCall & { readonly kind: 'sending' | 'fate_unknown' })
  | (CommonCall & { readonly kind: 'running' | 'ended'; readonly reference: RunningReference })

interface CommonCall {
  /** Names the call in the journal, for `client.tasks.forget()`. */
  readonly id: string
  readonly operation: Operation
  /** When it was sent; milliseconds since the epoch. */
  readonly startedAtMs: number
  /** Which living client has it in hand. */
  readonly heldBy: 'this client' | 'another client' | 'nobody'
}

/** What an entry of the journal tells of its call. */
export function pendingCall({ id, entry, heldBy }: ListedEntry): PendingCall {
  const { operation, startedAtMs } = entry
  const common = { id, operation, startedAtMs, heldBy }
  if (entry.state === 'intent') return { ...common, kind: heldBy === 'nobody' ? 'fate_unknown' : 'sending' }
  return { ...common, kind: entry.state, reference: entry.reference }
}
