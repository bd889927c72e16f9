import { RequestError, wasRefused } from '../errors/request-errors.ts'
import type { CancelSignal } from '../connection/cancellation.ts'
import type { CallJournal, CallNote } from './call-journal.ts'
import type { Operation } from './operation.ts'

/**
 * Sends a request that may become a task; where there is a journal, it is put down there before. What stays there of one
 * whose answer never came is that its fate is unknown.
 *
 * @throws {JournalError} Thrown, code `journal_failed`, when it could not be put down: nothing was sent.
 */
export async function sendNoted<Reply extends { readonly kind: 'result' | 'task' }>(
  journal: CallJournal | undefined,
  operation: Operation,
  cancellation: CancelSignal,
  send: () => Promise<Reply>,
): Promise<{ readonly reply: Reply; readonly note: CallNote | undefined }> {
  if (journal === undefined) return { reply: await send(), note: undefined }
  const note = await journal.intend(operation)
  if (cancellation.aborted) {
    note.settled()
    throw cancellation.reason
  }
  try {
    const reply = await send()
    if (reply.kind === 'result') note.settled()
    return { reply, note }
  } catch (error) {
    const isUnknown = cancellation.aborted || (error instanceof RequestError && !wasRefused(error))
    if (isUnknown) note.lost()
    else note.settled()
    throw error
  }
}
