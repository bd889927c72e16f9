/** A server that says what a test tells it to, message by message, so that a test decides what comes first. */
import { onTestFinished } from 'vitest'
import { Client, type ClientOptions, type Generation } from '@longcall/client'
import { InMemoryTransport, type JSONRPCMessage } from '@modelcontextprotocol/client'

/** The parameters, or a result, as they are on the wire. */
export type Wire = Record<string, unknown>

/** A request that came in. */
export interface Received {
  readonly id: string | number
  readonly params: Wire
}

/** Answers one method; what is thrown becomes a JSON-RPC error. */
export type Answer = (params: Wire, request: Received) => unknown

/** Returned by an {@link Answer} that says nothing. */
export const silence: unique symbol = Symbol('silence')

/** Thrown by an {@link Answer}. */
export class RpcFault extends Error {
  readonly code: number
  readonly data: unknown

  constructor(code: number, message: string, data?: unknown) {
    super(message)
    this.code = code
    this.data = data
  }
}

/** Lists one tool, `job`, that may run as a task; all else is up to the test. */
export class ScriptedServer {
  /** All that the client sent, in order: requests, notifications and answers. */
  readonly received: (Wire & { readonly method?: string })[] = []
  readonly #generation: Generation
  readonly #answers: Readonly<Record<string, Answer>>
  readonly #open = new Map<unknown, PromiseWithResolve>()
  #wire: InMemoryTransport | undefined
  #lastId = 0

  constructor(generation: Generation, answers: Readonly<Record<string, Answer>>) {
    this.#generation = generation
    this.#answers = { ...basics(generation), ...answers }
  }

  /** Connects a client, which is closed when the test is over. */
  async connect(options: ClientOptions = {}): Promise<Client> {
    const [ours, theirs] = InMemoryTransport.createLinkedPair()
    this.#wire = theirs
    theirs.onmessage = (message) => void this.#receive(structuredClone(message))
    await theirs.start()
    const era = this.#generation === '2026-07-28' ? '2026-07-28' : 'legacy'
    const client = await Client.connect(ours, { era, ...options })
    onTestFinished(() => client.close())
    return client
  }

  /** The requests of a method that came in so far. */
  requests(method: string): readonly Received[] {
    return this.received.filter((message) => message.method === method) as unknown as Received[]
  }

  notify(method: string, params: Wire): void {
    this.#send({ jsonrpc: '2.0', method, params })
  }

  /** Asks the client, and gives its answer: a result, or a JSON-RPC error under `error`. An `id` of before makes a copy. */
  ask(method: string, params: Wire, id: number = this.#lastId + 1): Promise<Wire> {
    this.#lastId = Math.max(this.#lastId, id)
    const answered = new Promise<Wire>((resolve) => this.#open.set(id, { resolve }))
    this.#send({ jsonrpc: '2.0', id, method, params })
    return answered
  }

  /** Answers a request that was met with {@link silence}. */
  answer(id: string | number, result: Wire): void {
    this.#send({ jsonrpc: '2.0', id, result: this.#complete(result) })
  }

  /** Closes the connection from this side. */
  async hangUp(): Promise<void> {
    await this.#wire?.close()
  }

  async #receive(message: Wire): Promise<void> {
    this.received.push(message)
    const { id, method, params = {} } = message
    if (method === undefined) {
      this.#open.get(id)?.resolve((message['result'] ?? { error: message['error'] }) as Wire)
      return
    }
    if (id === undefined) return
    try {
      const answer = this.#answers[method as string]
      if (answer === undefined) throw new RpcFault(-32_601, 'Method not found')
      const result = await answer(params as Wire, { id, params } as Received)
      if (result !== silence) this.answer(id as string, result as Wire)
    } catch (error) {
      const { code = -32_603, message: said, data } = error as Partial<RpcFault>
      this.#send({ jsonrpc: '2.0', id, error: { code, message: said, ...(data !== undefined && { data }) } })
    }
  }

  #complete(result: Wire): Wire {
    return this.#generation === '2026-07-28' ? { resultType: 'complete', ...result } : result
  }

  #send(message: Wire): void {
    // A client that has gone is told nothing.
    this.#wire?.send(structuredClone(message) as unknown as JSONRPCMessage).catch(() => {})
  }
}

interface PromiseWithResolve {
  readonly resolve: (answer: Wire) => void
}

/** A task as a generation has it on the wire. */
export function wireTask(generation: Generation, status: string, more: Wire = {}): Wire {
  const { ttlMs = 60_000, pollIntervalMs = 100, ...rest } = more
  const times = { createdAt: '2026-01-01T00:00:00.000Z', lastUpdatedAt: '2026-01-01T00:00:00.000Z' }
  const task = { taskId: 't1', status, ...times }
  return generation === '2026-07-28'
    ? { ...task, ttlMs, pollIntervalMs, ...rest }
    : { ...task, ttl: ttlMs, pollInterval: pollIntervalMs, ...rest }
}

/** The answer to a `tools/call` that became a task. */
export function wireCreated(generation: Generation, more: Wire = {}): Wire {
  const task = wireTask(generation, 'working', more)
  return generation === '2026-07-28' ? { resultType: 'task', ...task } : { task }
}

/** A tool's result. */
export function wireText(text: string, more: Wire = {}): Wire {
  return { content: [{ type: 'text', text }], ...more }
}

function basics(generation: Generation): Record<string, Answer> {
  const serverInfo = { name: 'scripted', version: '1.0.0' }
  const job = { name: 'job', inputSchema: { type: 'object', properties: {} } }
  if (generation === '2026-07-28') {
    const cache = { ttlMs: 0, cacheScope: 'private' }
    return {
      'server/discover': () => ({
        supportedVersions: ['2026-07-28'],
        capabilities: { tools: {}, extensions: { 'io.modelcontextprotocol/tasks': {} } },
        _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo },
        ...cache,
      }),
      'tools/list': () => ({ tools: [job], ...cache }),
      'tools/call': () => wireCreated(generation),
    }
  }
  return {
    initialize: () => ({
      protocolVersion: '2025-11-25',
      capabilities: {
        tools: { listChanged: true },
        tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } },
      },
      serverInfo,
    }),
    ping: () => ({}),
    'tools/list': () => ({ tools: [{ ...job, execution: { taskSupport: 'optional' } }] }),
    'tools/call': () => wireCreated(generation),
  }
}
