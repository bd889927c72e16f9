import type { Tool } from '@modelcontextprotocol/client'
import { longestTimerMs } from '@longcall/core'
import type { Connection } from '../connection/connection.ts'
import { exchange, type ExchangeOptions } from '../connection/exchange.ts'
import { RpcError } from '../errors/request-errors.ts'
import type { ToolOperation } from './operation.ts'
import { toExchange, type CallRequest } from './task-wire.ts'

/**
 * Sends a request that may become a task to a 2026-07-28 server, and gives the raw answer.
 *
 * Where a tool wants parameters in headers (SEP-2243), over HTTP, the SDK calls it, which knows how those are written. A
 * server that misses a header has refused the call (-32020): the tool was not listed here, and nothing ran.
 */
export async function call2026(connection: Connection, call: CallRequest, options: ExchangeOptions): Promise<Raw> {
  const { operation, headed } = call
  if (operation.method !== 'tools/call') return exchange(connection, toExchange(call), options)
  if (headed !== undefined) return callThroughSdk(connection, operation, call, options, headed)
  try {
    return await exchange(connection, toExchange(call), options)
  } catch (error) {
    if (!(error instanceof RpcError) || error.rpcCode !== headerMismatch) throw error
    return callThroughSdk(connection, operation, call, options, undefined)
  }
}

/** The SDK's own deadline is out of the way: how long to wait is the caller's to say. */
function callThroughSdk(
  connection: Connection,
  { name }: ToolOperation,
  { params, meta, isSafe }: CallRequest,
  options: ExchangeOptions,
  tool: Tool | undefined,
): Promise<Raw> {
  const args = { ...(params['arguments'] as Raw | undefined) }
  return connection.use(
    `tools/call of ${JSON.stringify(name)}`,
    isSafe,
    async ({ sdk }) => {
      const result = await sdk.callTool(
        { name, arguments: args, ...(meta !== undefined && { _meta: meta }) },
        {
          signal: options.cancellation.signal,
          timeout: longestTimerMs,
          onprogress: options.onProgress,
          ...(tool !== undefined && { toolDefinition: withoutOutputSchema(tool) }),
        },
      )
      return sdk.createdTask(result) ?? result
    },
    options.cancellation,
  )
}

type Raw = Readonly<Record<string, unknown>>

/** Source: specification 2026-07-28, `HEADER_MISMATCH`. */
const headerMismatch = -32_020

/** With the output schema the SDK throws away a result that lacks structured content, of a tool that ran. */
function withoutOutputSchema({ outputSchema: _schema, ...tool }: Tool): Tool {
  return tool
}
