import type { Answer } from '../sdk/sdk-server.ts'

/**
 * The JSON-RPC id of a question on its way: from it alone, any process that gets the answer finds the task and the key.
 *
 * Nobody can guess it who does not know the task's id. Each delivery has an id of its own, as JSON-RPC wants it.
 */
export function questionId(taskId: string, key: string): string {
  return [prefix, taskId, key, crypto.randomUUID()].map(encodeURIComponent).join('/')
}

/** Which question this answers; `undefined` when it is none of ours. */
export function answerOf({ id }: Answer): { readonly taskId: string; readonly key: string } | undefined {
  if (typeof id !== 'string') return undefined
  const [first, taskId, key, delivery] = id.split('/')
  if (first !== prefix || taskId === undefined || key === undefined || delivery === undefined) return undefined
  try {
    return { taskId: decodeURIComponent(taskId), key: decodeURIComponent(key) }
  } catch {
    return undefined
  }
}

const prefix = 'task-question'
