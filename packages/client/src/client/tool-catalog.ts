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
  #tools: Promise<ReadonlyMap<string, Tool>> | undefined

  constructor(connection: Connection) {
    this.#connection = connection
    connection.onToolsChanged = () => {
      this.#tools = undefined
    }
  }

  /** Lists the tools anew. */
  async list(signal?: AbortSignal): Promise<readonly Tool[]> {
    const listing = this.#fetch(signal)
    const tools = await listing
    this.#tools = listing
    return [...tools.values()]
  }

  /** How a tool wants to be called; asks the server where it is not known yet. */
  async supportOf(name: string, signal: AbortSignal): Promise<ToolTaskSupport> {
    const known = await this.#tools
    if (known === undefined) await this.list(signal)
    return taskSupport((await this.#tools)?.get(name))
  }

  /** Forgets what was listed. */
  forget(): void {
    this.#tools = undefined
  }

  async #fetch(signal: AbortSignal | undefined): Promise<ReadonlyMap<string, Tool>> {
    try {
      const { tools } = await this.#connection.sdk.listTools(undefined, { cacheMode: 'refresh', ...(signal && { signal }) })
      return new Map(tools.map(tool => [tool.name, tool]))
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      throw toRequestError('tools/list', error)
    }
  }
}
