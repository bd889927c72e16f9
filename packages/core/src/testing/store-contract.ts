import type { TaskStore } from '../store/task-store.ts'
import type { ContractCase } from './contract-case.ts'
import { casesOf, using } from './make-cases.ts'
import { claiming } from './store/claiming.ts'
import { clockTurnedBack, updating } from './store/updating.ts'
import { creating } from './store/creating.ts'
import { ending } from './store/ending.ts'
import { expiring } from './store/expiring.ts'
import { guarding } from './store/guarding.ts'
import { keeping } from './store/keeping.ts'
import { leasing } from './store/leasing.ts'
import { listing } from './store/listing.ts'
import { losing } from './store/losing.ts'
import { paging } from './store/paging.ts'
import { questions } from './store/questions.ts'
import { racing } from './store/racing.ts'
import { racingToWrite } from './store/racing-to-write.ts'
import { recounting } from './store/recounting.ts'
import { repeating } from './store/repeating.ts'
import { searching } from './store/searching.ts'
import { openedLater, sharing } from './store/sharing.ts'
import type { SharedCases, StoreCases, StoreUnderTest } from './store/store-cases.ts'
import { watching } from './store/watching.ts'

/** How {@link storeContract} comes by stores. */
export interface StoreContractOptions<T extends StoreUnderTest = StoreUnderTest> {
  /** A fresh store for each case. */
  readonly open: () => Promise<T>
  /** Another handle on the data of a store, as another process would have it. Without it, that part is left out. */
  readonly openSecond?: (first: T) => Promise<TaskStore>
  /** Sets the store's clock back, as when somebody corrects it. Without it, that part is left out. */
  readonly turnBack?: (first: T, ms: number) => Promise<void>
}

/**
 * What every {@link TaskStore} owes, as a list of claims that any test runner can check.
 *
 * ```ts
 * for (const { name, run } of storeContract({ open })) test(name, run)
 * ```
 *
 * The cases need no test runner and share nothing; they may run side by side.
 */
export function storeContract<T extends StoreUnderTest>(options: StoreContractOptions<T>): readonly ContractCase[] {
  const { open, openSecond, turnBack } = options
  const themes: readonly StoreCases[] = [
    creating,
    keeping,
    ending,
    guarding,
    updating,
    questions,
    claiming,
    losing,
    leasing,
    listing,
    paging,
    recounting,
    repeating,
    searching,
    expiring,
    watching,
  ]
  const races: readonly SharedCases[] = [racing, racingToWrite]
  const cases = themes.flatMap((theme) => casesOf(theme, (check) => using(open, check)))
  const alone = races.flatMap((theme) =>
    casesOf(theme, (check) => using(open, (under) => check(under, [under.store, under.store]))),
  )
  const shared = [...races, sharing].flatMap((theme) =>
    openSecond === undefined
      ? []
      : casesOf(
          theme,
          (check) =>
            using(open, (under) =>
              using(
                () => openSecond(under),
                (second) => check(under, [under.store, second]),
              ),
            ),
          'between two handles, ',
        ),
  )
  const lasting =
    openSecond === undefined
      ? []
      : casesOf(
          openedLater,
          (check) => using(open, (under) => check(under.store, (use) => using(() => openSecond(under), use))),
          'between two handles, ',
        )
  const turned =
    turnBack === undefined
      ? []
      : casesOf(clockTurnedBack, (check) => using(open, (under) => check(under, (ms) => turnBack(under, ms))))
  return [...cases, ...alone, ...shared, ...lasting, ...turned]
}
