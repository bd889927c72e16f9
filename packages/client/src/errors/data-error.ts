import { LongcallError } from '@longcall/core'

/**
 * Why the result of a tool has no `data`. The result itself is whole: this comes beside it, as its `dataError`.
 *
 * Thrown when a caller who needs the data throws it; longcall itself never does.
 */
export class DataError extends LongcallError {
  override readonly name = 'DataError'
  /**
   * `invalid_data`: the structured output does not fit its schema, or is missing. `invalid_schema`: the schema cannot be
   * used. `unchecked_data`: whether the output fits was not found out, since it is too large or checking it took too long.
   */
  declare readonly code: 'invalid_data' | 'invalid_schema' | 'unchecked_data'
  readonly tool: string

  /** @param problem What is wrong, in words that follow the name of the tool and a colon. */
  constructor(code: DataError['code'], tool: string, problem: string, options?: ErrorOptions) {
    super(code, `Tool ${JSON.stringify(tool)}: ${problem}`, options)
    this.tool = tool
  }
}
