import type { Client as Sdk, Implementation, ServerCapabilities, Tool } from '@modelcontextprotocol/client'
import { LongcallError } from '@longcall/core'
import { saidBy } from '../errors/clip.ts'
import { assertName, assertObject, assertOptions } from '../errors/assert-usage.ts'
import { ConnectError, InvalidTargetError, NotConnectedError, RenegotiationError } from '../errors/usage-errors.ts'
import type { Handlers } from '../handlers/handlers.ts'
import type { MessageHandlers } from '../handlers/message-handlers.ts'
import type { ListOptions } from '../operations/lists.ts'
import { Operations, type OperatingPort } from '../operations/operations.ts'
import { OutputSchemas } from '../results/output-schemas.ts'
import type { ResolvedTarget } from '../target/resolved-target.ts'
import { resolveTarget, type Target } from '../target/target.ts'
import type { RunningReference } from '../tasks/task-reference.ts'
import { TaskRegistry, type TaskLink } from '../tasks/task-registry.ts'
import type { ToolResult } from '../tasks/tool-result.ts'
import type { ToolTask } from '../tasks/tool-task.ts'
import type { ToolArguments } from './tool-caller.ts'
import { ClientTasks } from './client-tasks.ts'
import { HandlerSet } from './handler-set.ts'
import { LiveClient, type Ready } from './live-client.ts'
import { makeLink } from './make-link.ts'
import {
  resolveOptions,
  type CallTaskOptions,
  type CallToolOptions,
  type ClientOptions,
  type ResolvedOptions,
} from './options.ts'
import { SharedHolds } from './shared-holds.ts'
import { ToolReader } from './tool-reader.ts'

/**
 * A client of one MCP server, in which any tool call may turn into a task.
 *
 * ```ts
 * await using client = await Client.connect('https://reports.example/mcp', { onElicitation: ask })
 * const { data } = await client.callTool('forecast', { city: 'Paris' })
 * const task = await client.callTool('render', { frames: 900 }, { task: true })
 * ```
 *
 * A connection that breaks is opened again by the next request, and what may be repeated is, once: lists, reads, requests
 * about tasks, and tools that the server calls read-only or idempotent.
 */
export class Client extends Operations implements AsyncDisposable {
  /** What this client is called here. */
  readonly name: string
  /** Tasks by their id, and by references that were kept. */
  readonly tasks: ClientTasks
  readonly #given: Target
  readonly #target: ResolvedTarget
  readonly #options: ResolvedOptions
  readonly #handlers: HandlerSet
  readonly #registry: TaskRegistry
  readonly #holds: SharedHolds<LiveClient>

