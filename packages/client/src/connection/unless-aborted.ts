import type { CancelSignal } from './cancellation.ts'

/** Waits for `work` unless the signal aborts first: then rejects with its reason, and nobody is left to hear of `work`. */
export async function unlessAborted<T>(work: Promise<T>, signal: CancelSignal): Promise<T> {
  let onAbort: (() => void) | undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    work.catch(() => {})
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort)
  }
}
