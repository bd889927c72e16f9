import { monotonic, RpcError, rpcErrorCodes, type Clock } from '@longcall/core'

/**
 * Bounds what a server can have this client keep: so many bytes within the time for which tasks are kept after their end,
 * whether or not anybody was asked.
 */
export class ByteBudget {
  readonly #clock: Clock
  readonly #spanMs: number
  /** The oldest first: each is over before those after it. */
  readonly #shares = new Set<Share>()
  #total = 0

  /** @param spanMs For how long a task is kept after its end, in milliseconds. */
  constructor(clock: Clock, spanMs: number) {
    this.#clock = clock
    this.#spanMs = spanMs
  }

  /**
   * Takes a share for a task whose request has so many bytes; the returned function gives it back, where nothing was kept.
   *
   * @throws {RpcError} Thrown with -32603 when it would be too much.
   */
  take(requestBytes: number): () => void {
    const nowMs = monotonic(this.#clock)
    for (const share of this.#shares) {
      if (share.untilMs > nowMs) break
      this.#giveBack(share)
    }
    const bytes = requestBytes + recordBytes
    if (this.#total + bytes > mostBytes) {
      const message = `This client keeps ${mostBytes} bytes of this server's tasks at most. Ask again later.`
      throw new RpcError(rpcErrorCodes.internalError, message, { reason: 'too_much_kept' })
    }
    const share: Share = { bytes, untilMs: nowMs + this.#spanMs }
    this.#shares.add(share)
    this.#total += bytes
    return () => this.#giveBack(share)
  }

  #giveBack(share: Share): void {
    if (this.#shares.delete(share)) this.#total -= share.bytes
  }
}

interface Share {
  readonly bytes: number
  readonly untilMs: number
}

/** A model may be sent images: enough for many. */
const mostBytes = 64 * 1024 * 1024
/** What a task takes beside its request, roughly: small ones are not for nothing. */
const recordBytes = 2048
