import type { StandardSchemaV1, Tool } from '@modelcontextprotocol/client'
import type { Clock } from '@longcall/core'
import { ToolError } from '../errors/tool-error.ts'
import type { OutputSchemas } from '../results/output-schemas.ts'
import { readToolResult, type ToolResult } from '../tasks/tool-result.ts'
import type { ToolCatalog } from './tool-catalog.ts'

/** Reads what tools return: its data by the tool's output schema, which is listed where it is not known yet. */
export class ToolReader {
  readonly #schemas: OutputSchemas
  readonly #catalog: () => ToolCatalog | undefined
  readonly #clock: Clock

  /** `catalog` is that of the moment: a result can be read after the connection is closed. */
  constructor(schemas: OutputSchemas, catalog: () => ToolCatalog | undefined, clock: Clock) {
    this.#schemas = schemas
    this.#catalog = catalog
    this.#clock = clock
  }

  /**
   * The result of a tool call.
   *
   * @throws {ToolError} Thrown when the tool reported a failure, unless `throwOnError` is false.
   */
  async read<Data>(
    tool: string,
    result: Readonly<Record<string, unknown>>,
    { throwOnError = true, schema }: ReadHow<Data> = {},
  ): Promise<ToolResult<Data>> {
    const listed = await this.#tool(tool, result, schema !== undefined)
    let checked = await this.#schemas.read<Data>({ tool, result, outputSchema: listed?.outputSchema, schema })
    if (checked.dataError !== undefined && schema === undefined && this.#mayBeOutdated()) {
      this.#catalog()?.forget()
      const now = await this.#tool(tool, result, false)
      if (now !== undefined) checked = await this.#schemas.read<Data>({ tool, result, outputSchema: now.outputSchema })
    }
    const read = readToolResult(result, checked)
    if (read.isError && throwOnError) throw new ToolError(tool, read)
    return read
  }

  /** A server that changed a tool and did not say so; one whose data never fits is not asked for its tools each time. */
  #mayBeOutdated(): boolean {
    return (this.#catalog()?.ageMs ?? 0) > outdatedMs
  }

  /** Only data needs the listing, and the caller may bring a schema of their own. */
  async #tool(name: string, result: Readonly<Record<string, unknown>>, hasSchema: boolean): Promise<Tool | undefined> {
    const catalog = this.#catalog()
    const known = catalog?.known(name)?.tool
    const isNeeded = result['structuredContent'] !== undefined && result['isError'] !== true && !hasSchema
    if (known !== undefined || catalog === undefined || !isNeeded) return known
    const patience = new AbortController()
    // The result is here: a server that does not list its tools now must not keep it from the caller.
    const late = this.#clock.sleep(listingMs, patience.signal).catch(() => {})
    const found = await Promise.race([catalog.find(name).catch(() => {}), late])
    patience.abort(new Error('listed'))
    return found ?? undefined
  }
}

/** How to read a result. */
export interface ReadHow<Data> {
  readonly throwOnError?: boolean | undefined
  readonly schema?: StandardSchemaV1<unknown, Data> | undefined
}

const listingMs = 10_000
const outdatedMs = 30_000
