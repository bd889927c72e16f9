import type { TaskEngine } from '../engine/task-engine.ts'
import type { ContractCase } from './contract-case.ts'
import type { EngineCases, EngineUnderTest, SharedEngineCases } from './engine/engine-cases.ts'
import { parking } from './engine/parking.ts'
import { running } from './engine/running.ts'
import { spreading } from './engine/spreading.ts'
import { stopping } from './engine/stopping.ts'

/** How {@link engineContract} comes by engines. */
export interface EngineContractOptions<T extends EngineUnderTest = EngineUnderTest> {
  /** A fresh engine for each case, which runs `concurrency` tasks at once. */
  readonly open: (options: { readonly concurrency: number }) => Promise<T>
  /** Another engine on the same work, as another process would have it. Without it, that part is left out. */
  readonly openSecond?: (first: T, options: { readonly concurrency: number }) => Promise<TaskEngine>
}

/**
 * What every {@link TaskEngine} owes, as a list of claims that any test runner can check.
 *
 * ```ts
 * for (const { name, run } of engineContract({ open })) test(name, run)
 * ```
 *
 * The cases need no test runner and share nothing; what an engine never does, they wait for without end.
 */
export function engineContract<T extends EngineUnderTest>(options: EngineContractOptions<T>): readonly ContractCase[] {
  const { open, openSecond } = options
  const themes: readonly EngineCases[] = [running, parking, stopping]
  const alone = themes.flatMap((theme) =>
    Object.entries(theme).map(([name, { concurrency, check }]) => ({
      name,
      run: () => using(open, concurrency, ({ engine }) => check(engine)),
    })),
  )
  if (openSecond === undefined) return alone
  const shared = Object.entries<SharedEngineCases[string]>(spreading).map(([name, { concurrency, check }]) => ({
    name: `between two processes, ${name}`,
    run: () =>
      using(open, concurrency, async (under) => {
        const second = await openSecond(under, { concurrency })
        try {
          await check(under.engine, second)
        } finally {
          await second.stop()
        }
      }),
  }))
  return [...alone, ...shared]
}

async function using<T extends EngineUnderTest>(
  open: EngineContractOptions<T>['open'],
  concurrency: number,
  check: (under: T) => Promise<void>,
): Promise<void> {
  const under = await open({ concurrency })
  try {
    await check(under)
    await under.engine.stop()
  } finally {
    await under.close()
  }
}
