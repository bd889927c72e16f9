import type { ContentBlock } from '@modelcontextprotocol/client'
import { TaskCancelledError, TaskFailedError } from '@longcall/core'
import { ToolError } from '../errors/tool-error.ts'
import { nameOperation } from './task-reference.ts'
import type { TaskEnding } from './task-source.ts'

/** What a tool returned. */
export interface ToolResult<Data = unknown> {
  readonly content: readonly ContentBlock[]
  /** The structured output as it came; any JSON value. */
  readonly structuredContent: unknown
  /** The structured output in the caller's type, which nothing checks; `undefined` when there is none, or on an error. */
  readonly data: Data | undefined
  /** The result's `_meta`. */
  readonly meta: Readonly<Record<string, unknown>> | undefined
  /** Whether the tool reported a failure. */
  readonly isError: boolean
}

/** Reads a tool's result: leniently, since the tool ran and its result was paid for. */
export function readToolResult<Data>(result: Readonly<Record<string, unknown>>): ToolResult<Data> {
  const { content, structuredContent, _meta, isError } = result
  return {
    content: Array.isArray(content) ? content.filter(isBlock) : [],
    structuredContent,
    data: isError === true ? undefined : (structuredContent as Data | undefined),
    meta: typeof _meta === 'object' && _meta !== null ? (_meta as Record<string, unknown>) : undefined,
    isError: isError === true,
  }
}

function isBlock(value: unknown): value is ContentBlock {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}

/**
 * The result of a tool call, however it came.
 *
 * @throws {ToolError} Thrown when the tool reported a failure, unless `throwOnError` is false.
 */
export function settleToolResult<Data>(
  tool: string,
  result: Readonly<Record<string, unknown>>,
  throwOnError: boolean,
): ToolResult<Data> {
  const read = readToolResult<Data>(result)
  if (read.isError && throwOnError) throw new ToolError(tool, read)
  return read
}

/**
 * The result of a tool call that was a task.
 *
 * @throws {ToolError} Thrown when the tool reported a failure, unless `throwOnError` is false.
 * @throws {TaskFailedError} Thrown when the call ended in a JSON-RPC error.
 * @throws {TaskCancelledError} Thrown when the task was cancelled.
 */
export function settleToolTask<Data>(tool: string, ending: TaskEnding, throwOnError: boolean): ToolResult<Data> {
  const { snapshot } = ending
  const name = nameOperation({ method: 'tools/call', name: tool })
  switch (ending.kind) {
    case 'result':
      return settleToolResult(tool, ending.result, throwOnError)
    case 'error':
      throw new TaskFailedError(snapshot.id, name, ending.error, snapshot)
    case 'cancelled':
      throw new TaskCancelledError(snapshot.id, name, snapshot)
  }
}
