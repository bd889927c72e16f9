import { LongcallError } from '@longcall/core'
import { compiledForm } from './compiled-form.ts'

/**
 * Refuses a form that nobody could fill in, before it is asked.
 *
 * @throws {LongcallError} Thrown with the code `bad_form` when its schema is none.
 */
export function assertForm(requestedSchema: object): void {
  try {
    compiledForm(requestedSchema)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new LongcallError('bad_form', `The requestedSchema of the question is no schema: ${why}`, { cause: error })
  }
}
