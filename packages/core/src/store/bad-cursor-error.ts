import { LongcallError } from '../errors/longcall-error.ts'

/** Thrown when a cursor was not given by this list. */
export class BadCursorError extends LongcallError {
  override readonly name = 'BadCursorError'

  constructor(options?: ErrorOptions) {
    super('bad_cursor', 'The cursor is not one that this list gave; begin again without a cursor.', options)
  }
}
