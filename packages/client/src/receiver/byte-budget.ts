import { monotonic, RpcError, rpcErrorCodes, type Clock } from '@longcall/core'

/**
 * Bounds what a server can have this client keep: so many bytes within the time for which tasks are kept after their end,
 * whether or not anybody was asked.
 */
export class ByteBudget {
  readonly #clock: Clock
  readonly #spanMs: number
  #taken: { readonly bytes: number; readonly untilMs: number }[] = []

  /** @param spanMs For how long a task is kept after its end, in milliseconds. */
  constructor(clock: Clock, spanMs: number) {
    this.#clock = clock
    this.#spanMs = spanMs
  }

  /** @throws {RpcError} Thrown with -32603 when it would be too much. */
  take(bytes: number): void {
    const nowMs = monotonic(this.#clock)
    this.#taken = this.#taken.filter(({ untilMs }) => untilMs > nowMs)
    const sum = this.#taken.reduce((total, each) => total + each.bytes, bytes)
    if (sum > mostBytes) {
      const message = `This client keeps ${mostBytes} bytes of this server's tasks at most. Ask again later.`
      throw new RpcError(rpcErrorCodes.internalError, message, { reason: 'too_much_kept' })
    }
    this.#taken.push({ bytes, untilMs: nowMs + this.#spanMs })
  }
}

/** A model may be sent images: enough for many. */
const mostBytes = 64 * 1024 * 1024
