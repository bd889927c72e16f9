import type {
  Client as Sdk,
  Implementation,
  ServerCapabilities,
  StreamableHTTPClientTransport,
  Tool,
  Transport,
} from '@modelcontextprotocol/client'
import type { Connection, RequestOptions } from '../connection/connection.ts'
import { NotConnectedError } from '../errors/usage-errors.ts'
import type { HttpSession, ResolvedTarget } from '../target/resolved-target.ts'
import { resolveTarget, type Target } from '../target/target.ts'
import type { RunningReference } from '../tasks/task-reference.ts'
import { TaskRegistry, type TaskLink } from '../tasks/task-registry.ts'
import { taskWire2025 } from '../tasks/task-wire-2025.ts'
import { taskWire2026 } from '../tasks/task-wire-2026.ts'
import type { ToolResult } from '../tasks/tool-result.ts'
import type { ToolTask } from '../tasks/tool-task.ts'
import { ToolCaller, type ToolArguments } from './call-tool.ts'
import { ClientTasks } from './client-tasks.ts'
import { openConnection } from './open-connection.ts'
import {
  resolveOptions,
  type CallTaskOptions,
  type CallToolOptions,
  type ClientOptions,
  type ResolvedOptions,
} from './options.ts'
import { ToolCatalog } from './tool-catalog.ts'

/**
 * A client of one MCP server, in which any tool call may turn into a task.
 *
 * ```ts
 * await using client = await Client.connect('https://reports.example/mcp', { onElicitation: ask })
 * const { data } = await client.callTool('forecast', { city: 'Paris' })
 * const task = await client.callTool('render', { frames: 900 }, { task: true })
 * ```
 */
export class Client implements AsyncDisposable {
  /** Tasks by their id, and by references that were kept. */
  readonly tasks: ClientTasks
  readonly #target: ResolvedTarget
  readonly #options: ResolvedOptions
  readonly #registry: TaskRegistry
  #state: State = { kind: 'not connected yet' }

