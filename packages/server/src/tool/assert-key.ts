import { LongcallError } from '@longcall/core'

/**
 * Refuses a key that no object of questions or answers can have as a property of its own, before it is asked.
 *
 * @throws {LongcallError} Thrown with the code `bad_key`.
 */
export function assertKey(key: string): void {
  if (key === '__proto__') throw new LongcallError('bad_key', 'A question cannot have the key "__proto__".')
}
