import type { TaskRecord } from '@longcall/core'
import { acknowledgedWith, listenFrame, listenRefusal, type TaskListen } from '../2026-07-28/listen-message.ts'
import { pushTasks, visibleTasks } from '../2026-07-28/task-push.ts'
import type { TaskService } from '../calls/task-service.ts'
import { isEventStream, sseEvent, sseEvents } from './sse.ts'

/** How often a comment shows proxies that a stream is alive. */
const keepAliveMs = 15_000

/** How many subscriptions to tasks one endpoint holds open, and how many of them for one caller. */
const mostStreams = 1_024
const mostOfCaller = 64

/** How much is kept for a client that does not read. */
const mostUnreadBytes = 16 * 1024 * 1024

/** Who subscribes. */
export interface Subscriber {
  readonly owner: string
  /** Where from: callers nobody knows are told apart by it, as far as anything is. */
  readonly remoteAddress: string | undefined
  /** Kept while its stream is open: a request that nothing holds is collected, and its signal never aborts then. */
  readonly request: Request
}

/**
 * Serves subscriptions that name tasks over HTTP, in front of the SDK: it serves the rest of the filter, and its stream is
 * joined with ours into one.
 */
export class ListenStreams {
  readonly #service: TaskService
  readonly #open = new Set<TaskStream>()
  /** How many each caller has, of those that are being opened, too. */
  readonly #places = new Map<string, number>()
  #taken = 0

  constructor(service: TaskService) {
    this.#service = service
  }

  /** @param serveRest Has the SDK serve the request without the tasks. */
  async serve(listen: TaskListen, subscriber: Subscriber, serveRest: () => Promise<Response>): Promise<Response> {
    if (!listen.isAllowed) return Response.json(listenRefusal(listen.id), { status: 400 })
    const leave = this.#takePlace(subscriber)
    if (leave === undefined) {
      const error = { code: -32_603, message: 'Subscription limit reached' }
      return Response.json({ jsonrpc: '2.0', id: listen.id, error })
    }
    try {
      // Before the SDK opens its stream: what fails here leaves none behind.
      const granted = await visibleTasks(this.#service, listen.taskIds, subscriber.owner)
      const rest = await serveRest()
      if (rest.body !== null && isEventStream(rest)) return this.#join(listen, subscriber, granted, rest, leave)
      leave()
      return rest
    } catch (error) {
      leave()
      throw error
    }
  }

  /** Ends every stream in the orderly way, with its response. */
  endAll(): void {
    for (const stream of [...this.#open]) stream.end()
  }

  #join(
    { id }: TaskListen,
    { request }: Subscriber,
    granted: readonly TaskRecord[],
    { body, status, headers }: Response,
    leave: () => void,
  ): Response {
    const stream = new TaskStream(this.#service, { id, granted, request }, body!, () => {
      this.#open.delete(stream)
      leave()
    })
    this.#open.add(stream)
    if (request.signal.aborted) stream.stop()
    else request.signal.addEventListener('abort', () => stream.stop(), { once: true })
    return new Response(stream.body, { status, headers })
  }

  /** A place for one more stream, if there is one; what it gives back leaves it. */
  #takePlace({ owner, remoteAddress }: Subscriber): (() => void) | undefined {
    const caller = owner === '' ? remoteAddress && `(anonymous) ${remoteAddress}` : owner
    const ofCaller = caller === undefined ? 0 : (this.#places.get(caller) ?? 0)
    if (this.#taken >= mostStreams || ofCaller >= mostOfCaller) return undefined
    this.#taken += 1
    if (caller !== undefined) this.#places.set(caller, ofCaller + 1)
    return () => {
      this.#taken -= 1
      if (caller === undefined) return
      const left = (this.#places.get(caller) ?? 1) - 1
      if (left === 0) this.#places.delete(caller)
      else this.#places.set(caller, left)
    }
  }
}

interface Subscription {
  readonly id: string | number
  readonly granted: readonly TaskRecord[]
  readonly request: Request
}

/** One stream: the SDK's events, and those of tasks once it has acknowledged. */
class TaskStream {
  readonly body: ReadableStream<Uint8Array>
  /** Held, see {@link Subscriber}. */
  readonly request: Request
  readonly #over = new AbortController()
  readonly #onOver: () => void
  readonly #encoder = new TextEncoder()
  readonly #alive: ReturnType<typeof setInterval>
  #controller!: ReadableStreamDefaultController<Uint8Array>
  /** The SDK's last word, said when ours is. */
  #ending: string | undefined
  #shallEnd = false

  constructor(
    service: TaskService,
    subscription: Subscription,
    theirs: ReadableStream<Uint8Array>,
    onOver: () => void,
  ) {
    this.request = subscription.request
    this.#onOver = onOver
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller
        },
        cancel: () => this.stop(),
      },
      { highWaterMark: mostUnreadBytes, size: ({ byteLength }) => byteLength },
    )
    this.#alive = setInterval(() => this.#write(': keepalive\n\n'), keepAliveMs)
    this.#alive.unref()
    void this.#join(service, subscription, theirs).catch(() => this.stop())
  }

  /** Ends in the orderly way. */
  end(): void {
    this.#shallEnd = true
    if (this.#ending === undefined) return
    this.#write(this.#ending)
    this.stop()
  }

  /** Nobody reads any more. */
  stop(): void {
    if (this.#over.signal.aborted) return
    this.#over.abort()
    clearInterval(this.#alive)
    this.#onOver()
    try {
      this.#controller.close()
    } catch {
      // The reader has closed it.
    }
  }

  async #join(service: TaskService, { id, granted }: Subscription, theirs: ReadableStream<Uint8Array>): Promise<void> {
    const { signal } = this.#over
    // Through a pipe that ends with this stream: the SDK holds its own open until it is cancelled.
    const events = theirs.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), { signal })
    for await (const { text, message } of sseEvents(events)) {
      const frame = listenFrame(message)
      if (frame === 'acknowledged') {
        const ids = granted.map((task) => task.id)
        this.#write(sseEvent(acknowledgedWith(message as object, ids)))
        pushTasks(service, granted, id, (sent) => this.#write(sseEvent({ jsonrpc: '2.0', ...sent })), signal)
      } else if (frame === 'ended') {
        this.#ending = text
        // With nothing else to wait for, the SDK ends at once; there may be tasks to wait for.
        if (granted.length === 0 || this.#shallEnd) this.end()
      } else {
        this.#write(text)
      }
    }
    if (this.#ending === undefined) this.stop()
  }

  #write(text: string): void {
    if (this.#over.signal.aborted) return
    this.#controller.enqueue(this.#encoder.encode(text))
    if ((this.#controller.desiredSize ?? 0) > 0) return
    // Nobody reads: what is kept for them is dropped, and the client polls.
    this.#controller.error(new Error(`The subscriber has not read ${mostUnreadBytes} bytes.`))
    this.stop()
  }
}
