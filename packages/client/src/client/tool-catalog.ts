import type { Tool } from '@modelcontextprotocol/client'
import { taskSupport, type TaskSupport } from '@longcall/core/wire/2025-11-25'
import type { Connection } from '../connection/connection.ts'
import { hasHeaderParams } from '../connection/header-params.ts'
import { untilAnswered } from '../connection/retry.ts'
import { isPlain, type ListOptions, type Lists } from '../operations/lists.ts'

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
  #version = 0

  constructor(connection: Connection, lists: Lists) {
    this.#connection = connection
    this.#lists = lists
  }

  /** Lists the tools for a user, and keeps them for the calls to come. */
  list(options: ListOptions): Promise<readonly Tool[]> {
    const version = this.#version
    return this.#lists.all<Tool>('tools/list', options, (tools) => {
      if (isPlain(options)) this.#take(tools, version)
    })
  }

  /** A tool as last listed; `undefined` when it was not, or the list is out of date. */
  known(name: string): ListedTool | undefined {
    return this.#tools?.get(name)
  }

  /** A tool; asks the server where its list is not here, once for all who want to know. */
  async find(name: string): Promise<Tool | undefined> {
    return (this.#tools ?? (await this.#listed())).get(name)?.tool
  }

  /** A tool, in one try, and not for long: for what can do without. */
  async lookUp(name: string): Promise<Tool | undefined> {
    const known = this.known(name)
    if (known !== undefined) return known.tool
    const tools = await this.list({ ...fresh, timeoutMs: lookUpMs })
    return tools.find((tool) => tool.name === name)
  }

  /** How a tool wants to be called. */
  async supportOf(name: string): Promise<TaskSupport> {
    return taskSupport(await this.find(name))
  }

  /** How long ago the tools were listed, in milliseconds: not every server says when they change. */
  get ageMs(): number {
    return this.#connection.clock.now() - this.#listedAtMs
  }

  /** Forgets what was listed. */
  forget(): void {
    this.#version += 1
    this.#tools = undefined
    this.#listing = undefined
  }

  async #listed(): Promise<ReadonlyMap<string, ListedTool>> {
    const { clock, closed: signal } = this.#connection
    this.#listing ??= untilAnswered(() => this.list(fresh), { clock, signal }).then(toMap)
    const listing = this.#listing
    try {
      return await listing
    } finally {
      if (this.#listing === listing) this.#listing = undefined
    }
  }

  /** `version` is that of when the tools were asked for: a change that was announced meanwhile may have come too late. */
  #take(tools: readonly Tool[], version: number): void {
    if (version !== this.#version) return
    this.#tools = toMap(tools)
    this.#listedAtMs = this.#connection.clock.now()
  }
}

/** A tool, and what is to be known of it for every call. */
export interface ListedTool {
  readonly tool: Tool
  /** Whether parameters of it go in HTTP headers, too (SEP-2243). */
  readonly hasHeaderParams: boolean
}

const fresh: ListOptions = { cacheMode: 'refresh' }
const lookUpMs = 2000

function toMap(tools: readonly Tool[]): ReadonlyMap<string, ListedTool> {
  return new Map(tools.map((tool) => [tool.name, listed(tool)]))
}

function listed(tool: Tool): ListedTool {
  return { tool, hasHeaderParams: hasHeaderParams(tool) }
}
