import type { TaskSnapshot } from './task-snapshot.ts'

/** The ttl that a requestor asks for where its user names none, in milliseconds: a day. */
export const defaultTtlMs = 86_400_000

/** When the receiver may forget the task, as milliseconds since the epoch; `undefined` when never or not known. */
export function expiresAtMs(task: Pick<TaskSnapshot, 'createdAt' | 'ttlMs'>): number | undefined {
  const created = Date.parse(task.createdAt)
  return task.ttlMs === null || Number.isNaN(created) ? undefined : created + task.ttlMs
}

/** Whether the task's time to live, counted from its creation, had passed at `nowMs` (milliseconds since the epoch). */
export function isExpired(task: Pick<TaskSnapshot, 'createdAt' | 'ttlMs'>, nowMs: number): boolean {
  const expires = expiresAtMs(task)
  return expires !== undefined && nowMs >= expires
}

/**
 * The ttl that a receiver grants: what was asked, else the default, never above the maximum.
 *
 * All in milliseconds. A request that is zero, negative, infinite or not a number counts as not asked. `null` as the
 * maximum is no limit; `null` as the default grants tasks that never expire, unless there is a maximum.
 */
export function grantTtl(
  requestedMs: number | undefined,
  limits: { readonly defaultMs: number | null; readonly maxMs: number | null },
): number | null {
  const asked = requestedMs !== undefined && requestedMs > 0 && requestedMs < Infinity ? requestedMs : limits.defaultMs
  if (limits.maxMs === null) return asked
  return asked === null ? limits.maxMs : Math.min(asked, limits.maxMs)
}
