/** Milliseconds between two polls where the server names none, or names zero or less. */
export const defaultPollIntervalMs = 500
/** No server makes this client poll more often than this, in milliseconds. */
export const minPollIntervalMs = 100
/** No server makes this client poll more seldom than this, in milliseconds. */
export const maxPollIntervalMs = 300_000

/** The wait between two polls in milliseconds, from what the server asks for: a floor, within sane bounds. */
export function pollIntervalMs(asked: number | undefined): number {
  if (asked === undefined || Number.isNaN(asked) || asked <= 0) return defaultPollIntervalMs
  return Math.min(Math.max(asked, minPollIntervalMs), maxPollIntervalMs)
}

/**
 * The wait in milliseconds after the `failures`-th poll in a row (from 1) that failed for a reason that may pass.
 *
 * It doubles from the interval up to half a minute, or the interval if that is longer; a random tenth on top keeps many
 * clients from coming back at once. A time that the server named (`Retry-After`) is kept to, up to five minutes.
 */
export function retryDelayMs(failures: number, intervalMs: number, random: number, retryAfterMs = 0): number {
  const ceiling = Math.max(intervalMs, maxBackoffMs)
  const grown = Math.min(intervalMs * 2 ** Math.min(failures - 1, 20), ceiling)
  return Math.max(grown * (1 + random / 10), Math.min(retryAfterMs, maxPollIntervalMs))
}

const maxBackoffMs = 30_000
