/** What the TypeScript SDK v1 (2025-11-25) sees of calls and questions that become tasks. */
import type { ResponseMessage } from '@modelcontextprotocol/sdk/shared/responseMessage.js'
import type { CallToolResult, Result, Task } from '@modelcontextprotocol/sdk/types.js'

/** All that a stream told, to its end. */
export interface Seen<Kind> {
  readonly types: readonly string[]
  /** Each status, once where several polls in a row saw it. */
  readonly statuses: readonly string[]
  readonly task: Task | undefined
  readonly result: Kind | undefined
  readonly error: unknown
}

/** Reads a stream to its end; `onStatus` is called with each status that is seen. */
export async function readStream<Kind extends Result>(
  stream: AsyncIterable<ResponseMessage<Kind>>,
  onStatus: (task: Task) => void = () => {},
): Promise<Seen<Kind>> {
  const types: string[] = []
  const statuses: string[] = []
  let created: Task | undefined
  let result: Kind | undefined
  let error: unknown
  for await (const message of stream) {
    types.push(message.type)
    if (message.type === 'taskCreated') created = message.task
    if (message.type === 'taskStatus') {
      if (statuses.at(-1) !== message.task.status) statuses.push(message.task.status)
      onStatus(message.task)
    }
    if (message.type === 'result') result = message.result
    if (message.type === 'error') error = message.error
  }
  return { types, statuses, task: created, result, error }
}

/** The first text of a tool's result. */
export function textOf(result: CallToolResult | undefined): string | undefined {
  const [block] = result?.content ?? []
  return block?.type === 'text' ? block.text : undefined
}
