/** Milliseconds between two polls where the receiver names none, or names zero or less. */
export const defaultPollIntervalMs = 500
/** No receiver makes a requestor poll more often than this, in milliseconds. */
export const minPollIntervalMs = 100
/** No receiver makes a requestor poll more seldom than this, in milliseconds. */
export const maxPollIntervalMs = 300_000

/** The wait between two polls in milliseconds, from what the receiver asks for: a floor, within sane bounds. */
export function pollIntervalMs(asked: number | undefined): number {
  if (asked === undefined || Number.isNaN(asked) || asked <= 0) return defaultPollIntervalMs
  return Math.min(Math.max(asked, minPollIntervalMs), maxPollIntervalMs)
}
