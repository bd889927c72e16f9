import { expect } from 'vitest'

/** What a promise rejects with; the test fails where it does not. */
export function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => expect.fail(`resolved with ${JSON.stringify(value)}`),
    (error: unknown) => error,
  )
}
