import type { Tool } from '@modelcontextprotocol/client'
import { taskSupport } from '@longcall/core/wire/2025-11-25'
import type { Connection } from '../connection/connection.ts'
import { toRequestError } from '../connection/to-request-error.ts'

/** Whether a 2025-11-25 tool is to be called as a task: never, if wished, or always. */
export type ToolTaskSupport = ReturnType<typeof taskSupport>

/**
 * The server's tools, all pages of them, as last listed. Replaced as a whole, so that nobody sees half a list; dropped
 * when the server says that they changed.
 */
export class ToolCatalog {
  readonly #connection: Connection
  #tools: ReadonlyMap<string, Tool> | undefined

  constructor(connection: Connection) {
    this.#connection = connection
    connection.onToolsChanged = () => {
      this.#tools = undefined
    }
  }

  /** Lists the tools anew. */
  async list(signal?: AbortSignal): Promise<readonly Tool[]> {
    return [...(await this.#fetch(signal)).values()]
  }

  /** A tool as last listed; `undefined` when it was not, or the list is out of date. */
  known(name: string): Tool | undefined {
    return this.#tools?.get(name)
  }

  /** How a tool wants to be called; asks the server where its list is not here. */
  async supportOf(name: string, signal: AbortSignal): Promise<ToolTaskSupport> {
    const tools = this.#tools ?? (await this.#fetch(signal))
    return taskSupport(tools.get(name))
  }

  /** Forgets what was listed. */
  forget(): void {
    this.#tools = undefined
  }

  async #fetch(signal: AbortSignal | undefined): Promise<ReadonlyMap<string, Tool>> {
    try {
      const { tools } = await this.#connection.sdk.listTools(undefined, {
        cacheMode: 'refresh',
        ...(signal && { signal }),
      })
      return new Map(tools.map((tool) => [tool.name, tool]))
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      throw toRequestError('tools/list', error)
    }
  }
}