  /**
   * @throws {InvalidTargetError} Thrown when the target is nothing that can be connected to.
   * @throws {InvalidOptionError} Thrown when an option has a value that cannot be used.
   */
  constructor(target: Target, options: ClientOptions = {}) {
    this.#target = resolveTarget(target)
    this.#options = resolveOptions(options)
    this.#registry = new TaskRegistry({
      clock: this.#options.clock,
      endpoint: () => Promise.resolve(this.#live('the task').link.endpoint),
      link: (reference) => this.#linkOf(reference),
      report: this.#options.report,
    })
    this.tasks = new ClientTasks({
      registry: this.#registry,
      link: (method) => this.#live(method).link,
      report: this.#options.report,
    })
  }

  /** Makes a client and connects it. Throws what the constructor and {@link Client.connect} throw. */
  static async connect(target: Target, options: ClientOptions = {}): Promise<Client> {
    const client = new Client(target, options)
    await client.connect()
    return client
  }

  /**
   * Connects. A client that is connected, or about to be, stays so; one that was closed, here or there, connects anew.
   *
   * @throws {ConnectError} Thrown when the server cannot be reached or started, does not speak MCP or not the wanted era,
   * or does not answer within `connectTimeoutMs`.
   */
  async connect(): Promise<void> {
    const state = this.#state
    if (state.kind === 'connecting') return state.done
    if (state.kind === 'connected' && !state.connection.closed.aborted) return
    // Of a connection that the server closed, those that go on with other sessions may be left.
    const done = state.kind === 'connected' ? this.#close(state).then(() => this.#open()) : this.#open()
    this.#state = { kind: 'connecting', done }
    try {
      await done
    } catch (error) {
      if (this.#state.kind === 'connecting') this.#state = { kind: 'not connected yet' }
      throw error
    }
  }

  /**
   * Closes the connection. Tasks run on: whoever waits for one is told how to pick it up again.
   *
   * The session of a 2025-11-25 server is ended, unless tasks of it are open or their results were not fetched.
   */
  async close(): Promise<void> {
    if (this.#state.kind === 'connecting') await this.#state.done.catch(() => {})
    const state = this.#state
    if (state.kind === 'connected') this.#state = { kind: 'closed', done: this.#close(state) }
    if (this.#state.kind === 'closed') await this.#state.done
  }

  async #close({ connection, transport, link, sessions }: Connected): Promise<void> {
    const reopened = await Promise.allSettled(sessions.values())
    const connections = [connection, ...reopened.flatMap(fulfilled)]
    if (!this.#registry.hasUnfetched(link)) await endSession(transport)
    await Promise.allSettled(connections.map((each) => each.sdk.close()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Whether there is a connection right now. */
  get isConnected(): boolean {
    return this.#connection() !== undefined
  }

  /** What the server calls itself; `undefined` while there is no connection. Untrusted text. */
  get serverInfo(): Implementation | undefined {
    return this.#connection()?.sdk.getServerVersion()
  }

  /** What the server declared that it can do; `undefined` while there is no connection. */
  get serverCapabilities(): ServerCapabilities | undefined {
    return this.#connection()?.sdk.getServerCapabilities()
  }

  /** What the server wants a model to know of it. Untrusted text. */
  get instructions(): string | undefined {
    return this.#connection()?.sdk.getInstructions()
  }

  /** The protocol version of the connection; `undefined` while there is none. */
  get protocolVersion(): string | undefined {
    return this.#connection()?.sdk.getNegotiatedProtocolVersion()
  }

  /**
   * The SDK's client, for what is not wrapped here.
   *
   * @throws {NotConnectedError} Thrown when there is no connection.
   */
  get sdk(): Sdk {
    return this.#live('sdk').connection.sdk
  }

  /** The server's tools, all pages of them. */
  async listTools(options: RequestOptions = {}): Promise<readonly Tool[]> {
    return this.#live('listTools').catalog.list(options)
  }

  /**
   * Calls a tool, and gives its result; with `task`, a handle.
   *
   * A call that the server makes a task is seen through to its end; its status message reaches `onProgress`.
   *
   * @throws {NotConnectedError} Thrown when there is no connection.
   * @throws {ToolError} Thrown when the tool reported a failure, unless `throwOnError` is false.
   * @throws {RpcError} Thrown when the server refused the call.
   * @throws {RequestError} Thrown when no answer came: whether the tool ran is not known.
   * @throws {TaskFailedError} Thrown when the call became a task that ended in a JSON-RPC error.
   * @throws {TaskCancelledError} Thrown when the call became a task that was cancelled.
   * @throws {WaitTimeoutError} Thrown when the call became a task and a limit passed. The task runs on.
   * @throws {QuestionError} Thrown when the call became a task that asks for what no handler is set. The task stays open.
   */
  callTool<Data = unknown>(
    name: string,
    args: ToolArguments | undefined,
    options: CallTaskOptions,
  ): Promise<ToolTask<Data>>
  callTool<Data = unknown>(name: string, args?: ToolArguments, options?: CallToolOptions): Promise<ToolResult<Data>>
  async callTool<Data>(
    name: string,
    args: ToolArguments = {},
    options: CallToolOptions | CallTaskOptions = {},
  ): Promise<ToolResult<Data> | ToolTask<Data>> {
    const { caller } = this.#live(`callTool(${JSON.stringify(name)})`)
    return 'task' in options && options.task ? caller.start(name, args, options) : caller.call(name, args, options)
  }

  async #open(): Promise<void> {
    const { connection, transport } = await this.#openConnection(this.#options)
    const name = connection.sdk.getServerVersion()?.name ?? ''
    const session = sessionOf(transport, connection)
    const link = makeLink(connection, await this.#target.endpoint(name), session)
    const catalog = new ToolCatalog(connection)
    const caller = new ToolCaller(link, catalog, this.#registry, this.#options)
    this.#state = { kind: 'connected', connection, transport, link, catalog, caller, sessions: new Map() }
  }

  /** The way to a task: this connection, or one that goes on with the session that the task belongs to. */
  async #linkOf({ session }: RunningReference): Promise<TaskLink> {
    const live = this.#live('the task')
    if (session === undefined || session.id === live.link.session?.id) return live.link
    let opening = live.sessions.get(session.id)
    if (opening === undefined || (await opening).closed.aborted) {
      opening = this.#reopen(session)
      live.sessions.set(session.id, opening)
      opening.catch(() => live.sessions.delete(session.id))
    }
    return makeLink(await opening, live.link.endpoint, session)
  }

  async #reopen(session: HttpSession): Promise<Connection> {
    const options: ResolvedOptions = { ...this.#options, era: 'legacy' }
    const { connection, transport } = await this.#openConnection(options, session)
    // Servers bring questions on this stream; one that has none, or has it open elsewhere, says so, and polling does.
    if ('resumeStream' in transport) (transport as StreamableHTTPClientTransport).resumeStream('').catch(() => {})
    return connection
  }

  #openConnection(options: ResolvedOptions, session?: HttpSession): ReturnType<typeof openConnection> {
    const isOpenTask = (connection: Connection, id: string): boolean => this.#registry.isOpen(connection, id)
    return openConnection(this.#target, options, isOpenTask, session)
  }

  #live(method: string): Connected {
    const state = this.#state
    if (state.kind === 'connected') return state
    throw new NotConnectedError(method, state.kind === 'closed' ? 'closed' : 'not connected yet')
  }

  #connection(): Connection | undefined {
    if (this.#state.kind !== 'connected' || this.#state.connection.closed.aborted) return undefined
    return this.#state.connection
  }
}

interface Connected {
  readonly kind: 'connected'
  readonly connection: Connection
  readonly transport: Transport
  readonly link: TaskLink
  readonly catalog: ToolCatalog
  readonly caller: ToolCaller
  /** Connections that go on with other sessions of the server, by session id. */
  readonly sessions: Map<string, Promise<Connection>>
}

type State =
  | { readonly kind: 'not connected yet' }
  | { readonly kind: 'connecting'; readonly done: Promise<void> }
  | Connected
  | { readonly kind: 'closed'; readonly done: Promise<void> }

/** Choosing a generation happens here and nowhere else. */
function makeLink(connection: Connection, endpoint: string, session: HttpSession | undefined): TaskLink {
  const { generation } = connection.taskOffer
  const wire = generation === '2026-07-28' ? taskWire2026(connection) : taskWire2025(connection)
  return { connection, wire, endpoint, session }
}

function sessionOf(transport: Transport, connection: Connection): HttpSession | undefined {
  const protocolVersion = connection.sdk.getNegotiatedProtocolVersion()
  if (transport.sessionId === undefined || protocolVersion === undefined) return undefined
  return connection.sdk.getProtocolEra() === 'legacy' ? { id: transport.sessionId, protocolVersion } : undefined
}

async function endSession(transport: Transport): Promise<void> {
  if (!('terminateSession' in transport) || transport.sessionId === undefined) return
  const ended = (transport as StreamableHTTPClientTransport).terminateSession().catch(() => {})
  let timer: ReturnType<typeof setTimeout> | undefined
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, endSessionMs)
  })
  await Promise.race([ended, patience])
  clearTimeout(timer)
}

/** A courtesy to the server is not worth a longer wait. */
const endSessionMs = 1000

function fulfilled<T>(settled: PromiseSettledResult<T>): T[] {
  return settled.status === 'fulfilled' ? [settled.value] : []
}
