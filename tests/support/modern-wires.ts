/** The ways in which a raw client reaches a server: it writes a message and sees what comes, with nothing in between. */
import type { PassThrough } from 'node:stream'
import type { RequestOrigin } from '@longcall/server'
import type { InMemoryTransport, JSONRPCMessage } from '@modelcontextprotocol/client'
import { eventsOf, Inbox } from './modern-inbox.ts'
import type { Reply, RequestOptions, Subscription, WireMessage } from './modern-views.ts'

/** A way to reach a server. */
export interface Wire {
  /** Sends a request and waits for its response. */
  request(message: WireMessage, options?: RequestOptions): Promise<Reply>
  /** Sends a request whose answer is a stream. */
  stream(message: WireMessage, options?: RequestOptions): Promise<Subscription>
  /** Sends whatever it is, and waits for nothing. */
  send(message: unknown): Promise<void>
  close(): Promise<void>
}

/** One pipe that all messages share. */
abstract class PipeWire implements Wire {
  readonly inbox: Inbox = new Inbox()
  /** Answers that somebody has had. */
  readonly #taken = new Set<WireMessage>()

  abstract send(message: unknown): Promise<void>
  abstract close(): Promise<void>

  async request(message: WireMessage): Promise<Reply> {
    const from = this.inbox.messages.length
    await this.send(message)
    const answer = await this.inbox.next((each) => answers(each, message), this.#taken)
    return replyOf(200, answer, this.inbox.messages.slice(from, this.inbox.messages.indexOf(answer)))
  }

  async stream(message: WireMessage): Promise<Subscription> {
    const { inbox } = this
    const mine = (each: WireMessage): boolean => answers(each, message) || subscriptionOf(each) === message.id
    const given = new Set<WireMessage>()
    await this.send(message)
    return {
      status: 200,
      get messages() {
        return inbox.messages.filter(mine)
      },
      comments: inbox.comments,
      next: (fits = () => true) => inbox.next((each) => mine(each) && fits(each), given),
      get ended() {
        return inbox.next((each) => answers(each, message), new Set()).then(() => {})
      },
      cancel: () => this.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: message.id } }),
    }
  }
}

/** One end of an in-memory pair. Messages are copied: the pair itself hands over objects. */
export class PairWire extends PipeWire {
  readonly #transport: InMemoryTransport

  private constructor(transport: InMemoryTransport) {
    super()
    this.#transport = transport
    transport.onmessage = (message) => this.inbox.add(JSON.parse(JSON.stringify(message)) as WireMessage)
    transport.onclose = () => this.inbox.end()
  }

  static async open(transport: InMemoryTransport): Promise<PairWire> {
    const wire = new PairWire(transport)
    await transport.start()
    return wire
  }

  send(message: unknown): Promise<void> {
    return this.#transport.send(JSON.parse(JSON.stringify(message)) as JSONRPCMessage)
  }

  close(): Promise<void> {
    return this.#transport.close()
  }
}

/** Lines of JSON, as a child process reads and writes them. */
export class StreamWire extends PipeWire {
  readonly #input: PassThrough
  readonly #output: PassThrough

  constructor(input: PassThrough, output: PassThrough) {
    super()
    this.#input = input
    this.#output = output
    let rest = ''
    output.on('data', (chunk: Buffer) => {
      const lines = `${rest}${chunk.toString('utf8')}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line !== '') this.inbox.add(JSON.parse(line) as WireMessage)
    })
  }

  async send(message: unknown): Promise<void> {
    this.#input.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`)
  }

  async close(): Promise<void> {
    this.#input.end()
    this.#output.end()
    this.inbox.end()
  }
}

/** A POST for each message. */
export class ModernHttpWire implements Wire {
  readonly #url: string
  readonly #fetch: (request: Request, info?: RequestOrigin) => Promise<Response>
  readonly #streams = new Set<AbortController>()

  constructor(url: string, serve: (request: Request, info?: RequestOrigin) => Promise<Response> = (it) => fetch(it)) {
    this.#url = url
    this.#fetch = serve
  }

  async request(message: WireMessage, options?: RequestOptions): Promise<Reply> {
    const response = await this.post(message, options)
    const inbox = new Inbox()
    await readInto(inbox, response)
    const answer = inbox.messages.find((each) => each.method === undefined)
    if (answer === undefined) throw new Error(`No answer, but ${response.status}: ${JSON.stringify(inbox.messages)}`)
    return replyOf(response.status, answer, inbox.messages.slice(0, inbox.messages.indexOf(answer)))
  }

  async stream(message: WireMessage, options: RequestOptions = {}): Promise<Subscription> {
    const leave = new AbortController()
    this.#streams.add(leave)
    const response = await this.post(message, { ...options, signal: leave.signal })
    const inbox = new Inbox()
    const ended = readInto(inbox, response, leave.signal)
      .catch(() => {})
      .finally(() => {
        inbox.end()
        this.#streams.delete(leave)
      })
    const given = new Set<WireMessage>()
    return {
      status: response.status,
      messages: inbox.messages,
      comments: inbox.comments,
      next: (fits = () => true) => inbox.next(fits, given),
      ended,
      cancel: async () => leave.abort(),
    }
  }

  async send(message: unknown): Promise<void> {
    const response = await this.post(message as WireMessage)
    await response.text()
  }

  async close(): Promise<void> {
    for (const leave of this.#streams) leave.abort()
  }

  /** The request as it is; its headers say of the message what they must. */
  post(message: WireMessage, { headers = {}, info, signal }: RequestOptions = {}): Promise<Response> {
    const { method = '', params } = message ?? {}
    const { name, taskId } = (params ?? {}) as { name?: unknown; taskId?: unknown }
    const named = method === 'tools/call' ? name : method.startsWith('tasks/') ? taskId : undefined
    const all: Record<string, string | undefined> = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      'mcp-name': typeof named === 'string' ? named : undefined,
      ...headers,
    }
    const sent = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined)
    const body = typeof message === 'string' ? message : JSON.stringify(message)
    return this.#fetch(
      new Request(this.#url, { method: 'POST', headers: sent, body, ...(signal !== undefined && { signal }) }),
      info,
    )
  }
}

/** Reads a response to its end: one message, or a stream of events. Who leaves reads no further. */
async function readInto(inbox: Inbox, response: Response, left?: AbortSignal): Promise<void> {
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) {
    const text = await response.text()
    if (text !== '') inbox.add(JSON.parse(text) as WireMessage)
    return
  }
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  left?.addEventListener('abort', () => void reader.cancel().catch(() => {}), { once: true })
  const events = eventsOf(inbox)
  for (let next = await reader.read(); !next.done; next = await reader.read()) events(next.value)
}

function answers(each: WireMessage, request: WireMessage): boolean {
  return each.method === undefined && each.id === request.id
}

function subscriptionOf({ params }: WireMessage): unknown {
  const { _meta: meta }: { _meta?: Record<string, unknown> } = params ?? {}
  return meta?.['io.modelcontextprotocol/subscriptionId']
}

function replyOf(status: number, { id, result, error }: WireMessage, before: readonly WireMessage[]): Reply {
  return {
    status,
    id,
    before,
    ...(result !== undefined && { result }),
    ...(error !== undefined && { error }),
  }
}
