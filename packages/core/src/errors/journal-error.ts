import { LongcallError } from './longcall-error.ts'

/** What is the matter with a journal. */
export type JournalErrorCode =
  /** It could not be read or written. What was asked for was not done. */
  | 'journal_failed'
  /** It cannot be used as it is: others may read it, it holds something else, or a newer version wrote it. */
  | 'journal_unusable'
  /** What is written in it cannot be read. */
  | 'journal_damaged'
  /** It was closed. */
  | 'journal_closed'

/** Thrown when a journal cannot be used; `code` says why. */
export class JournalError extends LongcallError {
  override readonly name = 'JournalError'
  declare readonly code: JournalErrorCode

  // oxlint-disable-next-line no-useless-constructor -- only these codes
  constructor(code: JournalErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}
