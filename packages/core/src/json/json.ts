import { LongcallError } from '../errors/longcall-error.ts'

/** What JSON can say. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject

/** A JSON object. */
export type JsonObject = { readonly [name: string]: JsonValue }

/**
 * `value` as JSON has it, frozen all the way down: a copy, unless that is what it is already.
 *
 * Everything that a store keeps goes through here once, so nobody can change it afterwards, and what a body reads back
 * after a crash is what it got the first time.
 *
 * @param what Names the value in the error: `the result of tool "render"`.
 * @throws {NotJsonError} Thrown when JSON has no words for it: a function, a bigint, a cycle, `undefined`.
 * @throws {TooLargeError} Thrown when it takes more than `maxBytes` of UTF-8.
 */
export function toJson(value: unknown, what: string, maxBytes: number = Infinity): JsonValue {
  if (maxBytes === Infinity && isFrozenJson(value)) return value
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (error) {
    throw new NotJsonError(what, error instanceof Error ? error.message : String(error), { cause: error })
  }
  if (text === undefined) throw new NotJsonError(what, `it is ${typeof value}`)
  // A UTF-16 code unit takes three bytes at most, so most values need no counting.
  if (text.length * 3 > maxBytes) {
    const bytes = utf8Length(text)
    if (bytes > maxBytes) throw new TooLargeError(what, bytes, maxBytes)
  }
  return frozen(JSON.parse(text) as JsonValue)
}

/** The same, for what has to be an object. */
export function toJsonObject(value: unknown, what: string, maxBytes?: number): JsonObject {
  const json = toJson(value, what, maxBytes)
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as JsonObject
  throw new NotJsonError(what, 'it is no object')
}

/**
 * The text that is the same for all values that JSON holds equal: names in order, no blanks.
 *
 * It identifies a question that a body asks again after a crash.
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const fields = Object.entries(value as JsonObject).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([name, part]) => `${JSON.stringify(name)}:${canonicalJson(part)}`).join(',')}}`
}

/** Thrown when a value that has to be kept or sent cannot be said in JSON. */
export class NotJsonError extends LongcallError {
  override readonly name = 'NotJsonError'

  constructor(what: string, why: string, options?: ErrorOptions) {
    super('not_json', `${capital(what)} cannot be kept as JSON: ${why}.`, options)
  }
}

/** Thrown when a value is larger than its limit. */
export class TooLargeError extends LongcallError {
  override readonly name = 'TooLargeError'
  readonly bytes: number
  readonly maxBytes: number

  constructor(what: string, bytes: number, maxBytes: number) {
    super('too_large', `${capital(what)} takes ${bytes} bytes; ${maxBytes} are allowed.`)
    this.bytes = bytes
    this.maxBytes = maxBytes
  }
}

/** Freezes all that was parsed: a reviver would do it, at twice the cost. Without recursion, however deep it goes. */
function frozen(json: JsonValue): JsonValue {
  const parts = [json]
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    if (typeof part !== 'object' || part === null) continue
    Object.freeze(part)
    for (const inner of Object.values(part)) if (typeof inner === 'object') parts.push(inner)
  }
  return json
}

/** Whether a value is what {@link toJson} gives: there is nothing to copy, and nothing to freeze. */
function isFrozenJson(value: unknown): value is JsonValue {
  if (typeof value !== 'object' || value === null) {
    return value === null || typeof value === 'string' || typeof value === 'boolean' || isJsonNumber(value)
  }
  if (!Object.isFrozen(value)) return false
  if (Array.isArray(value)) return value.every(isFrozenJson)
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isFrozenJson)
}

/** JSON has no infinities, and no zero that is negative. */
function isJsonNumber(value: unknown): boolean {
  return Number.isFinite(value) && !Object.is(value, -0)
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
