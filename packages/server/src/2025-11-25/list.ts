import type { Result } from '@modelcontextprotocol/server'
import { ProtocolError } from '@modelcontextprotocol/server'
import { rpcErrorCodes } from '@longcall/core'
import { writeState } from '@longcall/core/wire/2025-11-25'
import { stateOf } from './task-state.ts'
import type { TaskService } from '../calls/task-service.ts'

/** A page of the caller's own tasks. Source: specification 2025-11-25, Tasks, "Task Listing". */
export async function listTasks({ runtime }: TaskService, owner: string, cursor: unknown): Promise<Result> {
  if (cursor !== undefined && typeof cursor !== 'string') {
    throw new ProtocolError(rpcErrorCodes.invalidParams, 'cursor must be a string.')
  }
  const page = await runtime.list({ owner }, { limit: pageSize, ...(cursor !== undefined && { cursor }) })
  return {
    tasks: page.tasks.map((task) => writeState(stateOf(task, runtime.clock.now()))),
    ...(page.nextCursor !== undefined && { nextCursor: page.nextCursor }),
  }
}

const pageSize = 50
