import { ProtocolError } from '@modelcontextprotocol/client'
import { RpcError, rpcErrorCodes } from '@longcall/core'
import { saidBy } from '../errors/clip.ts'

/** What a server is told when a handler of the user's threw: a JSON-RPC error as it is, of all else the message, never a stack. */
export function toHostedError(method: string, error: unknown): RpcError {
  if (error instanceof RpcError) return error
  if (error instanceof ProtocolError) return new RpcError(error.code, saidBy(error), error.data, { cause: error })
  const message = `The client's handler for ${method} failed: ${saidBy(error)}`
  return new RpcError(rpcErrorCodes.internalError, message, undefined, { cause: error })
}