  /**
   * @throws {InvalidTargetError} Thrown when the target is nothing that can be connected to.
   * @throws {InvalidOptionError} Thrown when an option has a value that cannot be used.
   */
  constructor(target: Target, options: ClientOptions = {}) {
    super()
    this.#given = target
    this.#target = resolveTarget(target)
    this.#options = resolveOptions(options)
    this.name = this.#options.name
    this.#handlers = new HandlerSet(this.#options)
    const { clock, report } = this.#options
    const reader = new ToolReader(new OutputSchemas(), () => this.#holds.held?.catalog, clock)
    this.#registry = new TaskRegistry({
      clock,
      endpoint: () => Promise.resolve(this.#ready('the task').link.endpoint),
      link: (reference) => this.#linkOf(reference),
      report,
    })
    this.tasks = new ClientTasks({
      registry: this.#registry,
      link: (method) => this.#ready(method).link,
      journal: (method) => this.#ready(method).journal,
      clock,
      reader,
      report,
    })
    this.#holds = new SharedHolds({
      open: async (signal) => {
        const live = new LiveClient({
          target: this.#target,
          options: this.#options,
          handlers: this.#handlers,
          registry: this.#registry,
          reader,
        })
        try {
          if (this.#options.autoInitialize) await live.initialize(signal)
          return live
        } catch (error) {
          await live.close({ endSession: true })
          throw error
        }
      },
      close: (live) => this.#close(live),
      isOver: ({ connection }) => connection.closed.aborted,
    })
  }

  /** Makes a client and connects it. Throws what the constructor and {@link Client.connect} throw. */
  static async connect(target: Target, options: ClientOptions & ConnectOptions = {}): Promise<Client> {
    const client = new Client(target, options)
    await client.connect(options)
    return client
  }

  /** A client of the same target and options that is not connected, with a name of its own, and over stdio a process. */
  new(options: Pick<ClientOptions, 'name'> = {}): Client {
    if (this.#target.isSingleUse === true) {
      throw new InvalidTargetError(
        'A Transport serves one client. Connect by a function that makes one, and new() gives a client with its own.',
      )
    }
    const { handlers: _handlers, report, ...same } = this.#options
    const name = options.name ?? `${this.name}:${Math.random().toString(36).slice(2, 6)}`
    const { samplingCapabilities, timeoutMs, journal, ...rest } = same
    return new Client(this.#given, {
      ...rest,
      ...(samplingCapabilities !== undefined && { samplingCapabilities }),
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(journal !== undefined && { journal }),
      ...this.#handlers.current,
      onError: report,
      name,
    })
  }

  /**
   * Connects, or joins those who are connected already: who connects closes, and the last one to close ends the connection.
   *
   * @throws {ConnectError} Thrown when the server cannot be reached or started, does not speak MCP or not the wanted era,
   * does not answer within `connectTimeoutMs`, or when the signal aborted. Nothing is left behind.
   */
  async connect(options: ConnectOptions = {}): Promise<void> {
    assertOptions(options)
    const { signal } = options
    try {
      const live = await this.#holds.acquire(signal)
      try {
        // It may have been lost since somebody else connected.
        if (live.ready !== undefined) await live.connection.reopen(signal)
      } catch (error) {
        await this.#holds.release({ force: false })
        throw error
      }
    } catch (error) {
      this.#notConnected(error)
    }
  }

  /**
   * Introduces the client to a server of 2025-11-25 or before, where `autoInitialize` is false; else tells what came of it.
   *
   * @throws {ConnectError} Thrown when the server cannot be reached, as by {@link connect}.
   * @throws {LongcallError} Thrown, code `no_initialize`, on 2026-07-28, which has no such handshake. The connection stands.
   */
  async initialize({ signal }: ConnectOptions = {}): Promise<Introduction> {
    const live = this.#live('initialize')
    await live.initialize(signal).catch((error: unknown) => this.#notConnected(error))
    const { era, protocolVersion, capabilities, info, instructions } = live.connection.server!
    if (era === 'modern') {
      throw new LongcallError(
        'no_initialize',
        `This connection speaks ${protocolVersion}, which has no initialize. What it would tell is in client.serverInfo, ` +
          'client.serverCapabilities, client.instructions and client.protocolVersion.',
      )
    }
    return { protocolVersion, capabilities, serverInfo: info, instructions }
  }

  /**
   * Gives up one hold on the connection; the last one ends it, `force` ends it for all. Tasks run on: whoever waits for one
   * is told how to pick it up again.
   *
   * The session of a 2025-11-25 server is ended, unless tasks of it are open or their results were not fetched.
   */
  async close({ force = false }: { readonly force?: boolean } = {}): Promise<void> {
    await this.#holds.release({ force })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Whether there is a connection right now. One that was lost is opened again by the next request. */
  get isConnected(): boolean {
    return this.#holds.held?.connection.isOpen === true
  }

  /** What the server calls itself; `undefined` while there is no connection. Untrusted text. */
  get serverInfo(): Implementation | undefined {
    return this.#server?.info
  }

  /** What the server declared that it can do; `undefined` while there is no connection. */
  get serverCapabilities(): ServerCapabilities | undefined {
    return this.#server?.capabilities
  }

  /** What the server wants a model to know of it. Untrusted text. */
  get instructions(): string | undefined {
    return this.#server?.instructions
  }

  /** The protocol version of the connection; `undefined` while there is none. */
  get protocolVersion(): string | undefined {
    return this.#server?.protocolVersion
  }

  /** The session with a 2025-11-25 HTTP server. A secret: whoever has it is this client. */
  get sessionId(): string | undefined {
    return this.#holds.held?.connection.session?.id
  }

  /**
   * The SDK's client of the connection at hand, for what is not wrapped here. What is sent by it is not repeated, and it is
   * of no use once the connection was lost.
   *
   * @throws {NotConnectedError} Thrown when there is no connection.
   */
  get sdk(): Sdk {
    this.#ready('sdk')
    return this.#holds.held!.connection.sdk!
  }

  /** The server's tools, all pages of them; none where it does not declare tools. */
  override async listTools(options: ListOptions = {}): Promise<readonly Tool[]> {
    this.#ready('listTools')
    return this.#holds.held!.catalog.list(options)
  }

  /**
   * Sets handlers, or takes them away (`undefined`), at once, also while connected.
   *
   * @throws {InvalidOptionError} Thrown when one can be no handler; nothing is changed.
   * @throws {RenegotiationError} Thrown when a server of 2025-11-25 or before does not know that this client answers such
   * questions: the handlers are set, and declared by the next connection.
   */
  setHandlers(handlers: Handlers & MessageHandlers): void {
    assertObject('handlers', handlers)
    this.#handlers.set(handlers)
    const live = this.#holds.held
    const later = live?.handlersChanged(new Set(Object.keys(handlers))) ?? []
    const news = later.filter((option) => handlers[option as keyof Handlers] !== undefined)
    if (news.length > 0) throw new RenegotiationError(news, live?.connection.server?.protocolVersion ?? '')
  }

  /**
   * Calls a tool, and gives its result; with `task`, a handle.
   *
   * A call that the server makes a task is seen through to its end; its status message reaches `onProgress`. Its `data` is
   * what the tool's output schema, or yours, makes of the structured output.
   *
   * @throws {NotConnectedError} Thrown when there is no connection.
   * @throws {ToolError} Thrown when the tool reported a failure, unless `throwOnError` is false.
   * @throws {RpcError} Thrown when the server refused the call.
   * @throws {RequestError} Thrown when no answer came: whether the tool ran is not known.
   * @throws {TaskFailedError} Thrown when the call became a task that ended in a JSON-RPC error.
   * @throws {TaskCancelledError} Thrown when the call became a task that was cancelled.
   * @throws {WaitTimeoutError} Thrown when the call became a task and a limit passed. The task runs on.
   * @throws {QuestionError} Thrown when the call asks for what no handler is set. A task stays open.
   */
  callTool<Data = unknown>(
    name: string,
    args: ToolArguments | undefined,
    options: CallTaskOptions<Data>,
  ): Promise<ToolTask<Data>>
  callTool<Data = unknown>(
    name: string,
    args?: ToolArguments,
    options?: CallToolOptions<Data>,
  ): Promise<ToolResult<Data>>
  async callTool<Data>(
    name: string,
    args: ToolArguments = {},
    options: CallToolOptions<Data> | CallTaskOptions<Data> = {},
  ): Promise<ToolResult<Data> | ToolTask<Data>> {
    assertName('name', name)
    const { caller } = this.#ready(`callTool(${JSON.stringify(name)})`)
    assertObject('arguments', args)
    assertOptions(options)
    return 'task' in options && options.task ? caller.start(name, args, options) : caller.call(name, args, options)
  }

  protected override operating(method: string): OperatingPort {
    this.#ready(method)
    return this.#holds.held!
  }

  async #close(live: LiveClient): Promise<void> {
    const link = live.ready?.link
    await live.close({ endSession: link !== undefined && !this.#registry.hasUnfetched(link) })
  }

  /** The way to a task: this connection, or one that goes on with the session that the task belongs to. */
  async #linkOf({ session }: RunningReference): Promise<TaskLink> {
    const { link } = this.#ready('the task')
    if (session === undefined || link.connection.hasHad(session.id)) return link
    return makeLink(await this.#holds.held!.sessions.connection(session), link.endpoint, link.journal)
  }

  #notConnected(error: unknown): never {
    if (error instanceof LongcallError) throw error
    throw new ConnectError(`Could not connect to ${this.#target.name}: ${saidBy(error)}.`, { cause: error })
  }

  #live(method: string): LiveClient {
    const live = this.#holds.held
    if (live !== undefined) return live
    throw new NotConnectedError(method, this.#holds.isClosed ? 'closed' : 'not connected yet')
  }

  #ready(method: string): Ready {
    const { ready } = this.#live(method)
    if (ready !== undefined) return ready
    throw new NotConnectedError(method, 'not initialized yet')
  }

  get #server(): NonNullable<LiveClient['connection']['server']> | undefined {
    const connection = this.#holds.held?.connection
    return connection?.isOpen === true ? connection.server : undefined
  }
}

/** How to connect. */
export interface ConnectOptions {
  /** Gives up connecting; others who wait for the same connection go on. */
  readonly signal?: AbortSignal | undefined
}

/** What a server of 2025-11-25 or before says of itself in answer to `initialize`. */
export interface Introduction {
  readonly protocolVersion: string
  readonly capabilities: ServerCapabilities
  readonly serverInfo: Implementation | undefined
  readonly instructions: string | undefined
}
