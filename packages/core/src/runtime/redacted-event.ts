import { LongcallError } from '../errors/longcall-error.ts'
import type { TaskEvent } from './task-events.ts'

/** Rewrites what a tool or a client said, or an error that may quote it, before it reaches a log. */
export type Redact = (text: string, what: 'statusMessage' | 'error') => string

/**
 * The event with its texts rewritten. An error becomes one of the same name and code without its cause, which may quote more.
 *
 * Where `redact` throws, nothing of the text is told.
 */
export function redactedEvent(event: TaskEvent, redact: Redact): TaskEvent {
  const rewrite: Redact = (text, what) => {
    try {
      return redact(text, what)
    } catch {
      return '[redacted]'
    }
  }
  if (event.kind === 'trouble') return { ...event, error: redactedError(event.error, rewrite) }
  if (event.kind !== 'ended' || event.statusMessage === undefined) return event
  return { ...event, statusMessage: rewrite(event.statusMessage, 'statusMessage') }
}

function redactedError(error: unknown, rewrite: Redact): Error {
  if (!(error instanceof Error)) return new Error(rewrite(String(error), 'error'))
  const message = rewrite(error.message, 'error')
  const redacted = error instanceof LongcallError ? new LongcallError(error.code, message) : new Error(message)
  // A stack begins with the message.
  Object.defineProperty(redacted, 'name', { value: error.name })
  redacted.stack = `${error.name}: ${message}`
  return redacted
}
