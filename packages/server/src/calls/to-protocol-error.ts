import { ProtocolError } from '@modelcontextprotocol/server'
import { notFoundError, toldError, type RpcErrorObject } from '@longcall/core'

/** A JSON-RPC error as the SDK throws it. */
export function protocolError({ code, message, data }: RpcErrorObject): ProtocolError {
  return new ProtocolError(code, message, data)
}

/** The task is not there, is somebody else's or has expired: all of it looks the same. */
export function taskNotFound(id: string): ProtocolError {
  return protocolError(notFoundError(id).rpcError)
}

/** What a request is answered with when this was thrown while it was served. What is no caller's business is not told. */
export function toProtocolError(error: unknown): ProtocolError {
  return error instanceof ProtocolError ? error : protocolError(toldError(error))
}
