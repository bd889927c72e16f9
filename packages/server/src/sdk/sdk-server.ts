import {
  McpServer,
  type ClientCapabilities,
  type JSONRPCErrorResponse,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type JSONRPCResponse,
  type RegisteredTool,
  type RequestId,
  type Result,
  type Server,
  type ServerCapabilities,
  type ServerContext,
  type StandardSchemaV1,
} from '@modelcontextprotocol/server'
import { HintHub } from '@longcall/core/backend'
import type { Tool } from '../tool/tool.ts'

/** A request handler, as the SDK keeps it. */
export type RequestHandler = (request: JSONRPCRequest, context: ServerContext) => Promise<Result>

/** An answer to a request of the server's. */
export type Answer = JSONRPCResponse | JSONRPCErrorResponse

/**
 * A server object of the SDK, with what tasks need of it. The only file of this package that touches the hooks that the SDK
 * publishes for subclasses; they are overridden on the object, because it is made by others.
 */
export class SdkServer {
  /** What the client says of tasks of its own, by their ids. It counts as a hint. */
  readonly clientTaskNews: HintHub = new HintHub()
  readonly #server: Server
  readonly #mcp: McpServer
  readonly #registered = new Map<string, RegisteredTool>()

  constructor(server: McpServer | Server) {
    this.#server = server instanceof McpServer ? server.server : server
    // A bare Server has no tools of its own to list ours with: one that is never connected writes the list.
    this.#mcp = server instanceof McpServer ? server : new McpServer({ name: 'tools', version: '0' })
  }

  /** The version that was agreed on; `undefined` before. */
  get protocolVersion(): string | undefined {
    return this.#server.getNegotiatedProtocolVersion()
  }

  /** What the client of a 2025 session said it can do. */
  get clientCapabilities(): ClientCapabilities | undefined {
    return this.#server.getClientCapabilities()
  }

  declare(capabilities: ServerCapabilities): void {
    this.#server.registerCapabilities(capabilities)
  }

  /** Lists the tools beside the server's own, with what they say of tasks. */
  addTools(tools: Iterable<Tool>): void {
    for (const { name, config } of tools) {
      const { title, description, inputSchema, outputSchema, annotations, icons, _meta } = config
      const registered = this.#mcp.registerTool(
        name,
        {
          ...(title !== undefined && { title }),
          ...(description !== undefined && { description }),
          ...(inputSchema !== undefined && { inputSchema }),
          ...(outputSchema !== undefined && { outputSchema }),
          ...(annotations !== undefined && { annotations }),
          ...(icons !== undefined && { icons: [...icons] }),
          ...(_meta !== undefined && { _meta: { ..._meta } }),
        },
        () => Promise.reject(new Error(`Tool ${name} was called past its tasks.`)),
      )
      const { task = 'optional' } = config
      if (task !== 'forbidden') registered.execution = { taskSupport: task }
      this.#registered.set(name, registered)
    }
    if (this.#mcp.server !== this.#server) this.#listBeside()
  }

  /** Handles calls of tools; `next` is what the server did with them before. What it gives goes out as it is. */
  handleCalls(
    handle: (request: JSONRPCRequest, context: ServerContext, next: RequestHandler) => Promise<Result>,
  ): void {
    const before = this.#hooks._getRequestHandler('tools/call')
    const next: RequestHandler =
      before ?? ((request) => Promise.reject(new TypeError(`Tool ${String(request.params?.['name'])} not found`)))
    this.#setRaw('tools/call', (request, context) => handle(request, context, next))
  }

  /**
   * Runs a call as the SDK runs one of its own: a round that asks is checked against the client's capabilities, and a result
   * against the schema of the protocol version.
   */
  runCall(request: JSONRPCRequest, context: ServerContext, run: () => Promise<Result>): Promise<Result> {
    // The state of a call is ours: what the server itself would verify is the state of its own tools.
    const stateless = { ...context, mcpReq: { ...context.mcpReq, requestState: () => undefined } } as ServerContext
    return this.#hooks._wrapHandler('tools/call', run)(request, stateless)
  }

