/**
 * A peer of 2025-11-25 that speaks JSON-RPC by itself: what it gets is what was on the wire. It records every message in
 * order, answers a request of the server's only when the test says so, and opens and drops streams as told.
 */
import type { WireTask } from '@longcall/core/wire/2025-11-25'
import type { Step } from '../peers/task-tools.mjs'

/** A JSON-RPC message, as it came. */
export interface Message {
  readonly jsonrpc: '2.0'
  readonly id?: string | number
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: RpcFailure
}

export interface RpcFailure {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}

/** A message, and the stream that it came on: the id of the request that opened it, `GET`, or `pipe`. */
export interface Received {
  readonly on: string | number
  readonly message: Message
}

/** What carries messages. */
export interface RawWire {
  /** Sends a message; for a request, resolves when the other side has begun to answer. */
  send(message: Message): Promise<Opened>
  /** Gives up a request: on HTTP its stream is dropped, on a pipe it is cancelled. */
  drop(id: string | number): Promise<void>
  /** Opens the session's own stream, where there is such a thing, or goes on where another was lost. */
  listen?(after?: string | number): Promise<Opened>
  /** Ends the session in so many words, where that is possible. */
  end?(): Promise<Opened>
  close(): Promise<void>
}

/** How a request or a stream began; empty on a pipe. */
export interface Opened {
  readonly status?: number
  readonly contentType?: string | null
}

/** Makes a wire that hands over what it gets. */
export type RawTarget = (receive: (received: Received) => void) => Promise<RawWire>

/** A request on its way. */
export interface Sent {
  readonly id: number
  readonly opened: Promise<Opened>
  readonly answer: Promise<Message>
  drop(): Promise<void>
}

export interface RawOptions {
  readonly capabilities?: Readonly<Record<string, unknown>>
  readonly protocolVersion?: string
}

/** What a client can be asked. */
const asksAll = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} }

export class RawSession {
  /** All that came, in order. */
  readonly received: Received[] = []
  /** What was asked, by id: says what an answer must look like. */
  readonly requests = new Map<string | number, Message>()
  #wire!: RawWire
  #lastId = 0
  readonly #taken = new Set<Received>()
  readonly #waiting = new Set<() => void>()
  #isClosed = false

  static async connect(target: RawTarget, options: RawOptions = {}): Promise<RawSession> {
    const { capabilities = asksAll, protocolVersion = '2025-11-25' } = options
    const session = new RawSession()
    session.#wire = await target((received) => session.#receive(received))
    const clientInfo = { name: 'raw', version: '1.0.0' }
    await session.result('initialize', { protocolVersion, capabilities, clientInfo })
    await session.notify('notifications/initialized')
    return session
  }

