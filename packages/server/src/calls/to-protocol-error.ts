import { ProtocolError } from '@modelcontextprotocol/server'
import {
  BackendError,
  BadCursorError,
  LongcallError,
  NotJsonError,
  RpcError,
  rpcErrorCodes,
  TaskLimitError,
  TooLargeError,
  UnknownToolError,
  type RpcErrorObject,
} from '@longcall/core'

/** A JSON-RPC error as the SDK throws it. */
export function protocolError({ code, message, data }: RpcErrorObject): ProtocolError {
  return new ProtocolError(code, message, data)
}

/** The task is not there, is somebody else's or has expired: all of it looks the same. */
export function taskNotFound(id: string): ProtocolError {
  return new ProtocolError(rpcErrorCodes.invalidParams, `Task not found: ${id.slice(0, 200)}`)
}

/** What a request is answered with when this was thrown while it was served. What is no caller's business is not told. */
export function toProtocolError(error: unknown): ProtocolError {
  if (error instanceof ProtocolError) return error
  if (error instanceof RpcError) return protocolError(error.rpcError)
  if (
    error instanceof BadCursorError ||
    error instanceof TooLargeError ||
    error instanceof NotJsonError ||
    error instanceof UnknownToolError
  ) {
    return new ProtocolError(rpcErrorCodes.invalidParams, error.message)
  }
  if (error instanceof TaskLimitError) {
    return new ProtocolError(rpcErrorCodes.internalError, error.message, { reason: error.code, maxOpen: error.maxOpen })
  }
  if (error instanceof LongcallError && !(error instanceof BackendError)) {
    return new ProtocolError(rpcErrorCodes.internalError, error.message)
  }
  return new ProtocolError(rpcErrorCodes.internalError, unreachableMessage)
}

/** What a caller is told when something failed that is none of its business. */
export const unreachableMessage = 'Tasks cannot be reached at the moment; try again.'
