import { LongcallError } from '@longcall/core'
import type { Connection } from '../connection/connection.ts'
import type { Line } from '../connection/line.ts'
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
  /** Those that were unsubscribed from: the shared stream may bring their updates for a while. */
  readonly #left = new Set<string>()

  constructor(connection: Connection, runner: RequestRunner, report: (error: unknown) => void) {
    this.#connection = connection
    this.#runner = runner
    this.#report = report
  }

  async subscribe(uri: string, options: OperationOptions): Promise<void> {
    this.#left.delete(uri)
    if (this.#isModern) return this.#listen(uri, options)
    if (this.#subscribed.has(uri)) return
    await this.#runner.run({ method: 'resources/subscribe', params: { uri }, name: uri, isSafe: true }, options)
    this.#subscribed.set(uri, { leave: () => {}, begun: Promise.resolve() })
  }

  async unsubscribe(uri: string, options: OperationOptions): Promise<void> {
    this.#left.add(uri)
    this.#subscribed.get(uri)?.leave()
    this.#subscribed.delete(uri)
    if (this.#isModern) return
    await this.#runner.run({ method: 'resources/unsubscribe', params: { uri }, name: uri, isSafe: true }, options)
  }

  /** Whether somebody said that updates of a resource are not wanted any more. */
  isLeft(uri: string): boolean {
    return this.#left.has(uri)
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
      const reply = await line.sdk.dispatch({ method: 'resources/subscribe', params: { uri } }, this.#connection.closed)
      if (reply.kind === 'error') this.#report(new Error(`resources/subscribe of ${uri}: ${reply.error.message}`))
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
    let leave = (): void => {}
    const begun = new Promise<void>((resolve, reject) => {
      const refused = (): void => {
        if (this.#subscribed.get(uri) === subscribed) this.#subscribed.delete(uri)
        reject(new LongcallError('not_supported', `${about}: the server does not push updates of resources`))
      }
      const stop = this.#connection.subscription.add({ kind: 'resource', uri }, resolve, refused)
      leave = () => {
        stop()
        reject(new LongcallError('unsubscribed', `${about}: it was unsubscribed from before updates began to flow`))
      }
    })
    // Of those who wait for it none may be left.
    begun.catch(() => {})
    const subscribed: Subscribed = { begun, leave: () => leave() }
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
