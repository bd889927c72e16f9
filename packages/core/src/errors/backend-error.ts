import { LongcallError } from './longcall-error.ts'

/** What a backend throws that cannot be used or reached: whoever runs the server is told, and callers are not. */
export class BackendError extends LongcallError {
  override readonly name: string = 'BackendError'
}
