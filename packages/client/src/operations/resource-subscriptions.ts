import { LongcallError } from '@longcall/core'
import type { Connection } from '../connection/connection.ts'
import type { Line } from '../connection/line.ts'
import { toRpcError } from '../connection/to-request-error.ts'
import type { RpcError } from '../errors/request-errors.ts'
import { untilAnswered } from '../connection/retry.ts'
import { unlessAborted } from '../connection/unless-aborted.ts'
import type { OperationOptions, RequestRunner } from './request-runner.ts'

/**
 * The resources whose updates are subscribed to: by a request for each (2025-11-25), or on the shared stream (2026-07-28).
 *
 * They outlive a line that is lost: once it is noticed, another is opened, with growing pauses, and they are asked for again.
 */
export class ResourceSubscriptions {
  readonly #connection: Connection
  readonly #runner: RequestRunner
  readonly #report: (error: unknown) => void
  readonly #subscribed = new Map<string, Subscribed>()

  constructor(connection: Connection, runner: RequestRunner, report: (error: unknown) => void) {
    this.#connection = connection
    this.#runner = runner
    this.#report = report
  }

  async subscribe(uri: string, options: OperationOptions): Promise<void> {
    if (this.#isModern) return this.#listen(uri, options)
    const before = this.#subscribed.get(uri)
    if (before !== undefined) return before.begun
    const request = { method: 'resources/subscribe', params: { uri }, name: uri, isSafe: true }
    const begun = this.#runner.run(request, options).then(() => {})
    const subscribed: Subscribed = { begun, leave: () => {} }
    this.#subscribed.set(uri, subscribed)
    try {
      await begun
    } catch (error) {
      if (this.#subscribed.get(uri) === subscribed) this.#subscribed.delete(uri)
      throw error
    }
  }

  async unsubscribe(uri: string, options: OperationOptions): Promise<void> {
    this.#subscribed.get(uri)?.leave()
    this.#subscribed.delete(uri)
    if (this.#isModern) return
    await this.#runner.run({ method: 'resources/unsubscribe', params: { uri }, name: uri, isSafe: true }, options)
  }

  /** Whether updates of a resource are not wanted: the shared stream may bring those of one that was unsubscribed from. */
  isLeft(uri: string): boolean {
    return this.#isModern && !this.#subscribed.has(uri)
  }

  /** The line is lost: whoever subscribed waits for updates, and sends nothing that would find out. */
  lost(): void {
    if (this.#subscribed.size === 0 || this.#isModern) return
    const { clock, closed: signal } = this.#connection
    const reopen = (): Promise<void> =>
      this.#connection.use('resources/subscribe', false, () => Promise.resolve(), signal)
    untilAnswered(reopen, { clock, signal }).catch((error: unknown) => {
      if (!signal.aborted) this.#report(error)
    })
  }

  /** The line may be of no use any more: where somebody waits for updates, a request finds out, and opens another. */
  doubted(): void {
    if (this.#subscribed.size === 0 || this.#isModern) return
    this.#runner.run({ method: 'ping', params: {}, isSafe: true }).catch((error: unknown) => this.#report(error))
  }

  /** Another line is open, and knows of nothing. */
  async reopened(line: Line): Promise<void> {
    if (line.server.era === 'modern') return
    const ask = async (uri: string): Promise<void> => {
      const request = { method: 'resources/subscribe', params: { uri } }
      try {
        const reply = await line.sdk.dispatch(request, this.#connection.closed)
        if (reply.kind === 'error')
          this.#report(toRpcError(`resources/subscribe of ${JSON.stringify(uri)}`, reply.error))
      } catch (error) {
        this.#report(error)
      }
    }
    await Promise.all([...this.#subscribed.keys()].map(ask))
  }

  /** Resolves once updates flow, for all who want them; who gives up leaves it to the others. */
  #listen(uri: string, options: OperationOptions): Promise<void> {
    const about = `subscriptions/listen to ${JSON.stringify(uri)}`
    const subscribed = this.#subscribed.get(uri) ?? this.#begin(uri, about)
    return this.#runner.within(about, options, ({ cancellation }) => unlessAborted(subscribed.begun, cancellation))
  }

  #begin(uri: string, about: string): Subscribed {
    let stop!: () => void
    let fail!: (error: Error) => void
    const begun = new Promise<void>((resolve, reject) => {
      fail = reject
      const refused = (error?: RpcError): void => {
        stop()
        if (this.#subscribed.get(uri) === subscribed) this.#subscribed.delete(uri)
        reject(error ?? new LongcallError('not_supported', `${about}: the server does not push updates of resources`))
      }
      stop = this.#connection.subscription.add({ kind: 'resource', uri }, resolve, refused)
    })
    // Of those who wait for it none may be left.
    begun.catch(() => {})
    const leave = (): void => {
      stop()
      fail(new LongcallError('unsubscribed', `${about}: it was unsubscribed from before updates began to flow`))
    }
    const subscribed: Subscribed = { begun, leave }
    this.#subscribed.set(uri, subscribed)
    return subscribed
  }

  get #isModern(): boolean {
    return this.#connection.server?.era === 'modern'
  }
}

/** A resource that is subscribed to, or about to be. */
interface Subscribed {
  /** Resolves once updates flow. */
  readonly begun: Promise<void>
  readonly leave: () => void
}
