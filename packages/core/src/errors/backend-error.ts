import { LongcallError } from './longcall-error.ts'

/** Thrown when a backend cannot be used or reached: whoever runs the server is told why, and callers are not. */
export class BackendError extends LongcallError {
  override readonly name: string = 'BackendError'
}
