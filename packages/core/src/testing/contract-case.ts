/**
 * One claim of a contract, for the test runner of your choice.
 *
 * ```ts
 * for (const { name, run } of storeContract({ open })) test(name, run)
 * ```
 */
export interface ContractCase {
  /** What is claimed. */
  readonly name: string
  /** Resolves when the claim holds; rejects with what `node:assert` throws when it does not. */
  readonly run: () => Promise<void>
}
