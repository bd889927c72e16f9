import type { Tool } from '@modelcontextprotocol/client'
import { taskSupport, type TaskSupport } from '@longcall/core/wire/2025-11-25'
import { longestTimerMs, type Connection, type RequestOptions } from '../connection/connection.ts'
import { untilAnswered } from '../tasks/retry.ts'
import { RequestError } from '../errors/request-errors.ts'
import { toRequestError } from '../connection/to-request-error.ts'

/**
 * The server's tools, all pages of them, as last listed. Replaced as a whole, so that nobody sees half a list; dropped
 * when the server says that they changed.
 */
export class ToolCatalog {
  readonly #connection: Connection
  #tools: ReadonlyMap<string, Tool> | undefined
  #listing: Promise<ReadonlyMap<string, Tool>> | undefined
  /** Counts how often the list went out of date. */
  #changes = 0

  constructor(connection: Connection) {
    this.#connection = connection
    connection.onToolsChanged = () => this.forget()
  }

  /** Lists the tools anew. */
  async list(options: RequestOptions): Promise<readonly Tool[]> {
    return [...(await this.#fetch(options)).values()]
  }

  /** A tool as last listed; `undefined` when it was not, or the list is out of date. */
  known(name: string): Tool | undefined {
    return this.#tools?.get(name)
  }

  /** How a tool wants to be called; asks the server where its list is not here, once for all who want to know. */
  async supportOf(name: string): Promise<TaskSupport> {
    return taskSupport((this.#tools ?? (await this.#list())).get(name))
  }

  /** Forgets what was listed. */
  forget(): void {
    this.#changes += 1
    this.#tools = undefined
    this.#listing = undefined
  }

  async #list(): Promise<ReadonlyMap<string, Tool>> {
    const { clock, closed: signal } = this.#connection
    this.#listing ??= untilAnswered(() => this.#fetch(), { clock, signal })
    const listing = this.#listing
    try {
      return await listing
    } finally {
      if (this.#listing === listing) this.#listing = undefined
    }
  }

  async #fetch({ signal, timeoutMs = this.#connection.requestTimeoutMs }: RequestOptions = {}): Promise<
    ReadonlyMap<string, Tool>
  > {
    const changes = this.#changes
    try {
      const { tools } = await this.#connection.sdk.listTools(undefined, {
        cacheMode: 'refresh',
        timeout: Math.min(timeoutMs, longestTimerMs),
        ...(signal && { signal }),
      })
      const listed = new Map(tools.map((tool) => [tool.name, tool]))
      // A change that was announced meanwhile may have come too late for this list.
      if (changes === this.#changes) this.#tools = listed
      return listed
    } catch (error) {
      const isAborted = signal?.aborted === true
      throw isAborted
        ? new RequestError('tools/list', { kind: 'aborted' }, { cause: signal.reason })
        : toRequestError('tools/list', error)
    }
  }
}
