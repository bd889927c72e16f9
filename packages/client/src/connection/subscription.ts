import { monotonic, rpcErrorCodes, type Clock, type LongcallError } from '@longcall/core'
import { isSuspicious, isTransient, retryAfterOf, RpcError } from '../errors/request-errors.ts'
import type { RawReply, RawRequest } from './sdk-hooks.ts'
import { toRequestError, toRpcError } from './to-request-error.ts'
import { filterOf, honors, keyOf, type Topic } from './topics.ts'

/**
 * One `subscriptions/listen` stream for all that somebody wants to hear of on a connection (2026-07-28): tasks, resources,
 * changes of lists.
 *
 * A subscription's filter cannot change, so a new stream with the new set is opened before the old one is closed; one
 * change at a time, or overlapping ones would close each other's. Topics that come in one go share a stream; those that
 * leave stay in the filter until the next change. A stream that the server ends is opened again, with growing pauses. What a
 * server does not push it is not asked for again: for tasks, polling does without.
 */
export class Subscription {
  readonly #port: SubscriptionPort
  readonly #wanted = new Map<string, Wanted>()
  #stream: Stream | undefined
  #changing = false
  /** Kinds of topics that the server does not push. */
  readonly #refused = new Set<Topic['kind']>()
  /** Streams in a row that could not be opened, or did not last. */
  #failures = 0
  /** When the next stream may be opened, in milliseconds since the epoch. */
  #notBefore = 0
  readonly #closing = new AbortController()
  /** Ends a pause, or the opening of a stream, that is under way. */
  #pause: AbortController | undefined

  constructor(port: SubscriptionPort) {
    this.#port = port
  }

