import type { CallToolResult, Tool } from '@modelcontextprotocol/client'
import { longestTimerMs, type Connection } from '../connection/connection.ts'
import { toRequestError } from '../connection/to-request-error.ts'
import type { CallOptions, ToolCall } from './task-wire.ts'

/**
 * Calls a tool through the SDK, which knows multi-round-trip requests and the headers of parameters.
 *
 * The SDK's own deadline is out of the way: how long to wait is the caller's to say, by the signal.
 */
export async function callThroughSdk(connection: Connection, call: ToolCall, options: CallOptions): Promise<SdkReply> {
  try {
    const result = await connection.sdk.callTool(
      { name: call.name, arguments: { ...call.arguments }, ...(call.meta !== undefined && { _meta: call.meta }) },
      {
        signal: options.signal,
        timeout: longestTimerMs,
        onprogress: options.onProgress,
        ...withoutOutputSchema(call.tool),
      },
    )
    return { result, created: connection.sdk.createdTask(result) }
  } catch (error) {
    if (options.signal.aborted) throw options.signal.reason
    throw toRequestError(`tools/call of ${JSON.stringify(call.name)}`, error)
  }
}

/** A result, and the raw answer where that was a task. */
export interface SdkReply {
  readonly result: CallToolResult
  readonly created: Readonly<Record<string, unknown>> | undefined
}

/** With the output schema the SDK throws away a result that lacks structured content, of a tool that ran. */
function withoutOutputSchema(tool: Tool | undefined): { toolDefinition?: Tool } {
  if (tool?.outputSchema === undefined) return {}
  const { outputSchema: _schema, ...definition } = tool
  return { toolDefinition: definition }
}
