import { LongcallError } from '@longcall/core'

/** Thrown when a server cannot be started: its command, its folder or the file for its stderr cannot be used. */
export class ServerStartError extends LongcallError {
  override readonly name = 'ServerStartError'

  constructor(message: string, options?: ErrorOptions) {
    super('server_start_failed', message, options)
  }
}

/** Thrown when a line that a server writes to its stdout is longer than a message may be; the connection is closed. */
export class LineTooLongError extends LongcallError {
  override readonly name = 'LineTooLongError'

  constructor(limitBytes: number) {
    super(
      'line_too_long',
      `The server writes a line of more than ${limitBytes} bytes to its stdout, and the connection is closed. ` +
        'A message may be no longer; have the server answer in parts, or with a link to what is large.',
    )
  }
}