  /**
   * Listens for a topic. `heard` is called once its pushes begin to flow: what happened before must be asked for. `refused`
   * is called where the server does not push its kind (`undefined`), or answered with an error.
   */
  add(topic: Topic, heard: () => void, refused: (error?: RpcError) => void = () => {}): () => void {
    const key = keyOf(topic)
    const wanted: Wanted = { topic, heard, refused, told: false, isRefused: false }
    if (this.#refused.has(topic.kind)) queueMicrotask(refused)
    this.#wanted.set(key, wanted)
    this.#change()
    return () => {
      if (this.#wanted.get(key) !== wanted) return
      this.#wanted.delete(key)
      if (this.#wanted.size > 0) return
      // Nothing is held open, nor the process, for nobody.
      this.#pause?.abort(new Error('nothing to listen for'))
      this.#change()
    }
  }

  /** The server's acknowledgement of a stream, by its request id. */
  acknowledge(id: string, honored: unknown): void {
    this.#opening?.(id, honored)
  }

  /** Another line is open: its server may push what the one before did not. */
  reset(): void {
    this.#refused.clear()
    for (const wanted of this.#wanted.values()) wanted.isRefused = false
    this.#change()
  }

  close(): void {
    this.#closing.abort(new Error('the connection is closed'))
    this.#stream?.abort.abort(this.#closing.signal.reason)
  }

  #opening: ((id: string, honored: unknown) => void) | undefined

  #change(): void {
    if (this.#changing || this.#closing.signal.aborted) return
    this.#changing = true
    // Rejects only where a pause is cut short by close().
    this.#settle().catch(() => {})
  }

  /** What is wanted and may be had. */
  #topics(): Map<string, Wanted> {
    const isToBeHad = ({ topic, isRefused }: Wanted): boolean => !isRefused && !this.#refused.has(topic.kind)
    return new Map([...this.#wanted].filter(([, wanted]) => isToBeHad(wanted)))
  }

  /** Changes streams until the one that is open covers every topic. */
  async #settle(): Promise<void> {
    const { clock } = this.#port
    const { signal } = this.#closing
    try {
      for (;;) {
        // Topics that are added in the same turn, or while a stream was opening, go together.
        await clock.sleep(batchMs, signal)
        const old = this.#stream
        const topics = this.#topics()
        if (topics.size === 0) {
          this.#stream = undefined
          old?.abort.abort(new Error('nothing to listen for'))
          return
        }
        if (old !== undefined && [...topics.keys()].every((key) => old.keys.has(key))) {
          // One that left and came back is in the filter still.
          this.#tell((_key, { told }) => !told)
          return
        }
        const early = this.#notBefore - monotonic(clock)
        if (early > 0) {
          this.#pause = new AbortController()
          await clock.sleep(early, AbortSignal.any([signal, this.#pause.signal])).catch(() => {})
          continue
        }
        const opened = await this.#open([...topics.values()].map(({ topic }) => topic))
        if (opened === 'failed' || opened === 'refused' || opened.over) continue
        this.#stream = opened
        old?.abort.abort(new Error('replaced by another subscription'))
        this.#tell((key, { told }) => opened.keys.has(key) && (!told || old?.keys.has(key) !== true))
      }
    } finally {
      // In the same turn as the last look at the topics, or one that is added now would be missed.
      this.#changing = false
    }
  }

  /** Tells those that fit that their pushes flow now. */
  #tell(fits: (key: string, wanted: Wanted) => boolean): void {
    for (const [key, wanted] of this.#topics()) {
      if (!fits(key, wanted)) continue
      wanted.told = true
      wanted.heard()
    }
  }

  /** Resolves once the server acknowledged, refused, or could not be reached. */
  #open(topics: readonly Topic[]): Promise<Stream | 'refused' | 'failed'> {
    const abort = new AbortController()
    this.#pause = abort
    const stream: Stream = {
      keys: new Set(topics.map(keyOf)),
      abort,
      openedAt: monotonic(this.#port.clock),
      acknowledged: false,
      over: false,
    }
    return new Promise((resolve) => {
      let own: string | undefined
      const timer = setTimeout(
        () => abort.abort(new Error('the subscription was not acknowledged in time')),
        acknowledgeMs,
      )
      const settle = (outcome: Stream | 'refused' | 'failed'): void => {
        clearTimeout(timer)
        if (this.#opening === acknowledged) this.#opening = undefined
        resolve(outcome)
      }
      const acknowledged = (id: string, honored: unknown): void => {
        if (id !== own) return
        stream.acknowledged = true
        if (this.#pause === abort) this.#pause = undefined
        const kinds = new Set(topics.map(({ kind }) => kind))
        for (const kind of kinds) if (!honors(honored, kind)) this.#refuse(kind)
        if (![...kinds].every((kind) => this.#refused.has(kind))) return settle(stream)
        abort.abort(new Error('the server pushes nothing of what was asked for'))
        settle('refused')
      }
      const refuse = (error: LongcallError): void => {
        this.#refuseNew(topics, error)
        settle('refused')
      }
      this.#opening = acknowledged
      const request = { method: 'subscriptions/listen', params: { notifications: filterOf(topics) } }
      this.#port
        .dispatch(request, abort.signal, (id) => {
          own = id
        })
        .then(
          (reply) => {
            this.#ended(stream, 0)
            if (reply.kind === 'result') return settle('failed')
            const error = toRpcError(request.method, reply.error)
            if (isSuspicious(error)) settle('failed')
            else refuse(error)
          },
          (thrown: unknown) => {
            const error = toRequestError(request.method, thrown)
            this.#ended(stream, retryAfterOf(error))
            if (abort.signal.aborted || isTransient(error)) settle('failed')
            else refuse(error)
          },
        )
    })
  }

  /**
   * A server that has no such method, or answers with a status, pushes nothing. Any other error is about one of the topics that
   * are not in the stream that is open, and which one is not said: the newest is left out, and told.
   */
  #refuseNew(topics: readonly Topic[], error: LongcallError): void {
    if (!(error instanceof RpcError) || error.rpcCode === rpcErrorCodes.methodNotFound) {
      for (const { kind } of topics) this.#refuse(kind)
      return
    }
    const unheard = new Set(topics.map(keyOf).filter((key) => this.#stream?.keys.has(key) !== true))
    const newest = [...this.#wanted.keys()].findLast((key) => unheard.has(key))
    const wanted = newest === undefined ? undefined : this.#wanted.get(newest)
    if (wanted === undefined) return
    wanted.isRefused = true
    wanted.refused(error)
  }

  #refuse(kind: Topic['kind']): void {
    if (this.#refused.has(kind)) return
    this.#refused.add(kind)
    for (const { topic, refused } of this.#wanted.values()) if (topic.kind === kind) refused()
  }

  #ended(stream: Stream, retryAfterMs: number): void {
    const nowMs = monotonic(this.#port.clock)
    stream.over = true
    if (nowMs - stream.openedAt >= steadyMs) this.#failures = 0
    const left = stream.acknowledged && stream.abort.signal.aborted
    if (!left) {
      // A server that ends each stream soon after it opened is not to be asked again at once, for ever.
      this.#failures += 1
      this.#notBefore = nowMs + Math.max(Math.min(1000 * 2 ** (this.#failures - 1), 30_000), retryAfterMs)
    }
    if (this.#stream !== stream) return
    this.#stream = undefined
    this.#change()
  }
}

/** What {@link Subscription} needs of a connection. */
export interface SubscriptionPort {
  readonly clock: Clock
  dispatch(request: RawRequest, signal: AbortSignal, sent: (id: string) => void): Promise<RawReply>
}

interface Wanted {
  readonly topic: Topic
  readonly heard: () => void
  readonly refused: (error?: RpcError) => void
  /** The server answered with an error to it. */
  isRefused: boolean
  /** Whether it was told that its pushes flow. */
  told: boolean
}

interface Stream {
  /** The topics that were asked for: one that was not honored is not asked for again. */
  readonly keys: ReadonlySet<string>
  readonly abort: AbortController
  readonly openedAt: number
  acknowledged: boolean
  over: boolean
}

const batchMs = 5
const acknowledgeMs = 10_000

/** How long a stream lives, in milliseconds, for the trouble before it to be forgotten. */
const steadyMs = 60_000
