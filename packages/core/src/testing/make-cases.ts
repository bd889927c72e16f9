import type { ContractCase } from './contract-case.ts'

/** The claims of a theme as cases; `run` gives each what it needs. */
export function casesOf<Check>(
  theme: Readonly<Record<string, Check>>,
  run: (check: Check) => Promise<void>,
  prefix = '',
): readonly ContractCase[] {
  return Object.entries(theme).map(([claim, check]) => ({ name: `${prefix}${claim}`, run: () => run(check) }))
}

/** Has `check` use what was opened, and closes it, whether that went well or not. */
export async function using<T extends { close(): Promise<void> }>(
  open: () => Promise<T>,
  check: (opened: T) => Promise<void>,
): Promise<void> {
  const opened = await open()
  try {
    await check(opened)
  } finally {
    await opened.close()
  }
}
