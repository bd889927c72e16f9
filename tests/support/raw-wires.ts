/** What carries a raw peer's messages: HTTP as `fetch` has it, one end of a pair, the pipes of a process. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { InMemoryTransport } from '@modelcontextprotocol/client'
import type { Message, Opened, RawTarget, RawWire, Received } from './raw-session.ts'

export interface RawHttpOptions {
  /** The global one by default; a handler's own to leave the network out. */
  readonly fetch?: (request: Request) => Promise<Response>
  readonly headers?: Readonly<Record<string, string>>
  /** Goes on with a session that is open already. */
  readonly sessionId?: string
  /** Hears of the comments in streams. */
  readonly onComment?: (comment: string) => void
  /** Hears of each response before its body. */
  readonly onResponse?: (response: Response) => void
}

export function rawHttp(url: string, options: RawHttpOptions = {}): RawTarget {
  return (receive) => Promise.resolve(new HttpWire(url, options, receive))
}

class HttpWire implements RawWire {
  readonly #url: string
  readonly #options: RawHttpOptions
  readonly #receive: (received: Received) => void
  readonly #streams = new Map<string | number, { readonly drop: AbortController; readonly over: Promise<unknown> }>()
  /** The last event of each stream that named its events. */
  readonly #lastEventIds = new Map<string | number, string>()
  #sessionId: string | undefined

  constructor(url: string, options: RawHttpOptions, receive: (received: Received) => void) {
    this.#url = url
    this.#options = options
    this.#receive = receive
    this.#sessionId = options.sessionId
  }

  send(message: Message): Promise<Opened> {
    const isRequest = message.method !== undefined && message.id !== undefined
    return this.#open(isRequest ? message.id : 'none', 'POST', message)
  }

  listen(after?: string | number): Promise<Opened> {
    return this.#open('GET', 'GET', undefined, after === undefined ? undefined : this.#lastEventIds.get(after))
  }

  end(): Promise<Opened> {
    return this.#open('DELETE', 'DELETE')
  }

  async drop(name: string | number): Promise<void> {
    const stream = this.#streams.get(name)
    stream?.drop.abort()
    await stream?.over
  }

  async close(): Promise<void> {
    await Promise.all([...this.#streams.keys()].map((name) => this.drop(name)))
  }

  async #open(name: string | number, method: string, message?: Message, lastEventId?: string): Promise<Opened> {
    const drop = new AbortController()
    const { fetch: send = fetch, headers, onResponse } = this.#options
    const request = new Request(this.#url, {
      method,
      signal: drop.signal,
      headers: {
        accept: method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
        ...(message !== undefined && { 'content-type': 'application/json' }),
        ...(this.#sessionId !== undefined && {
          'mcp-session-id': this.#sessionId,
          'mcp-protocol-version': '2025-11-25',
        }),
        ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
        ...headers,
      },
      ...(message !== undefined && { body: JSON.stringify(message) }),
    })
    const responding = send(request)
    const reading = responding.then((response) => {
      this.#sessionId ??= response.headers.get('mcp-session-id') ?? undefined
      onResponse?.(response)
      return this.#read(name, response, drop.signal)
    })
    const over = reading.catch(() => {}).finally(() => this.#streams.delete(name))
    this.#streams.set(name, { drop, over })
    const { status, headers: got } = await responding
    return { status, contentType: got.get('content-type') }
  }

  async #read(on: string | number, response: Response, dropped: AbortSignal): Promise<void> {
    if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) {
      const body = await response.text()
      const message = body === '' ? undefined : (JSON.parse(body) as Message)
      // Without an id it answers no request: it only says why the status is what it is.
      if (message?.id !== undefined && message.id !== null) this.#receive({ on, message })
      return
    }
    const decoder = new TextDecoder()
    let rest = ''
    const reader = response.body!.getReader()
    // Without a network in between, nobody but the reader says that the stream is read no more.
    dropped.addEventListener('abort', () => void reader.cancel().catch(() => {}), { once: true })
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const events = (rest + decoder.decode(next.value, { stream: true })).split('\n\n')
      rest = events.pop()!
      for (const event of events) this.#event(on, event)
    }
  }

  #event(on: string | number, event: string): void {
    const lines = event.split('\n')
    for (const line of lines) {
      if (line.startsWith(':')) this.#options.onComment?.(line)
      if (line.startsWith('id:')) this.#lastEventIds.set(on, line.slice('id:'.length).trim())
    }
    const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice('data:'.length).trim())
    if (data.join('') !== '') this.#receive({ on, message: JSON.parse(data.join('\n')) as Message })
  }
}

export function rawMemory(transport: InMemoryTransport): RawTarget {
  return async (receive) => {
    transport.onmessage = (message) => receive({ on: 'pipe', message: JSON.parse(JSON.stringify(message)) as Message })
    await transport.start()
    return pipe(
      (message) => transport.send(message as never),
      () => transport.close(),
    )
  }
}

export function rawStdio(command: string, args: readonly string[]): RawTarget {
  return (receive) => {
    const child = spawn(command, [...args], { stdio: ['pipe', 'pipe', 'inherit'] })
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
    createInterface(child.stdout).on('line', (line) => receive({ on: 'pipe', message: JSON.parse(line) as Message }))
    const write = (message: Message): Promise<void> =>
      new Promise((resolve, reject) => {
        child.stdin.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()))
      })
    const close = async (): Promise<void> => {
      child.kill('SIGKILL')
      await ended
    }
    return Promise.resolve(pipe(write, close))
  }
}

function pipe(write: (message: Message) => Promise<void>, close: () => Promise<void>): RawWire {
  return {
    send: async (message) => {
      await write(message)
      return {}
    },
    drop: (requestId) => write({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } }),
    close,
  }
}
