import type { Progress } from '@modelcontextprotocol/client'
import type { TaskSnapshot } from '@longcall/core'
import type { CallProgress } from '../handlers/message-handlers.ts'

/** Brings a call's progress, and the status messages of the task that it became, to the caller in one stream. */
export class ProgressReporter {
  #callback: ((progress: CallProgress) => void) | undefined
  readonly #report: (error: unknown) => void
  #last: CallProgress = { progress: 0 }

  constructor(callback: ((progress: CallProgress) => void) | undefined, report: (error: unknown) => void) {
    this.#callback = callback
    this.#report = report
  }

  progress({ progress, total, message }: Progress): void {
    this.#emit({
      progress: Math.max(progress, this.#last.progress),
      ...(typeof total === 'number' && { total }),
      ...(typeof message === 'string' && { message }),
    })
  }

  /** A status message says nothing of how far the call is, so that stays as it was. */
  status({ statusMessage }: TaskSnapshot): void {
    if (statusMessage === undefined || statusMessage === this.#last.message) return
    this.#emit({ ...this.#last, message: statusMessage })
  }

  /** Nobody waits any more: what still comes is dropped. */
  stop(): void {
    this.#callback = undefined
  }

  #emit(progress: CallProgress): void {
    this.#last = progress
    const call = async (): Promise<void> => this.#callback?.(progress)
    // A callback may be declared to return nothing and be asynchronous all the same.
    call().catch(this.#report)
  }
}
