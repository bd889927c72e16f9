import { MalformedMessageError } from '@longcall/core'

/**
 * The result of an answer, which is an object in every version of the protocol.
 *
 * @throws {MalformedMessageError} Thrown when it is none.
 */
export function asResult(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new MalformedMessageError('result', value, 'an object')
}
