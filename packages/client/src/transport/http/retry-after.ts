/**
 * Milliseconds that a `Retry-After` header asks to wait: seconds or a date; `undefined` when it says neither.
 *
 * Source: RFC 9110, section 10.2.3.
 */
export function readRetryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined
  const seconds = /^\s*\d+\s*$/.test(header) ? Number(header) : undefined
  if (seconds !== undefined) return seconds * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}
