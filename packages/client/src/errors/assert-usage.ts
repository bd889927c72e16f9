import { InvalidOptionError } from './usage-errors.ts'

/**
 * What was passed where options belong.
 *
 * @throws {InvalidOptionError} Thrown when it is no object, or its signal is none.
 */
export function assertOptions(options: unknown): void {
  assertObject('options', options)
  const { signal } = options as { readonly signal?: unknown }
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new InvalidOptionError('signal', signal, 'an AbortSignal')
}

/** @throws {InvalidOptionError} Thrown when it is no object. */
export function assertObject(option: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidOptionError(option, value, 'an object')
}

/** @throws {InvalidOptionError} Thrown when it is no text, or an empty one. */
export function assertName(option: string, value: unknown): void {
  if (typeof value !== 'string' || value === '')
    throw new InvalidOptionError(option, value, 'a string that is not empty')
}
