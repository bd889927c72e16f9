import { TaskCancelledError, TaskFailedError } from '@longcall/core'
import { clip } from '../errors/clip.ts'
import { nameOperation, type Operation } from './operation.ts'
import type { TaskEnding } from './task-source.ts'

/**
 * The result of a request that was a task, as it came.
 *
 * @throws {TaskFailedError} Thrown when the request ended in an error: a JSON-RPC one, or that of a prompt or a resource,
 * which has no results that are errors. FastMCP words the failure of any request as a tool does.
 * @throws {TaskCancelledError} Thrown when the task was cancelled.
 */
export function rawResultOf(operation: Operation, ending: TaskEnding): Readonly<Record<string, unknown>> {
  const { snapshot } = ending
  const name = nameOperation(operation)
  switch (ending.kind) {
    case 'result': {
      const { result } = ending
      const hasFailed = snapshot.status === 'failed' || result['isError'] === true
      if (operation.method === 'tools/call' || !hasFailed) return result
      throw new TaskFailedError(snapshot.id, name, undefined, snapshot, firstText(result['content']))
    }
    case 'error':
      throw new TaskFailedError(snapshot.id, name, ending.error, snapshot)
    case 'cancelled':
      throw new TaskCancelledError(snapshot.id, name, snapshot)
  }
}

function firstText(content: unknown): string | undefined {
  if (!Array.isArray(content)) return undefined
  const [block] = content as readonly ({ readonly text?: unknown } | null)[]
  return typeof block?.text === 'string' ? clip(block.text) : undefined
}
