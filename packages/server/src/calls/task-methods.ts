import { ProtocolError, type JSONRPCRequest, type Result } from '@modelcontextprotocol/server'
import { rpcErrorCodes, unreachableMessage, type TaskRecord } from '@longcall/core'
import type { Caller } from './caller.ts'
import type { TaskService } from './task-service.ts'
import { taskNotFound, toProtocolError } from './to-protocol-error.ts'

/**
 * The task that a request names, if its caller may see it.
 *
 * @throws {ProtocolError} Thrown with -32602 when the id is none, unknown, expired or somebody else's task.
 */
export async function findTask({ runtime }: TaskService, taskId: unknown, { owner }: Caller): Promise<TaskRecord> {
  if (typeof taskId !== 'string') throw new ProtocolError(rpcErrorCodes.invalidParams, 'taskId must be a string.')
  const task = await runtime.get(taskId, owner)
  if (task === undefined || task.hidden) throw taskNotFound(taskId)
  return task
}

/**
 * The tool that a call names.
 *
 * @throws {ProtocolError} Thrown with -32602 when the name is none.
 */
export function readToolName({ params }: JSONRPCRequest): string {
  const name = params?.['name']
  if (typeof name === 'string') return name
  throw new ProtocolError(rpcErrorCodes.invalidParams, 'The name of the tool must be a string.')
}

/** Serves a request; whatever is thrown becomes an error that a client may see, and what it may not see is reported. */
export async function answering({ runtime }: TaskService, serve: () => Promise<Result>): Promise<Result> {
  try {
    return await serve()
  } catch (error) {
    const told = toProtocolError(error)
    if (told.message === unreachableMessage) runtime.trouble(error)
    throw told
  }
}
