import type { Clock, Lease, LeaseState } from '@longcall/core'
import type { SqliteRow } from '../driver/driver.ts'
import type { Prepare, OpenedFile } from '../file/opened-file.ts'
import { isDead } from '@longcall/core/backend'
import type { TaskLease } from './task-head.ts'
import { isAlive } from './task-rows.ts'

/**
 * Ends the leases of processes of this system that are gone, so that what they held need not wait for its lease to run out.
 *
 * And brings leases back that reach too far: they were written before somebody set the clock back.
 */
export async function endDeadLeases(file: OpenedFile, self: string, clock: Clock): Promise<void> {
  const seenMs = clock.now()
  const { holders, isAhead } = await file.read((prepare) => ({
    holders: prepare('SELECT DISTINCT lease_holder FROM tasks WHERE lease_until > ?').all(seenMs),
    isAhead:
      prepare('SELECT 1 FROM tasks WHERE lease_until > ? AND lease_until > ? + lease_ms LIMIT 1').get(
        seenMs,
        seenMs,
      ) !== undefined,
  }))
  const dead = holders.map(holderOf).filter((holder) => holder !== self && isDead(holder))
  if (dead.length === 0 && !isAhead) return
  await file.write(() => {
    // Not as it was when this was asked for: a write may wait, and leases are renewed meanwhile.
    const nowMs = clock.now()
    for (const holder of dead) {
      file
        .statement('UPDATE tasks SET lease_until = ? WHERE lease_until > ? AND lease_holder = ?')
        .run(nowMs, nowMs, holder)
    }
    file
      .statement('UPDATE tasks SET lease_until = ? + lease_ms WHERE lease_until > ? AND lease_until > ? + lease_ms')
      .run(nowMs, nowMs, nowMs)
  })
}

const hold = `UPDATE tasks SET lease_until = ?, lease_ms = ?, lease_holder = ?
  WHERE id = ? AND lease_token = ? AND ${isAlive} RETURNING 1`
const statusOf = `SELECT status FROM tasks WHERE id = ? AND ${isAlive}`

/** Holds a lease on, as long as the task is under it, and says what has become of it. */
export function holdLease(
  prepare: Prepare,
  { id, token }: Lease,
  { leaseMs, untilMs, holder }: Omit<TaskLease, 'token'>,
  nowMs: number,
): LeaseState {
  if (prepare(hold).get(untilMs, leaseMs, holder, id, token, nowMs) !== undefined) return 'held'
  const status = prepare(statusOf).get(id, nowMs)?.['status']
  return status === 'cancelled' ? 'cancelled' : 'lost'
}

/** Lets every lease begin anew, as after a jump of the clock: whoever holds one and is alive renews it in time. */
export async function renewAllLeases(file: OpenedFile, clock: Clock): Promise<void> {
  await file.write(() => {
    const renew = file.statement('UPDATE tasks SET lease_until = ? + lease_ms WHERE lease_until IS NOT NULL')
    renew.run(clock.now())
  })
}

function holderOf(row: SqliteRow): string {
  return String(row['lease_holder'])
}
