/**
 * The wait in milliseconds after the `failures`-th try in a row (from 1) that failed for a reason that may pass.
 *
 * It doubles from the interval up to half a minute, or the interval if that is longer; a random tenth on top keeps many
 * clients from coming back at once. A time that the server named (`Retry-After`) is kept to, up to five minutes.
 */
export function retryDelayMs(failures: number, intervalMs: number, random: number, retryAfterMs = 0): number {
  const ceiling = Math.max(intervalMs, maxBackoffMs)
  const grown = Math.min(intervalMs * 2 ** Math.min(failures - 1, 20), ceiling)
  return Math.max(grown * (1 + random / 10), Math.min(retryAfterMs, longestRetryAfterMs))
}

const maxBackoffMs = 30_000
const longestRetryAfterMs = 300_000