  /** Sends a request, and leaves it to the test what becomes of it. */
  send(method: string, params?: Readonly<Record<string, unknown>>): Sent {
    this.#lastId += 1
    const id = this.#lastId
    const message: Message = { jsonrpc: '2.0', id, method, ...(params !== undefined && { params }) }
    this.requests.set(id, message)
    const opened = this.#wire.send(message)
    const answer = opened
      .then(() => this.take((got) => got.id === id && got.method === undefined))
      .then((received) => received.message)
    // Whoever drops a request does not look at its answer.
    answer.catch(() => {})
    opened.catch(() => {})
    return { id, opened, answer, drop: () => this.#wire.drop(id) }
  }

  /** The result of a request; an error of JSON-RPC is thrown. */
  async result<T = Readonly<Record<string, unknown>>>(
    method: string,
    params?: Readonly<Record<string, unknown>>,
  ): Promise<T> {
    const { result, error } = await this.send(method, params).answer
    if (result === undefined) throw new Error(`${method} was answered with ${JSON.stringify(error)}`)
    return result as T
  }

  /** The JSON-RPC error that a request is answered with. */
  async error(method: string, params?: Readonly<Record<string, unknown>>): Promise<RpcFailure> {
    const { result, error } = await this.send(method, params).answer
    if (error === undefined) throw new Error(`${method} was answered with ${JSON.stringify(result)}`)
    return error
  }

  async notify(method: string, params?: Readonly<Record<string, unknown>>): Promise<Opened> {
    return this.#wire.send({ jsonrpc: '2.0', method, ...(params !== undefined && { params }) })
  }

  /** Answers a request of the server's. */
  async answer({ message }: Received, result: Readonly<Record<string, unknown>>): Promise<Opened> {
    return this.#wire.send({ jsonrpc: '2.0', id: message.id!, result })
  }

  /** Answers a request of the server's with an error. */
  async refuse({ message }: Received, error: RpcFailure): Promise<Opened> {
    return this.#wire.send({ jsonrpc: '2.0', id: message.id!, error })
  }

  /**
   * Opens the session's own stream.
   *
   * @param after Goes on with this stream instead, where it was lost.
   */
  async listen(after?: string | number): Promise<Opened> {
    if (this.#wire.listen === undefined) throw new Error('this wire has no stream beside its own')
    return this.#wire.listen(after)
  }

  /** Ends the session. */
  async end(): Promise<Opened> {
    if (this.#wire.end === undefined) throw new Error('this wire only ends with its connection')
    return this.#wire.end()
  }

  /** Drops a stream by its name. */
  drop(stream: string | number): Promise<void> {
    return this.#wire.drop(stream)
  }

  /** The first message that fits and that nobody has taken, now or as soon as it comes. */
  async take(fits: (message: Message) => boolean): Promise<Received> {
    const giveUpAt = performance.now() + patienceMs
    for (;;) {
      const found = this.untaken(fits)[0]
      if (found !== undefined) {
        this.#taken.add(found)
        return found
      }
      if (this.#isClosed || performance.now() > giveUpAt) {
        throw new Error(`It never came. What came last: ${JSON.stringify(this.received.slice(-5))}`)
      }
      await this.#news(patienceMs)
    }
  }

  /** What came, fits, and was taken by nobody. */
  untaken(fits: (message: Message) => boolean): Received[] {
    return this.received.filter((each) => !this.#taken.has(each) && fits(each.message))
  }

  /** The next request of the server's. */
  question(): Promise<Received> {
    return this.take(isQuestion)
  }

  /** The requests of the server's that were not taken. */
  get questions(): Received[] {
    return this.untaken(isQuestion)
  }

  /** All notifications of a method so far. */
  notifications(method: string): Message[] {
    return this.received.map(({ message }) => message).filter((message) => message.method === method)
  }

  /** Waits until a notification of the task says this status. */
  async told(taskId: string, status: string): Promise<WireTask> {
    const { message } = await this.take(
      ({ method, params }) =>
        method === 'notifications/tasks/status' && params?.['taskId'] === taskId && params['status'] === status,
    )
    return message.params as unknown as WireTask
  }

  /** Some round trips: what the server had to say already has come by then. */
  async settle(): Promise<void> {
    for (let round = 0; round < 3; round++) {
      await this.result('ping')
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** Starts a task that goes through these steps. */
  async start(steps: readonly Step[], { tool = 'play', ...rest }: StartOptions = {}): Promise<WireTask> {
    const { task = {}, ...params } = rest
    return (await this.result<{ task: WireTask }>('tools/call', { ...params, name: tool, arguments: { steps }, task }))
      .task
  }

  /** The state of a task. */
  get(taskId: string): Promise<WireTask> {
    return this.result<WireTask>('tasks/get', { taskId })
  }

  /** The state of a task once it is this; it is polled, as a client does that is told nothing. */
  async until(taskId: string, status: string): Promise<WireTask> {
    for (;;) {
      const task = await this.get(taskId)
      if (task.status === status) return task
    }
  }

  /** Opens a door for the bodies that wait at it. */
  async open(door: string): Promise<void> {
    await this.result('tools/call', { name: 'open', arguments: { door } })
  }

  /** What bodies noticed, in order. */
  async noted(): Promise<string[]> {
    const { content } = await this.result<{ content: [{ text: string }] }>('tools/call', { name: 'noted' })
    return JSON.parse(content[0].text) as string[]
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const wake of this.#waiting) wake()
    await this.#wire.close()
  }

  #receive(received: Received): void {
    this.received.push(received)
    for (const wake of this.#waiting) wake()
  }

  /** Waits for the next message, or for the end of this session. */
  async #news(longestMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, longestMs)
      this.#waiting.add(wake)
    })
  }
}

export interface StartOptions {
  readonly tool?: string
  readonly task?: Readonly<Record<string, unknown>>
  readonly _meta?: Readonly<Record<string, unknown>>
}

/** A request of the server's. */
const isQuestion = ({ id, method }: Message): boolean => id !== undefined && method !== undefined

/** No test waits this long for a message: what comes so late never comes. */
const patienceMs = 15_000
