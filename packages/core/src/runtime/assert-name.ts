import { LongcallError } from '../errors/longcall-error.ts'

/**
 * Refuses a name that not every store can keep as it is: half of a character that takes two, or a NUL.
 *
 * @throws {LongcallError} Thrown with the code `bad_name`.
 */
export function assertName(name: string, what: string): void {
  if (!/[\p{Surrogate}\0]/u.test(name)) return
  const shown = JSON.stringify(name.slice(0, 80))
  throw new LongcallError(
    'bad_name',
    `${what} cannot be called ${shown}: it holds a NUL, or half of a character. Was it cut in two?`,
  )
}
