import type { GetPromptResult } from '@modelcontextprotocol/client'
import { subjectOf, unknownOperation, type Operation } from '../tasks/operation.ts'
import { PromptTask, readPromptResult } from '../tasks/prompt-task.ts'
import { rawResultOf } from '../tasks/raw-result.ts'
import { readContents, readTaskContents, ResourceTask, type ResourceContents } from '../tasks/resource-task.ts'
import type { TaskSource } from '../tasks/task-source.ts'
import type { ToolResult } from '../tasks/tool-result.ts'
import { ToolTask } from '../tasks/tool-task.ts'
import type { ToolReader } from './tool-reader.ts'

/** What requests that may become tasks return. */
export type TaskResult = ToolResult | GetPromptResult | ResourceContents

/** A handle whose kind its `method` tells. */
export type AnyTask<Data = unknown> = ToolTask<Data> | PromptTask | ResourceTask

/** The kinds of tasks, by the request that became one: which handle each has, and how its result is read. */
export class TaskKinds {
  readonly #reader: ToolReader
  readonly #report: (error: unknown) => void

  constructor(reader: ToolReader, report: (error: unknown) => void) {
    this.#reader = reader
    this.#report = report
  }

  /** A handle; `acknowledge` is called once its `result()` gave the outcome. */
  handle<Data>(source: TaskSource, acknowledge?: () => void): AnyTask<Data> {
    const { operation } = source
    const handle = { limits: {}, report: this.#report, acknowledge }
    switch (operation.method) {
      case 'prompts/get':
        return new PromptTask({ source, handle })
      case 'resources/read':
        return new ResourceTask({ source, handle })
      case 'tools/call':
        return new ToolTask<Data>(source, {
          ...handle,
          read: async (ending) => this.#reader.read<Data>(operation.name, rawResultOf(operation, ending)),
        })
    }
  }

  /** A result as its request would have returned it; of a task that is known by its id alone, the result tells which that was. */
  async read(operation: Operation, raw: Readonly<Record<string, unknown>>): Promise<TaskResult> {
    switch (operation === unknownOperation ? methodOf(raw) : operation.method) {
      case 'prompts/get':
        return readPromptResult(raw)
      case 'resources/read':
        return operation.method === 'resources/read' ? readTaskContents(operation.uri, raw) : readContents(raw)
      case 'tools/call':
        return this.#reader.read(subjectOf(operation), raw)
    }
  }
}

/** Which request a result answers, by what it holds. */
function methodOf({ content, messages, contents }: Readonly<Record<string, unknown>>): Operation['method'] {
  if (content === undefined && messages !== undefined) return 'prompts/get'
  return content === undefined && contents !== undefined ? 'resources/read' : 'tools/call'
}
