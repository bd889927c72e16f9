/** A JSON object as it came off the wire: nothing in it is known yet. */
export type WireRecord = Readonly<Record<string, unknown>>

/** The longest text that is kept of what a peer says for people, in UTF-16 code units; the rest is cut off. */
export const maxTextLength = 10_000

/** `value` as an object, or `undefined` when it is anything else; an array is no object. */
export function asRecord(value: unknown): WireRecord | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as WireRecord) : undefined
}

/** A field that the object has itself; `null` counts as absent, and nothing is ever read from a prototype. */
export function field(record: WireRecord | undefined, name: string): unknown {
  return record !== undefined && Object.hasOwn(record, name) ? (record[name] ?? undefined) : undefined
}

/** A non-empty string. A number is not turned into one: an id must be sent back exactly as it came. */
export function readId(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A string of at most {@link maxTextLength}, never cut within a character. */
export function readText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  return value.length <= maxTextLength ? value : value.slice(0, maxTextLength).replace(/[\uD800-\uDBFF]$/, '')
}

/** A finite number, also when it came as a string. */
export function readNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

/**
 * An ISO 8601 time, in UTC and to the millisecond; the time of reading, `nowMs`, when there is none.
 *
 * A time without an offset is taken as UTC, which is what the peers that leave it out mean.
 */
export function readTimestamp(value: unknown, nowMs: number): string {
  const text = typeof value === 'string' && isoDate.test(value) ? value : ''
  const time = Date.parse(localTime.test(text) ? `${text}Z` : text)
  return new Date(Number.isNaN(time) ? nowMs : time).toISOString()
}

/** Whether a capability is declared: by any object, empty or not, and leniently by `true`. */
export function isDeclared(capability: unknown): boolean {
  return capability === true || asRecord(capability) !== undefined
}

const isoDate = /^(\d{4}|[+-]\d{6})-\d\d-\d\d/
const localTime = /T[\d:.]+$/
