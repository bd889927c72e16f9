import type { QuestionIdentity } from '../tasks/task-keeper.ts'
import type { Questions } from './entry.ts'

/**
 * Where a question stands among those of its task.
 *
 * One that the server named stands under that name. One without a name is known by what it says, and by its number among
 * those that say the same: a server may ask "Go on?" twice. It is the first that no other question of this process is, and
 * whose answer the server did not have when this one came: one whose answer it has does not come again. Where another client
 * that is there has just brought the answer, this one was on its way then.
 */
export function slotOf(
  questions: Questions,
  {
    key,
    print,
    identity,
    taken,
    others,
  }: Readonly<{
    key: string
    print: string
    identity: QuestionIdentity
    /** Those of this process's other questions. */
    taken: ReadonlySet<string>
    /** The other clients that are there. */
    others: ReadonlySet<string>
  }>,
): string {
  if (identity.kind === 'key') return `key ${key}`
  for (let number = 1; ; number += 1) {
    const slot = `content ${print} ${number}`
    const kept = questions[slot]
    const isOver =
      kept?.state === 'delivered' && kept.atMs + (others.has(kept.by) ? onTheWayMs : 0) < identity.arrivedAtMs
    if (!isOver && !taken.has(slot)) return slot
  }
}

/** How long a question may have been on its way to this client while another answered it. */
const onTheWayMs = 500
