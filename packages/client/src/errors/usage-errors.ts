import { LongcallError } from '@longcall/core'
import { clip } from './clip.ts'

/** Thrown when a method needs a connection and there is none, before `connect()` or after `close()`. */
export class NotConnectedError extends LongcallError {
  override readonly name = 'NotConnectedError'

  constructor(method: string, state: 'not connected yet' | 'closed' | 'not initialized yet') {
    const remedy =
      state === 'not initialized yet'
        ? 'Call initialize() first, or leave autoInitialize on.'
        : 'Call connect() first, or use Client.connect().'
    super('not_connected', `${method} needs a connection, and the client is ${state}. ${remedy}`)
  }
}

/** Thrown when a handler was set that the server does not know of yet: it is kept, and declared by the next connection. */
export class RenegotiationError extends LongcallError {
  override readonly name = 'RenegotiationError'
  /** The handlers that take effect later. */
  readonly handlers: readonly string[]

  constructor(handlers: readonly string[], protocolVersion: string) {
    const names = handlers.join(' and ')
    super(
      'renegotiation_needed',
      `${names} ${handlers.length === 1 ? 'is' : 'are'} set, but this connection (${protocolVersion}) began without declaring ` +
        `${handlers.length === 1 ? 'it' : 'them'}, and a server asks only for what was declared. It takes effect on the next ` +
        'connection: close() and connect() again; or declare the capability from the start, with the option `capabilities`.',
    )
    this.handlers = handlers
  }
}

/** Thrown when what was given to connect to is nothing that can be connected to. */
export class InvalidTargetError extends LongcallError {
  override readonly name = 'InvalidTargetError'

  constructor(message: string, options?: ErrorOptions) {
    super('invalid_target', message, options)
  }
}

/** Thrown when connecting failed: the server cannot be reached or started, or does not speak MCP. */
export class ConnectError extends LongcallError {
  override readonly name = 'ConnectError'

  constructor(message: string, options?: ErrorOptions) {
    super('connect_failed', message, options)
  }
}

/** Thrown when a task reference is malformed, or names a task of another server than the one connected to. */
export class InvalidReferenceError extends LongcallError {
  override readonly name = 'InvalidReferenceError'

  constructor(message: string) {
    super('invalid_reference', message)
  }
}

/** Thrown when an option has a value that cannot be used. */
export class InvalidOptionError extends LongcallError {
  override readonly name = 'InvalidOptionError'

  constructor(option: string, value: unknown, expected: string) {
    super('invalid_option', `Option ${option} is ${shown(value)}; it must be ${expected}.`)
  }
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(clip(value))
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
