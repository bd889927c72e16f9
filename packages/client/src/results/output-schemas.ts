import type { StandardSchemaV1 } from '@modelcontextprotocol/client'
import { saidBy } from '../errors/clip.ts'
import { DataError } from '../errors/data-error.ts'
import type { SchemaChecker } from './schema-checker.ts'
import { listViolations, violationsOfIssues } from './violations.ts'

/** The result of a tool, and what says what its data must be. */
export interface UncheckedResult<Data> {
  readonly tool: string
  /** The result as it came. */
  readonly result: Readonly<Record<string, unknown>>
  /** The tool's output schema as its listing has it; `undefined` or `null` when it has none, or is not known. */
  readonly outputSchema: unknown
  /** The caller's own schema; it replaces the tool's. */
  readonly schema?: StandardSchemaV1<unknown, Data> | undefined
}

/** The data of a result, or why there is none; both are `undefined` when the tool failed, or promised and sent nothing. */
export interface ResultData<Data> {
  readonly data: Data | undefined
  readonly dataError: DataError | undefined
}

/**
 * Finds the data of tools' results: the structured output, checked.
 *
 * One for each client: what was learned of a schema is kept for as long as the schema's object lives. The validator is loaded
 * with the first schema of a server, so that nobody else waits for it.
 */
export class OutputSchemas {
  #checker: Promise<SchemaChecker> | undefined

  /**
   * The data of a result. Never rejects: the tool ran, and its result was paid for.
   *
   * Where the tool's schema or the result says so, what the tool returned is wrapped (`{ result: … }`), as FastMCP does with
   * values that are no objects, and the data is what is within.
   */
  async read<Data = unknown>(unchecked: UncheckedResult<Data>): Promise<ResultData<Data>> {
    const { tool, result, outputSchema, schema } = unchecked
    if (result['isError'] === true) return { data: undefined, dataError: undefined }
    const sent = ownField(result, 'structuredContent')
    const isPromised = schema !== undefined || (outputSchema !== undefined && outputSchema !== null)
    if (sent === undefined) {
      return isPromised
        ? failed('invalid_data', tool, 'it sent no structuredContent, which its output schema promises')
        : { data: undefined, dataError: undefined }
    }
    if (schema === undefined && isPromised) {
      const dataError = await this.#check(tool, outputSchema, sent)
      if (dataError !== undefined) return { data: undefined, dataError }
    }
    const isWrapped = isWrapping(outputSchema, result)
    const value = isWrapped ? ownField(sent, 'result') : sent
    if (value === undefined) {
      return failed(
        'invalid_data',
        tool,
        'its structuredContent lacks "result", in which it says that its data is wrapped',
      )
    }
    return schema === undefined
      ? { data: value as Data, dataError: undefined }
      : await readByCaller(tool, schema, value)
  }

  async #check(tool: string, outputSchema: unknown, value: unknown): Promise<DataError | undefined> {
    if (typeof outputSchema !== 'object' || outputSchema === null || Array.isArray(outputSchema)) {
      return new DataError('invalid_schema', tool, "the server's output schema cannot be used, since it is no object")
    }
    this.#checker ??= import('./schema-checker.ts').then((module) => new module.SchemaChecker())
    let checker: SchemaChecker
    try {
      checker = await this.#checker
    } catch (error) {
      return new DataError('unchecked_data', tool, `the validator could not be loaded: ${saidBy(error)}`, {
        cause: error,
      })
    }
    const verdict = checker.check(outputSchema, value)
    switch (verdict.kind) {
      case 'fits':
        return undefined
      case 'violated': {
        const violations = listViolations(verdict.violations)
        return new DataError(
          'invalid_data',
          tool,
          `its structuredContent does not fit its output schema: ${violations}`,
        )
      }
      case 'unusable_schema': {
        const problem = `the server's output schema cannot be used, since ${verdict.why}`
        return new DataError('invalid_schema', tool, problem, { cause: verdict.cause })
      }
      case 'unchecked': {
        const problem = `its structuredContent could not be checked against its output schema: ${verdict.why}`
        return new DataError('unchecked_data', tool, problem, { cause: verdict.cause })
      }
    }
  }
}

async function readByCaller<Data>(
  tool: string,
  schema: StandardSchemaV1<unknown, Data>,
  value: unknown,
): Promise<ResultData<Data>> {
  try {
    const outcome = await schema['~standard'].validate(value)
    if (!outcome.issues) return { data: outcome.value, dataError: undefined }
    const violations = listViolations(violationsOfIssues(outcome.issues))
    return failed('invalid_data', tool, `its structuredContent does not fit the schema given: ${violations}`)
  } catch (error) {
    return failed('invalid_schema', tool, `the schema given failed: ${saidBy(error)}`, { cause: error })
  }
}

/** FastMCP says so in the schema, and in the result for those who do not know the schema. */
function isWrapping(outputSchema: unknown, result: unknown): boolean {
  const fastmcp = ownField(ownField(result, '_meta'), 'fastmcp')
  return ownField(outputSchema, 'x-fastmcp-wrap-result') === true || ownField(fastmcp, 'wrap_result') === true
}

function ownField(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Readonly<Record<string, unknown>>)[name]
}

function failed(
  code: DataError['code'],
  tool: string,
  problem: string,
  options?: ErrorOptions,
): { data: undefined; dataError: DataError } {
  return { data: undefined, dataError: new DataError(code, tool, problem, options) }
}
