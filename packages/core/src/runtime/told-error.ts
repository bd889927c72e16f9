import { BackendError } from '../errors/backend-error.ts'
import { LongcallError } from '../errors/longcall-error.ts'
import { RpcError, rpcErrorCodes } from '../errors/rpc-error.ts'
import { TaskLimitError, UnknownToolError } from '../errors/runtime-errors.ts'
import { NotJsonError, TooLargeError } from '../json/json.ts'
import { BadCursorError } from '../store/bad-cursor-error.ts'
import type { RpcErrorObject } from '../task/task-outcome.ts'

/** What a requestor is told when this was thrown while its request about tasks was served. What is not its business is not told. */
export function toldError(error: unknown): RpcErrorObject {
  if (error instanceof RpcError) return error.rpcError
  if (
    error instanceof BadCursorError ||
    error instanceof TooLargeError ||
    error instanceof NotJsonError ||
    error instanceof UnknownToolError
  ) {
    return { code: rpcErrorCodes.invalidParams, message: error.message }
  }
  if (error instanceof TaskLimitError) {
    const data = { reason: error.code, maxOpen: error.maxOpen }
    return { code: rpcErrorCodes.internalError, message: error.message, data }
  }
  if (error instanceof LongcallError && !(error instanceof BackendError)) {
    return { code: rpcErrorCodes.internalError, message: error.message }
  }
  return { code: rpcErrorCodes.internalError, message: unreachableMessage }
}

/** The task is not there, is somebody else's or has expired: all of it looks the same. */
export function notFoundError(id: string): RpcError {
  return new RpcError(rpcErrorCodes.invalidParams, `Task not found: ${id.slice(0, 200)}`)
}

/** What a requestor is told when something failed that is none of its business. */
export const unreachableMessage = 'Tasks cannot be reached at the moment; try again.'
