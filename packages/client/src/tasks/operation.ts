/** The request that became the task. */
export type Operation = ToolOperation | PromptOperation | ResourceOperation

/** A tool call. */
export interface ToolOperation {
  readonly method: 'tools/call'
  readonly name: string
}

/** A prompt that was asked for. */
export interface PromptOperation {
  readonly method: 'prompts/get'
  readonly name: string
}

/** A resource that was read. */
export interface ResourceOperation {
  readonly method: 'resources/read'
  readonly uri: string
}

/** Stands for the request of a task that is known by its id alone. */
export const unknownOperation: ToolOperation = { method: 'tools/call', name: 'an unknown request' }

/** What a request is about: the name of a tool or a prompt, or a URI. */
export function subjectOf(operation: Operation): string {
  return operation.method === 'resources/read' ? operation.uri : operation.name
}

/** For messages: a tool's name, or `prompt` or `resource` and its name or URI, quoted and cut to a bearable length. */
export function nameOperation(operation: Operation): string {
  const subject = subjectOf(operation)
  const quoted = JSON.stringify(subject.length > 100 ? `${subject.slice(0, 100)}…` : subject)
  return `${kinds[operation.method]}${quoted}`
}

/** Reads as the beginning of a sentence: `Task 7f3c of "render"`. */
export function nameTask(taskId: string, operation: Operation): string {
  return `Task ${JSON.stringify(taskId).slice(1, -1)} of ${nameOperation(operation)}`
}

const kinds = { 'tools/call': '', 'prompts/get': 'prompt ', 'resources/read': 'resource ' } as const
