import { ProtocolError, type Result } from '@modelcontextprotocol/server'
import { rpcErrorCodes } from '@longcall/core'

/*
 * A session of an earlier protocol version is served by the same server object, and knows nothing of tasks: the version is
 * agreed on when the object has declared them already.
 */

/** The answer to `initialize`, without the capability. */
export function withoutTasks(result: Result): Result {
  const { tasks: _unknown, ...capabilities } = (result['capabilities'] ?? {}) as Readonly<Record<string, unknown>>
  return { ...result, capabilities }
}

/** The answer to `tools/list`, without what the tools say of tasks. */
export function withoutExecution(result: Result): Result {
  const tools = result['tools'] as readonly { readonly execution?: unknown }[]
  return { ...result, tools: tools.map(({ execution: _unknown, ...tool }) => tool) }
}

/** The answer to `tasks/*`. */
export function noMethod(): ProtocolError {
  return new ProtocolError(rpcErrorCodes.methodNotFound, 'Method not found')
}
