import type {
  GetPromptResult,
  LoggingLevel,
  Prompt,
  Resource,
  ResourceTemplateType,
  Tool,
} from '@modelcontextprotocol/client'
import { MalformedMessageError } from '@longcall/core'
import type { Connection } from '../connection/connection.ts'
import type { PendingRequest } from '../connection/pending-requests.ts'
import { toRequestError } from '../connection/to-request-error.ts'
import { InvalidOptionError } from '../errors/usage-errors.ts'
import { logLevels } from '../handlers/log-levels.ts'
import type { ListOptions, Lists } from './lists.ts'
import { readPromptResult, type PromptTask } from '../tasks/prompt-task.ts'
import { readContents, type ResourceContents, type ResourceTask } from '../tasks/resource-task.ts'
import { RawOperations, type CompleteOptions, type CompletionReference, type RawPort } from './raw-operations.ts'
import { assertUri, type PromptOptions, type ReadOptions } from './requests.ts'
import type { OperationOptions } from './request-runner.ts'
import type { ResourceSubscriptions } from './resource-subscriptions.ts'
import type { PromptTaskOptions, ReadTaskOptions, TaskStarter } from './task-starter.ts'

/** All that can be asked of a server beside calling its tools. */
export abstract class Operations {
  /** The same requests, for who wants the whole results of the protocol. */
  readonly raw: RawOperations = new RawOperations((method) => this.operating(method))

  /** What is connected; throws, naming the method, when nothing is. */
  protected abstract operating(method: string): OperatingPort

  /** The server's tools, all pages of them; none where it does not declare tools. */
  listTools(options: ListOptions = {}): Promise<readonly Tool[]> {
    return this.#lists('listTools').all('tools/list', options)
  }

  /** The server's resources, all pages of them; none where it does not declare resources. */
  listResources(options: ListOptions = {}): Promise<readonly Resource[]> {
    return this.#lists('listResources').all('resources/list', options)
  }

  /** The templates of the server's resources, all pages of them; none where it does not declare resources. */
  listResourceTemplates(options: ListOptions = {}): Promise<readonly ResourceTemplateType[]> {
    return this.#lists('listResourceTemplates').all('resources/templates/list', options)
  }

  /** The server's prompts, all pages of them; none where it does not declare prompts. */
  listPrompts(options: ListOptions = {}): Promise<readonly Prompt[]> {
    return this.#lists('listPrompts').all('prompts/list', options)
  }

  /**
   * The contents of a resource: texts, and blobs in base64; with `task`, a handle.
   *
   * @throws {InvalidOptionError} Thrown when `uri` is no URI; nothing is sent.
   * @throws {RpcError} Thrown when the server refused.
   */
  readResource(uri: string, options: ReadTaskOptions): Promise<ResourceTask>
  readResource(uri: string, options?: ReadOptions): Promise<ResourceContents>
  async readResource(
    uri: string,
    options: ReadOptions | ReadTaskOptions = {},
  ): Promise<ResourceContents | ResourceTask> {
    if (wantsTask(options)) return this.operating('readResource').starter.readResource(uri, options)
    return readContents(await this.raw.readResource(uri, options))
  }

  /**
   * A prompt's messages, made with the arguments; with `task`, a handle. Arguments that are no strings are sent as JSON.
   *
   * @throws {InvalidOptionError} Thrown when JSON cannot hold an argument; nothing is sent.
   * @throws {RpcError} Thrown when the server refused.
   */
  getPrompt(name: string, args: PromptArguments | undefined, options: PromptTaskOptions): Promise<PromptTask>
  getPrompt(name: string, args?: PromptArguments, options?: PromptOptions): Promise<GetPromptResult>
  async getPrompt(
    name: string,
    args?: PromptArguments,
    options: PromptOptions | PromptTaskOptions = {},
  ): Promise<GetPromptResult | PromptTask> {
    if (wantsTask(options)) return this.operating('getPrompt').starter.getPrompt(name, args, options)
    return readPromptResult(await this.raw.getPrompt(name, args, options))
  }

  /** What an argument of a prompt or a template may become, from what was typed so far. */
  async complete(
    reference: CompletionReference,
    argument: { readonly name: string; readonly value: string },
    options: CompleteOptions = {},
  ): Promise<Completion> {
    const { completion } = await this.raw.complete(reference, argument, options)
    const values: unknown = completion?.values
    if (!Array.isArray(values)) {
      const malformed = new MalformedMessageError('completion.values', values, 'an array')
      throw toRequestError('completion/complete', malformed)
    }
    return { ...completion, values: values.filter((value) => typeof value === 'string') }
  }

