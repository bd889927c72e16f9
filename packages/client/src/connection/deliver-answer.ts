import { isTransient, retryAfterOf } from '../errors/request-errors.ts'
import type { Connection } from './connection.ts'
import { toRequestError } from './to-request-error.ts'

/**
 * Sends an answer of ours to a request of the server's. One that is lost on the way leaves the server waiting for ever, so
 * it is sent again: a second copy is ignored by its id.
 */
export async function deliverAnswer(
  { desk, clock, closed }: Pick<Connection, 'desk' | 'clock' | 'closed'>,
  id: string | number | undefined,
  send: () => Promise<void>,
): Promise<void> {
  for (let failures = 0; ; failures += 1) {
    try {
      if (id !== undefined) desk.answerIs(id, 'sending')
      await send()
      if (id !== undefined) desk.answerIs(id, 'arrived')
      return
    } catch (error) {
      if (id !== undefined) desk.answerIs(id, 'none')
      const failure = toRequestError('answer to the server', error)
      if (!isTransient(failure) || failures >= deliveryAttempts || closed.aborted) {
        if (id !== undefined) desk.forget(id)
        throw error
      }
      await clock.sleep(Math.max(Math.min(200 * 2 ** failures, 10_000), retryAfterOf(failure)), closed)
    }
  }
}

const deliveryAttempts = 12
