import type { ContentBlock } from '@modelcontextprotocol/client'
import type { DataError } from '../errors/data-error.ts'
import type { ResultData } from '../results/output-schemas.ts'

/** What a tool returned. */
export interface ToolResult<Data = unknown> {
  readonly content: readonly ContentBlock[]
  /** The structured output as it came; any JSON value. */
  readonly structuredContent: unknown
  /**
   * The structured output, checked by the tool's output schema, or by the caller's own; unchecked where there is neither.
   * `undefined` when there is none, when it does not fit, and on an error.
   */
  readonly data: Data | undefined
  /** Why there is no `data`, though the tool ran and promised some: what it sent does not fit. */
  readonly dataError: DataError | undefined
  /** The result's `_meta`. */
  readonly meta: Readonly<Record<string, unknown>> | undefined
  /** Whether the tool reported a failure. */
  readonly isError: boolean
}

/** Reads a tool's result: leniently, since the tool ran and its result was paid for. */
export function readToolResult<Data>(
  result: Readonly<Record<string, unknown>>,
  { data, dataError }: ResultData<Data>,
): ToolResult<Data> {
  const { content, structuredContent, _meta, isError } = result
  return {
    content: Array.isArray(content) ? content.filter(isBlock) : [],
    structuredContent,
    data: isError === true ? undefined : data,
    dataError,
    meta: typeof _meta === 'object' && _meta !== null ? (_meta as Record<string, unknown>) : undefined,
    isError: isError === true,
  }
}

function isBlock(value: unknown): value is ContentBlock {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}
