import { asRecord, field, isDeclared } from '../read.ts'

/**
 * What a server does with tasks. `tasks/get` and `tasks/result` come with whatever may become one.
 *
 * Source: schema 2025-11-25, `ServerCapabilities.tasks`; prompts and resources are in no revision, and declared by FastMCP
 * 2.14 to 3.
 */
export interface TasksCapability {
  /** `tools/call` may become a task. */
  readonly toolCalls: boolean
  /** `prompts/get` may become a task. */
  readonly promptGets: boolean
  /** `resources/read` may become a task. */
  readonly resourceReads: boolean
  readonly list: boolean
  readonly cancel: boolean
}

/** Whether a tool can be called as a task; `required` is only as a task. */
export type TaskSupport = 'forbidden' | 'optional' | 'required'

/** The tasks capability on the wire. */
export type WireTasksCapability = {
  readonly list?: Empty
  readonly cancel?: Empty
  readonly requests?: { readonly tools: { readonly call: Empty } }
}

type Empty = Readonly<Record<string, never>>

/** What a server's capabilities say about tasks; `undefined` when it has none. */
export function readTasksCapability(serverCapabilities: unknown): TasksCapability | undefined {
  const tasks = asRecord(field(asRecord(serverCapabilities), 'tasks'))
  if (tasks === undefined) return undefined
  const requests = asRecord(field(tasks, 'requests'))
  const declares = (kind: string, method: string): boolean => isDeclared(field(asRecord(field(requests, kind)), method))
  return {
    toolCalls: declares('tools', 'call'),
    promptGets: declares('prompts', 'get'),
    resourceReads: declares('resources', 'read'),
    list: isDeclared(field(tasks, 'list')),
    cancel: isDeclared(field(tasks, 'cancel')),
  }
}

/** The value of a server's `capabilities.tasks`, of what the specification has. */
export function writeTasksCapability(
  capability: Pick<TasksCapability, 'toolCalls' | 'list' | 'cancel'>,
): WireTasksCapability {
  return {
    ...(capability.list && { list: {} }),
    ...(capability.cancel && { cancel: {} }),
    ...(capability.toolCalls && { requests: { tools: { call: {} } } }),
  }
}

/**
 * Whether a tool of `tools/list` can be called as a task; `forbidden` when it does not say.
 *
 * It only counts when the server declares `toolCalls`. Source: schema 2025-11-25, `ToolExecution`.
 */
export function taskSupport(tool: unknown): TaskSupport {
  const said = field(asRecord(field(asRecord(tool), 'execution')), 'taskSupport')
  return said === 'optional' || said === 'required' ? said : 'forbidden'
}
