import type { Journal } from '../../journal/journal.ts'

/** A journal that was opened for one case. */
export interface JournalUnderTest {
  /** Keeps nothing yet. */
  readonly journal: Journal
  /** Called when the case is over, whether it held or not. */
  close(): Promise<void>
}

/** Claims about two handles on the same journal, which may be one and the same. */
export type JournalCases = Readonly<Record<string, (handles: readonly [Journal, Journal]) => Promise<void>>>

/** Claims about a journal that is opened again, as by a process that comes later. */
export type LastingCases = Readonly<
  Record<
    string,
    (journal: Journal, later: (use: (journal: Journal) => Promise<void>) => Promise<void>) => Promise<void>
  >
>