  /** Whether the server lists a tool of this name. */
  async hasTool(name: string, request: JSONRPCRequest, context: ServerContext): Promise<boolean> {
    const list = this.#hooks._getRequestHandler('tools/list')
    const listed = (await list?.({ ...request, method: 'tools/list', params: {} }, context)) as ListedTools | undefined
    return listed?.tools?.some((tool) => tool.name === name) === true
  }

  /** Changes what the server answers to a method of the SDK's own, where it has one. */
  rewrite(method: 'initialize' | 'tools/list', change: (result: Result) => Result): void {
    const before = this.#hooks._getRequestHandler(method)
    if (before !== undefined) this.#setRaw(method, async (request, context) => change(await before(request, context)))
  }

  /** Handles a method that the SDK knows nothing of. */
  handle(
    method: string,
    handle: (params: Readonly<Record<string, unknown>>, context: ServerContext) => Promise<Result>,
  ): void {
    this.#server.setRequestHandler(method, { params: anything }, (params, context) =>
      handle(params as Record<string, unknown>, context),
    )
  }

  /** Hears a notification that the SDK knows nothing of. */
  hear(method: string, heard: (params: Readonly<Record<string, unknown>>) => void): void {
    this.#server.setNotificationHandler(method, { params: anything }, (params) =>
      heard((params ?? {}) as Record<string, unknown>),
    )
  }

  /** Sees each answer to a request of the server's before the SDK does; `true` takes it. */
  takeAnswers(take: (answer: Answer) => boolean): void {
    const hooks = this.#hooks
    const before = hooks._onresponse.bind(hooks)
    hooks._onresponse = (answer) => {
      if (!take(answer)) before(answer)
    }
  }

  /** Calls `gone` when the connection is closed. */
  onClose(gone: () => void): void {
    const hooks = this.#hooks
    const before = hooks._onclose.bind(hooks)
    hooks._onclose = () => {
      gone()
      before()
    }
  }

  /** Sends a message; on HTTP, on the stream of the request that it belongs to, or on the session's own. */
  async send(message: JSONRPCMessage, relatedRequestId?: RequestId): Promise<void> {
    await this.#server.transport?.send(message, relatedRequestId === undefined ? {} : { relatedRequestId })
  }

  /** Sends a line to the client's log, if the server has one and the client wants lines of this level. */
  async log(params: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#server.sendLoggingMessage(params as never, this.#server.transport?.sessionId)
  }

  /** A tool's result as this protocol version words it: structured content that is no object needs another form on 2025. */
  project(tool: string, result: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    return this.#server.projectCallToolResult(result as never, this.#registered.get(tool)?.outputSchemaJson)
  }

  #listBeside(): void {
    const listOurs = (this.#mcp.server as unknown as Hooks)._getRequestHandler('tools/list')
    const listTheirs = this.#hooks._getRequestHandler('tools/list')
    this.#setRaw('tools/list', async (request, context) => {
      const ours = ((await listOurs?.(request, context)) as { tools?: unknown[] } | undefined)?.tools ?? []
      const theirs = (await listTheirs?.(request, context)) as { tools?: unknown[] } | undefined
      return { ...theirs, tools: [...(theirs?.tools ?? []), ...ours] }
    })
  }

  /** Past the SDK's own wrapping of the handler, which would refuse a task. */
  #setRaw(method: string, handler: RequestHandler): void {
    Object.defineProperty(this.#server, '_wrapHandler', { value: () => handler, configurable: true })
    try {
      this.#server.setRequestHandler(method, { params: anything }, () => ({}))
    } finally {
      Reflect.deleteProperty(this.#server, '_wrapHandler')
    }
  }

  get #hooks(): Hooks {
    return this.#server as unknown as Hooks
  }
}

interface ListedTools {
  readonly tools?: readonly { readonly name: string }[]
}

/** The protected methods of `Protocol` and `Server`: they are in the published types, for subclasses. */
interface Hooks {
  _getRequestHandler(method: string): RequestHandler | undefined
  _wrapHandler(method: string, handler: RequestHandler): RequestHandler
  _onresponse(answer: Answer): void
  _onclose(): void
}

/** Takes anything: whoever reads it says in its own words what is wrong with it. */
export const anything: StandardSchemaV1<unknown, unknown> = {
  '~standard': { version: 1, vendor: 'longcall', validate: (value) => ({ value }) },
}
