import { LongcallError } from './longcall-error.ts'

/** Thrown when a message of the peer lacks what nobody can do without, such as the id or the status of a task. */
export class MalformedMessageError extends LongcallError {
  override readonly name = 'MalformedMessageError'
  /** The field that cannot be read, as the wire names it. */
  readonly field: string

  /** @param expected What the field must be, in words that follow "must be". */
  constructor(field: string, value: unknown, expected: string) {
    super(
      'malformed_message',
      `The peer sent a message that cannot be read: ${field} must be ${expected}, but is ${preview(value)}.`,
    )
    this.field = field
  }
}

/** Enough to recognise a value; a log line must not become a copy of what a peer sent. */
const previewLength = 100

function preview(value: unknown): string {
  if (value === undefined || value === null) return 'missing'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'string') return `an ${typeof value}`
  return JSON.stringify(value.length > previewLength ? `${value.slice(0, previewLength)}…` : value)
}
