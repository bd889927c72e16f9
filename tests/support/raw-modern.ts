/**
 * A client of 2026-07-28 that is nothing but messages: it sends what it is told to, right or wrong, and shows what came
 * back. All that a server sends it is checked against the official schemas.
 */
import { PassThrough } from 'node:stream'
import { onTestFinished } from 'vitest'
import {
  createHandler,
  createTasks,
  serveHttp,
  serveTransport,
  type HandlerOptions,
  type HttpOptions,
  type TaskEvent,
  type Tasks,
  type TasksOptions,
} from '@longcall/server'
import { InMemoryTransport } from '@modelcontextprotocol/client'
import { McpServer } from '@modelcontextprotocol/server'
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import { ModernHttpWire, PairWire, StreamWire, type Wire } from './modern-wires.ts'
import { checkReply } from './modern-schemas.ts'
import type { Reply, RequestOptions, Subscription, WireMessage } from './modern-views.ts'

/** How the server is reached. `fetch` is its handler without a socket. */
export type RawTransport = 'memory' | 'stdio' | 'http' | 'fetch'

/** For `describe.each`: what both a pipe and HTTP must do. */
export const rawTransports: readonly RawTransport[] = ['memory', 'stdio', 'http', 'fetch']

/** All that a client may be asked, and tasks. */
const everything: object = {
  elicitation: { form: {}, url: {} },
  sampling: {},
  roots: {},
  extensions: { 'io.modelcontextprotocol/tasks': {} },
}

/** The same, but for tasks. */
export const withoutTasks: object = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} }

/** A server that runs for one test, and a client of it. */
export interface Served extends RawModern {
  readonly tasks: Tasks
  readonly events: TaskEvent[]
  /** What the endpoint reported. */
  readonly reports: Error[]
  /** Where it listens; only for `http`. */
  readonly url: string
  /** Ends the endpoint, while its client is still there. */
  endEndpoint(): Promise<void>
  /** Ends all of it; it happens by itself when the test is over. */
  close(): Promise<void>
}

/** How the server under test is made. */
export interface ServeOptions extends TasksOptions {
  readonly http?: Partial<HttpOptions & HandlerOptions>
  readonly factory?: () => McpServer
}

/** Serves tools for the test that runs now. */
export async function serveRaw(
  transport: RawTransport,
  register: (tasks: Tasks) => void,
  { http = {}, factory = plainServer, ...options }: ServeOptions = {},
): Promise<Served> {
  const events: TaskEvent[] = []
  const reports: Error[] = []
  const onEvent = (event: TaskEvent): void => {
    events.push(event)
    options.onEvent?.(event)
  }
  const tasks = createTasks({ pollIntervalMs: 1, ...options, onEvent })
  register(tasks)
  const onError = (error: Error): void => void reports.push(error)
  const { wire, url, close } = await openWire(transport, factory, { ...http, tasks, onError })
  let ending: Promise<void> | undefined
  const endEndpoint = (): Promise<void> => (ending ??= close())
  const end = async (): Promise<void> => {
    await wire.close()
    await endEndpoint()
    await tasks.close({ graceMs: 0 })
  }
  onTestFinished(end)
  return Object.assign(new RawModern(wire), { tasks, events, reports, url, endEndpoint, close: end })
}

/** A server without anything of its own. */
export function plainServer(): McpServer {
  return new McpServer({ name: 'raw', version: '1.0.0' })
}

async function openWire(
  transport: RawTransport,
  factory: () => McpServer,
  options: HttpOptions,
): Promise<{ wire: Wire; url: string; close: () => Promise<void> }> {
  switch (transport) {
    case 'memory': {
      const [ours, theirs] = InMemoryTransport.createLinkedPair()
      const pipe = serveTransport(factory, theirs, options)
      return { wire: await PairWire.open(ours), url: '', close: () => pipe.close() }
    }
    case 'stdio': {
      const [input, output] = [new PassThrough(), new PassThrough()]
      const pipe = serveTransport(factory, new StdioServerTransport(input, output), options)
      return { wire: new StreamWire(input, output), url: '', close: () => pipe.close() }
    }
    case 'http': {
      const endpoint = await serveHttp(factory, { ...options, port: 0 })
      return { wire: new ModernHttpWire(endpoint.url), url: endpoint.url, close: () => endpoint.close({ graceMs: 0 }) }
    }
    case 'fetch': {
      const handler = createHandler(factory, options)
      const url = 'http://localhost/mcp'
      return {
        wire: new ModernHttpWire(url, (request, info) => handler.fetch(request, info)),
        url,
        close: () => handler.close(),
      }
    }
  }
}

/** The client. */
export class RawModern {
  readonly wire: Wire
  #requests = 0

  constructor(wire: Wire) {
    this.wire = wire
  }

  /** Sends a request, and gives what answered it. */
  async request(method: string, params: object = {}, options: RequestOptions = {}): Promise<Reply> {
    const message = this.message(method, params, options)
    const reply = await this.wire.request(message, options)
    checkReply(method, reply)
    return reply
  }

  /** Calls a tool. */
  call(name: string, args: object = {}, options: RequestOptions & { readonly params?: object } = {}): Promise<Reply> {
    return this.request('tools/call', { name, arguments: args, ...options.params }, options)
  }

  /** Calls a tool that becomes a task, and gives its id. */
  async start(name: string, args: object = {}, options: RequestOptions = {}): Promise<string> {
    const { result, error } = await this.call(name, args, options)
    if (result?.taskId === undefined) throw new Error(`${name} became no task: ${JSON.stringify(result ?? error)}`)
    return result.taskId
  }

  /** Asks for a task until it is as wanted. */
  async until(
    taskId: string,
    wanted: (task: NonNullable<Reply['result']>) => boolean,
    options: RequestOptions = {},
  ): Promise<NonNullable<Reply['result']>> {
    for (;;) {
      const { result, error } = await this.request('tasks/get', { taskId }, options)
      if (result === undefined) throw new Error(`tasks/get was refused: ${JSON.stringify(error)}`)
      if (wanted(result)) return result
    }
  }

  /** Waits for a task's end. */
  ended(taskId: string, options: RequestOptions = {}): Promise<NonNullable<Reply['result']>> {
    return this.until(taskId, ({ status }) => status !== 'working' && status !== 'input_required', options)
  }

  /** Waits until a task has as many questions open, and gives them. */
  async asked(taskId: string, count = 1): Promise<NonNullable<NonNullable<Reply['result']>['inputRequests']>> {
    const { inputRequests = {} } = await this.until(
      taskId,
      ({ inputRequests: open = {} }) => Object.keys(open).length === count,
    )
    return inputRequests
  }

  /** Answers questions of a task. */
  update(taskId: string, inputResponses: unknown, options: RequestOptions = {}): Promise<Reply> {
    return this.request('tasks/update', { taskId, inputResponses }, options)
  }

  /** Opens a subscription; its messages come one by one. */
  async listen(notifications: unknown, options: RequestOptions = {}): Promise<Subscription> {
    const message = this.message('subscriptions/listen', { notifications }, options)
    return this.wire.stream(message, options)
  }

  /** A request as its client writes it. */
  message(method: string, params: object, { id, capabilities = everything, meta }: RequestOptions = {}): WireMessage {
    this.#requests += 1
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1.0.0' },
      'io.modelcontextprotocol/clientCapabilities': capabilities,
      ...meta,
    }
    return { jsonrpc: '2.0', id: id === undefined ? this.#requests : id, method, params: { ...params, _meta } }
  }
}
