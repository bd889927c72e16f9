import { isTerminal, type TaskSnapshot } from '@longcall/core'

/**
 * A snapshot and where it stands among the others of its task.
 *
 * `order` counts the polls sent and the pushes received: a poll stands where it was sent, a push where it came in.
 */
export interface Sighting {
  readonly snapshot: TaskSnapshot
  readonly from: 'created' | 'poll' | 'push'
  readonly order: number
}

/**
 * Whether what was seen now is newer than what was seen last.
 *
 * - Terminal beats everything, and is never followed by anything.
 * - Of two polls the one sent later is newer.
 * - A push that came while a poll was under way is newer than its answer, unless the answer is stamped later.
 * - A push is older only if its stamp says so strictly. Stamps tell nothing else: some servers stamp the time of the poll.
 */
export function isNewer(seen: Sighting, last: Sighting | undefined): boolean {
  if (last === undefined) return true
  if (isTerminal(last.snapshot.status)) return false
  if (isTerminal(seen.snapshot.status)) return true
  const seenAt = Date.parse(seen.snapshot.lastUpdatedAt)
  const lastAt = Date.parse(last.snapshot.lastUpdatedAt)
  if (seen.from === 'push') return !(seenAt < lastAt)
  return seen.order > last.order || (last.from === 'push' && seenAt > lastAt)
}
