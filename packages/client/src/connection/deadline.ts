import { setMaxListeners } from 'node:events'
import { after, monotonic, type Clock } from '@longcall/core'
import { InvalidOptionError } from '../errors/usage-errors.ts'

/** How long to wait. Without any of these a wait has no end of its own. */
export interface WaitLimits {
  /** Milliseconds until the wait is given up, whatever happens. */
  readonly timeoutMs?: number | undefined
  /** Milliseconds without a word from the server until the wait is given up; stands still while a person is asked. */
  readonly idleTimeoutMs?: number | undefined
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined
}

/** Limits whose time began to run before the wait. */
export interface StartedLimits extends WaitLimits {
  /** By the clock's `monotonic`, in milliseconds; by default the beginning of the wait. */
  readonly startedAtMs?: number
}

/** Why a wait was given up. */
export type GivenUp =
  | { readonly kind: 'total' | 'idle'; readonly ms: number }
  | { readonly kind: 'aborted'; readonly reason: unknown }

/** What a wait tells its deadline, and is told. */
export interface WaitPulse {
  /** Something was heard: the idle time starts anew. */
  readonly alive: () => void
  /** Aborts when the wait is over, given up or not. */
  readonly signal: AbortSignal
}

/**
 * Waits for `work`, but no longer than the limits allow.
 *
 * Rejects with `toError(why)` when given up. `busy` says that silence is all right for now. Limits are lengths of time: one
 * ends no sooner and no later because the clock on the wall was set, or the machine was asleep.
 */
export async function withDeadline<T>(
  limits: StartedLimits,
  clock: Clock,
  toError: (why: GivenUp) => Error,
  work: (pulse: WaitPulse) => Promise<T>,
  busy: () => boolean = () => false,
): Promise<T> {
  const totalMs = readLimit('timeoutMs', limits.timeoutMs)
  const idleMs = readLimit('idleTimeoutMs', limits.idleTimeoutMs)
  const { signal } = limits
  if (signal?.aborted) throw toError({ kind: 'aborted', reason: signal.reason })
  const beganAt = limits.startedAtMs ?? monotonic(clock)
  let aliveAt = monotonic(clock)
  let giveUp!: (error: Error) => void
  const givenUp = new Promise<never>((_resolve, reject) => {
    giveUp = reject
  })
  const onAbort = (): void => giveUp(toError({ kind: 'aborted', reason: signal?.reason }))
  // One signal may end many waits, and Node takes more than ten listeners for a leak.
  if (signal !== undefined) setMaxListeners(0, signal)
  signal?.addEventListener('abort', onAbort, { once: true })
  const stopTotal =
    totalMs === undefined
      ? undefined
      : after(clock, beganAt + totalMs - monotonic(clock), () => giveUp(toError({ kind: 'total', ms: totalMs })))
  let stopIdle: (() => void) | undefined
  const watchIdle = (ms: number, left: number): void => {
    const dueAt = monotonic(clock) + left
    stopIdle = after(clock, left, () => {
      // Whoever wakes up late was asleep: the silence was its own, and it has yet to listen.
      if (busy() || monotonic(clock) - dueAt > asleepMs) aliveAt = monotonic(clock)
      const silentMs = monotonic(clock) - aliveAt
      if (silentMs < ms) watchIdle(ms, ms - silentMs)
      else giveUp(toError({ kind: 'idle', ms }))
    })
  }
  if (idleMs !== undefined) watchIdle(idleMs, idleMs)

  const pulse = new Pulse(() => {
    aliveAt = monotonic(clock)
  })
  try {
    return await Promise.race([work(pulse), givenUp])
  } finally {
    signal?.removeEventListener('abort', onAbort)
    stopTotal?.()
    stopIdle?.()
    pulse.end()
  }
}

/** How late a timer may be that was only held up, in milliseconds; later, the process or its machine was stopped. */
const asleepMs = 1000

/** A class, since an object written with a getter has a shape of its own, which costs more than the rest of a wait. */
class Pulse implements WaitPulse {
  readonly alive: () => void
  #over: AbortController | undefined
  #isOver = false

  constructor(alive: () => void) {
    this.alive = alive
  }

  /** Made for those who ask: a signal is dear, too. */
  get signal(): AbortSignal {
    this.#over ??= new AbortController()
    if (this.#isOver) this.end()
    return this.#over.signal
  }

  end(): void {
    this.#isOver = true
    this.#over?.abort(new Error('the wait is over'))
  }
}

/**
 * A limit as it was given; `Infinity` is none, so as to switch off a default.
 *
 * @throws {InvalidOptionError} Thrown when it is no time.
 */
export function readLimit(option: string, ms: number | undefined): number | undefined {
  if (ms === undefined || ms === Infinity) return undefined
  if (typeof ms !== 'number' || Number.isNaN(ms) || ms < 0)
    throw new InvalidOptionError(option, ms, 'milliseconds, zero or more')
  return ms
}
