import type { Clock } from '@longcall/core'
import { Cancellation } from '../connection/cancellation.ts'
import type { Connection } from '../connection/connection.ts'
import { withDeadline, type GivenUp, type WaitLimits } from '../connection/deadline.ts'
import { aboutOf, exchange, type Exchange, type ExchangeOptions } from '../connection/exchange.ts'
import { givenUp } from '../connection/given-up.ts'
import { ProgressReporter } from '../connection/progress-reporter.ts'
import { assertOptions } from '../errors/assert-usage.ts'
import type { CallProgress } from '../handlers/message-handlers.ts'

/** How to send a request of any kind. */
export interface OperationOptions extends WaitLimits {
  /** Milliseconds from the request to its result. Default: the client's `timeoutMs`. */
  readonly timeoutMs?: number | undefined
  /** Milliseconds without a word of it, progress included. Default: the client's `requestTimeoutMs`. */
  readonly idleTimeoutMs?: number | undefined
  /** Cancels the request: the server is told, with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** Hears its progress, instead of the client's `onProgress`. */
  readonly onProgress?: ((progress: CallProgress) => void) | undefined
  /** Goes into the request's `_meta`. */
  readonly meta?: Readonly<Record<string, unknown>> | undefined
}

/** Sends requests within the limits of the client and of each. */
export class RequestRunner {
  readonly #connection: Connection
  readonly #defaults: RunnerDefaults

  constructor(connection: Connection, defaults: RunnerDefaults) {
    this.#connection = connection
    this.#defaults = defaults
  }

  /** The result of a request, as it came. Rejects with what {@link exchange} rejects with. */
  async run(request: Exchange, options: OperationOptions = {}): Promise<Readonly<Record<string, unknown>>> {
    assertOptions(options)
    const meta = request.meta ?? options.meta
    return this.within(aboutOf(request), options, (control) =>
      exchange(this.#connection, { ...request, meta }, control),
    )
  }

  /** Sends one request of something that is done {@link within} limits. */
  send(request: Exchange, control: ExchangeOptions): Promise<Readonly<Record<string, unknown>>> {
    return exchange(this.#connection, request, control)
  }

  /** Does something within the limits: its cancellation aborts when they are over, or when the caller's does. */
  async within<T>(
    about: string,
    options: OperationOptions,
    work: (control: ExchangeOptions) => Promise<T>,
  ): Promise<T> {
    assertOptions(options)
    const { clock, report, onProgress } = this.#defaults
    const limits = {
      timeoutMs: options.timeoutMs ?? this.#defaults.timeoutMs,
      idleTimeoutMs: options.idleTimeoutMs ?? this.#connection.requestTimeoutMs,
      signal: options.signal,
    }
    const cancellation = new Cancellation()
    const toError = (why: GivenUp): Error => {
      const error = givenUp(about, why)
      cancellation.abort(why.kind === 'aborted' ? why.reason : error)
      return error
    }
    const progress = new ProgressReporter(options.onProgress ?? onProgress(), report)
    try {
      return await withDeadline(
        limits,
        clock,
        toError,
        ({ alive }) =>
          work({
            cancellation,
            onProgress: (update) => {
              alive()
              progress.progress(update)
            },
          }),
        () => this.#connection.desk.busy,
      )
    } finally {
      progress.stop()
    }
  }
}

/** What a request keeps to that says nothing else. */
export interface RunnerDefaults {
  readonly clock: Clock
  readonly timeoutMs: number | undefined
  /** That of the moment. */
  readonly onProgress: () => ((progress: CallProgress) => void) | undefined
  readonly report: (error: unknown) => void
}