  /**
   * Has the server tell when a resource changes, in either generation; `onMessage` hears of it. It goes on over a connection
   * that is lost and found again.
   *
   * @throws {RpcError} Thrown when the server refused.
   * @throws {LongcallError} Thrown, code `not_supported`, when a 2026-07-28 server does not push updates of resources.
   */
  async subscribeResource(uri: string, options: OperationOptions = {}): Promise<void> {
    assertUri(uri)
    await this.operating('subscribeResource').subscriptions.subscribe(uri, options)
  }

  /** Ends what {@link subscribeResource} began. */
  async unsubscribeResource(uri: string, options: OperationOptions = {}): Promise<void> {
    await this.operating('unsubscribeResource').subscriptions.unsubscribe(uri, options)
  }

  /** Whether the server still answers. A 2026-07-28 server knows no `ping`, and is asked who it is. Throws when it does not. */
  async ping(options: OperationOptions = {}): Promise<void> {
    const { runner, connection } = this.operating('ping')
    const method = connection.server?.era === 'modern' ? 'server/discover' : 'ping'
    await runner.run({ method, params: {}, isSafe: true }, options)
  }

  /**
   * Log messages of this level and above are wanted. A 2025-11-25 server is told; a 2026-07-28 server is told with each
   * request from now on.
   */
  async setLoggingLevel(level: LoggingLevel, options: OperationOptions = {}): Promise<void> {
    if (!logLevels.includes(level)) throw new InvalidOptionError('level', level, `one of ${logLevels.join(', ')}`)
    const { runner, connection } = this.operating('setLoggingLevel')
    if (connection.server?.era !== 'modern')
      await runner.run({ method: 'logging/setLevel', params: { level }, isSafe: true }, options)
    connection.logLevel = level
  }

  /** Tells the server of progress with a request of its own, by the token that came in the request's `_meta`. */
  async sendProgress(progressToken: string | number, progress: number, about: ProgressAbout = {}): Promise<void> {
    await this.#notify('sendProgress', 'notifications/progress', { progressToken, progress, ...about })
  }

  /** Tells the server that the roots have changed: it asks for them anew. A 2026-07-28 server asks each time. */
  async sendRootsListChanged(): Promise<void> {
    const { connection } = this.operating('sendRootsListChanged')
    if (connection.server?.era === 'modern') return
    await this.#notify('sendRootsListChanged', 'notifications/roots/list_changed')
  }

  /** The requests that are under way, with the ids that they have on the wire. */
  get pendingRequests(): readonly PendingRequest[] {
    return this.operating('pendingRequests').connection.pending.list()
  }

  /**
   * Cancels a request by its id: its caller gets a {@link RequestError}, the server is told, with the reason. False when it
   * is not under way any more.
   */
  cancelRequest(id: string, reason?: string): boolean {
    return this.operating('cancelRequest').connection.pending.cancel(id, reason ?? 'cancelled by its id')
  }

  #lists(method: string): Lists {
    return this.operating(method).lists
  }

  async #notify(name: string, method: string, params?: Readonly<Record<string, unknown>>): Promise<void> {
    const { connection } = this.operating(name)
    await connection.use(name, true, ({ sdk }) => sdk.notification({ method, ...(params && { params }) }))
  }
}

/** What {@link Operations} need of a connection. */
export interface OperatingPort extends RawPort {
  readonly connection: Connection
  readonly subscriptions: ResourceSubscriptions
  readonly starter: TaskStarter
}

/** The arguments of a prompt: any value that JSON can hold. */
export type PromptArguments = Readonly<Record<string, unknown>>

/** What an argument may become. */
export interface Completion {
  readonly values: readonly string[]
  /** How many there are in all, where the server says so. */
  readonly total?: number | undefined
  readonly hasMore?: boolean | undefined
}

/** What is said of progress beside the number. */
export interface ProgressAbout {
  readonly total?: number
  readonly message?: string
}

function wantsTask<Asked extends { readonly task: unknown }>(options: object | Asked): options is Asked {
  // Whoever is not connected, or passes no options, is told so further on.
  return Object(options) === options && 'task' in options && Boolean(options.task)
}
