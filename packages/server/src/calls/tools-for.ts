import type { Tool } from '../tool/tool.ts'
import type { TaskService } from './task-service.ts'

/**
 * The tools that a request may be about. A server object that serves this request and no other needs no more, and to give
 * it dozens takes longer than most requests do.
 */
export function toolsFor({ tools }: TaskService, message: unknown): Iterable<Tool> {
  const { method, params } = (message ?? {}) as { method?: unknown; params?: { name?: unknown } | null }
  const isOfOne = method === 'tools/call' || (typeof method === 'string' && method.startsWith('tasks/'))
  if (!isOfOne) return tools.values()
  // One at least: a server object without tools would refuse to be given a handler of their calls.
  const [first] = tools.values()
  const name = params?.name
  const tool = (typeof name === 'string' ? tools.get(name) : undefined) ?? first
  return tool === undefined ? [] : [tool]
}
