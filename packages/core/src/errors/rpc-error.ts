import type { RpcErrorObject } from '../task/task-outcome.ts'
import { LongcallError } from './longcall-error.ts'

/**
 * Thrown when a question is answered with a JSON-RPC error, or something cannot be done that a requestor asked for; throw it
 * from a body, and its request ends in exactly this error.
 */
export class RpcError extends LongcallError {
  override readonly name: string = 'RpcError'
  /** The error as it is on the wire. */
  readonly rpcError: RpcErrorObject

  /** The client has an error of this name for what it was answered: thrown on by a body, it is not meant for its caller. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return super[Symbol.hasInstance](value) && typeof (value as Partial<RpcError>).rpcError === 'object'
  }

  /** @param rpcCode A JSON-RPC error code, an integer. */
  constructor(rpcCode: number, message: string, data?: unknown, options?: ErrorOptions) {
    super('rpc_error', message, options)
    this.rpcError = { code: rpcCode, message, ...(data !== undefined && { data }) }
  }
}

/** The JSON-RPC error codes that this protocol uses. Source: JSON-RPC 2.0; specification 2025-11-25, Tasks, "Error Handling". */
export const rpcErrorCodes = {
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
  internalError: -32_603,
} as const
