import { MalformedMessageError } from '@longcall/core'

/**
 * The result of an answer, which is an object in every version of the protocol.
 *
 * @throws {MalformedMessageError} Thrown when it is none.
 */
export function asResult(value: unknown): Readonly<Record<string, unknown>> {
  if (isObject(value)) return value
  throw new MalformedMessageError('result', value, 'an object')
}

/** Whether it is what JSON calls an object; an array is none. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
