import type { Tool } from '@modelcontextprotocol/client'
import { taskSupport, type TaskSupport } from '@longcall/core/wire/2025-11-25'
import type { Connection } from '../connection/connection.ts'
import { untilAnswered } from '../connection/retry.ts'
import type { ListOptions, Lists } from '../operations/lists.ts'

/**
 * The server's tools, all pages of them, as last listed. Replaced as a whole, so that nobody sees half a list; dropped
 * when the server says that they changed.
 */
export class ToolCatalog {
  readonly #connection: Connection
  readonly #lists: Lists
  #tools: ReadonlyMap<string, ListedTool> | undefined
  #listedAtMs = -Infinity
  #listing: Promise<ReadonlyMap<string, ListedTool>> | undefined
  /** Counts how often the list went out of date. */
  #changes = 0

  constructor(connection: Connection, lists: Lists) {
    this.#connection = connection
    this.#lists = lists
  }

  /** A tool as last listed; `undefined` when it was not, or the list is out of date. */
  known(name: string): ListedTool | undefined {
    return this.#tools?.get(name)
  }

  /** A tool; asks the server where its list is not here, once for all who want to know. */
  async find(name: string): Promise<Tool | undefined> {
    return (this.#tools ?? (await this.#list())).get(name)?.tool
  }

  /** A tool, in one try: for what can do without. */
  async lookUp(name: string): Promise<Tool | undefined> {
    const known = this.known(name)
    if (known !== undefined) return known.tool
    const listedAt = this.#changes
    const tools = await this.#lists.all<Tool>('tools/list', fresh)
    this.take(tools, listedAt)
    return tools.find((tool) => tool.name === name)
  }

  /** How a tool wants to be called. */
  async supportOf(name: string): Promise<TaskSupport> {
    return taskSupport(await this.find(name))
  }

  /** Takes over what was listed for a user. `listedAt` is what {@link version} said before. */
  take(tools: readonly Tool[], listedAt: number): void {
    // A change that was announced meanwhile may have come too late for this list.
    if (listedAt !== this.#changes) return
    this.#tools = new Map(tools.map((tool) => [tool.name, listed(tool)]))
    this.#listedAtMs = this.#connection.clock.now()
  }

  /** How long ago the tools were listed, in milliseconds: not every server says when they change. */
  get ageMs(): number {
    return this.#connection.clock.now() - this.#listedAtMs
  }

  /** Changes whenever the list goes out of date. */
  get version(): number {
    return this.#changes
  }

  /** Forgets what was listed. */
  forget(): void {
    this.#changes += 1
    this.#tools = undefined
    this.#listing = undefined
  }

  async #list(): Promise<ReadonlyMap<string, ListedTool>> {
    const { clock, closed: signal } = this.#connection
    const listedAt = this.#changes
    this.#listing ??= untilAnswered(() => this.#lists.all<Tool>('tools/list', fresh), { clock, signal }).then(
      (tools) => {
        this.take(tools, listedAt)
        return new Map(tools.map((tool) => [tool.name, listed(tool)]))
      },
    )
    const listing = this.#listing
    try {
      return await listing
    } finally {
      if (this.#listing === listing) this.#listing = undefined
    }
  }
}

/** A tool, and what is to be known of it for every call. */
export interface ListedTool {
  readonly tool: Tool
  /** Whether parameters of it go in HTTP headers, too (SEP-2243). */
  readonly isHeaded: boolean
}

const fresh: ListOptions = { cacheMode: 'refresh' }

function listed(tool: Tool): ListedTool {
  return { tool, isHeaded: JSON.stringify(tool.inputSchema ?? null).includes('"x-mcp-header"') }
}
