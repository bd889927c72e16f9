import type { Clock } from '@longcall/core'
import { listenFilter } from '@longcall/core/wire/2026-07-28'
import { isTransient, retryAfterOf } from '../errors/request-errors.ts'
import type { RawReply, RawRequest } from './sdk-client.ts'
import { toRequestError } from './to-request-error.ts'

/**
 * One `subscriptions/listen` stream for all the tasks that somebody waits for on a connection (2026-07-28).
 *
 * A subscription's filter cannot change, so a new stream with the new set is opened before the old one is closed; one
 * change at a time, or overlapping ones would close each other's. Ids that come in one go share a stream; ids that leave
 * stay in the filter until the next change. A stream that the server ends is opened again, with growing pauses. A server
 * that refuses is left alone: polling does without.
 */
export class TaskSubscription {
  readonly #port: SubscriptionPort
  readonly #wanted = new Map<string, () => void>()
  #stream: Stream | undefined
  #changing = false
  #refused = false
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

  /** Listens for a task. `heard` is called once its pushes begin to flow: what happened before must be polled for. */
  add(taskId: string, heard: () => void): () => void {
    this.#wanted.set(taskId, heard)
    this.#change()
    return () => {
      if (this.#wanted.get(taskId) !== heard) return
      this.#wanted.delete(taskId)
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

  close(): void {
    this.#closing.abort(new Error('the connection is closed'))
    this.#stream?.abort.abort(this.#closing.signal.reason)
  }

  #opening: ((id: string, honored: unknown) => void) | undefined

  #change(): void {
    if (this.#changing || this.#refused || this.#closing.signal.aborted) return
    this.#changing = true
    // Rejects only where a pause is cut short by close().
    this.#settle().catch(() => {})
  }

  /** Changes streams until the one that is open covers every wanted id. */
  async #settle(): Promise<void> {
    const { clock } = this.#port
    const { signal } = this.#closing
    try {
      for (;;) {
        // Ids that are added in the same turn, or while a stream was opening, go together.
        await clock.sleep(batchMs, signal)
        const old = this.#stream
        if (this.#wanted.size === 0) {
          this.#stream = undefined
          old?.abort.abort(new Error('nothing to listen for'))
          return
        }
        if (old !== undefined && [...this.#wanted.keys()].every((id) => old.ids.has(id))) return
        const early = this.#notBefore - clock.now()
        if (early > 0) {
          this.#pause = new AbortController()
          await clock.sleep(early, AbortSignal.any([signal, this.#pause.signal])).catch(() => {})
          continue
        }
        const opened = await this.#open([...this.#wanted.keys()])
        if (opened === 'refused') {
          this.#refused = true
          return
        }
        if (opened === 'failed' || opened.over) continue
        this.#stream = opened
        old?.abort.abort(new Error('replaced by another subscription'))
        for (const [id, heard] of this.#wanted) if (opened.ids.has(id) && old?.ids.has(id) !== true) heard()
      }
    } finally {
      // In the same turn as the last look at the wanted ids, or one that is added now would be missed.
      this.#changing = false
    }
  }

  /** Resolves once the server acknowledged, refused, or could not be reached. */
  #open(taskIds: readonly string[]): Promise<Stream | 'refused' | 'failed'> {
    const abort = new AbortController()
    this.#pause = abort
    const stream: Stream = {
      ids: new Set(taskIds),
      abort,
      openedAt: this.#port.clock.now(),
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
        if (namesTasks(honored)) return settle(stream)
        abort.abort(new Error('the server does not push tasks'))
        settle('refused')
      }
      this.#opening = acknowledged
      const request = { method: 'subscriptions/listen', params: { notifications: listenFilter(taskIds) } }
      this.#port
        .dispatch(request, abort.signal, (id) => {
          own = id
        })
        .then(
          (reply) => {
            this.#ended(stream, 0)
            settle(reply.kind === 'error' ? 'refused' : 'failed')
          },
          (thrown: unknown) => {
            const error = toRequestError(request.method, thrown)
            this.#ended(stream, retryAfterOf(error))
            settle(abort.signal.aborted || isTransient(error) ? 'failed' : 'refused')
          },
        )
    })
  }

  #ended(stream: Stream, retryAfterMs: number): void {
    const nowMs = this.#port.clock.now()
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

/** What {@link TaskSubscription} needs of a connection. */
export interface SubscriptionPort {
  readonly clock: Clock
  dispatch(request: RawRequest, signal: AbortSignal, sent: (id: string) => void): Promise<RawReply>
}

interface Stream {
  /** The ids that were asked for: one that was not honored is not asked for again. */
  readonly ids: ReadonlySet<string>
  readonly abort: AbortController
  readonly openedAt: number
  acknowledged: boolean
  over: boolean
}

const batchMs = 5
const acknowledgeMs = 10_000

/** How long a stream lives, in milliseconds, for the trouble before it to be forgotten. */
const steadyMs = 60_000

/** A server that knows of tasks names those that it will push, be they none; one that does not leaves them out. */
function namesTasks(honored: unknown): boolean {
  return typeof honored === 'object' && honored !== null && Array.isArray((honored as { taskIds?: unknown }).taskIds)
}
