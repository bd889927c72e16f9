import { abortReason } from '../clock/clock.ts'

/** A signal that aborts with the first of others, or by itself. */
export interface LinkedSignals {
  readonly signal: AbortSignal
  abort(reason?: Error): void
  /** Lets go of the others, which may live much longer. */
  unlink(): void
}

/** Links signals; the one that `AbortSignal.any` makes would be held by the others for as long as they live. */
export function linkSignals(others: readonly AbortSignal[]): LinkedSignals {
  const linked = new AbortController()
  const links = others.map((other) => ({ other, onAbort: () => linked.abort(other.reason) }))
  for (const { other, onAbort } of links) {
    if (other.aborted) onAbort()
    else other.addEventListener('abort', onAbort, { once: true })
  }
  return {
    signal: linked.signal,
    abort: (reason) => linked.abort(reason),
    unlink: () => {
      for (const { other, onAbort } of links) other.removeEventListener('abort', onAbort)
    },
  }
}

/** What `promise` gives, unless the signal aborts first: then it rejects with the signal's reason. */
export function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(abortReason(signal))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
