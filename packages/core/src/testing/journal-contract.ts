import type { Journal } from '../journal/journal.ts'
import type { ContractCase } from './contract-case.ts'
import { casesOf, using } from './make-cases.ts'
import type { JournalCases, JournalUnderTest } from './journal/journal-cases.ts'
import { keepingRecords, keptForLater } from './journal/keeping-records.ts'
import { racingRecords } from './journal/racing-records.ts'
import { tellingOthers } from './journal/telling-others.ts'

/** How {@link journalContract} comes by journals. */
export interface JournalContractOptions<T extends JournalUnderTest = JournalUnderTest> {
  /** A fresh journal for each case. */
  readonly open: () => Promise<T>
  /** Another handle on the same journal, as another process would have it. Without it, that part is left out. */
  readonly openSecond?: (first: T) => Promise<Journal>
}

/**
 * What every {@link Journal} owes, as a list of claims that any test runner can check.
 *
 * ```ts
 * for (const { name, run } of journalContract({ open })) test(name, run)
 * ```
 *
 * The cases need no test runner and share nothing; they may run side by side.
 */
export function journalContract<T extends JournalUnderTest>(
  options: JournalContractOptions<T>,
): readonly ContractCase[] {
  const { open, openSecond } = options
  const themes: readonly JournalCases[] = [keepingRecords, racingRecords, tellingOthers]
  const alone = themes.flatMap((theme) =>
    casesOf(theme, (check) => using(open, ({ journal }) => check([journal, journal]))),
  )
  if (openSecond === undefined) return alone
  const shared = themes.flatMap((theme) =>
    casesOf(
      theme,
      (check) =>
        using(open, (under) =>
          using(
            () => openSecond(under),
            (second) => check([under.journal, second]),
          ),
        ),
      'between two handles, ',
    ),
  )
  const lasting = casesOf(keptForLater, (check) =>
    using(open, (under) => check(under.journal, (use) => using(() => openSecond(under), use))),
  )
  return [...alone, ...shared, ...lasting]
}
