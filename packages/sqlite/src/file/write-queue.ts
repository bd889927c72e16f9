import type { LongcallError } from '@longcall/core'
import type { SqliteConnection } from '../driver/driver.ts'
import { rollBack } from './transaction.ts'

interface Waiting {
  readonly run: () => unknown
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
}

/** What a queue needs of the file that it writes to. */
export interface WriteQueueHost {
  /** What a driver threw, explained; `store_busy` passes when another process is done with its transaction. */
  explain(error: unknown): LongcallError
  /** A transaction has begun: the last moment to refuse it, by throwing. */
  onBegin(): void
  /** Whether another process wrote since this was last asked. */
  haveOthersWritten(): boolean
}

/** How many writes go into one transaction at most: others in this process wait for it. */
const longestBatch = 500

/** Longer than a transaction takes: whoever holds one for so long keeps others from renewing their leases. */
const longMs = 500

/** How long another process may keep the file to itself, until whoever waits is told. */
const patienceMs = 30_000

/**
 * Commits all writes of one tick together: each is durable when its promise resolves, and a disk is asked to keep them once.
 *
 * A transaction that fails is undone, and its writes are done in smaller ones, so that one that cannot be done does not take the
 * others with it: a write may run twice, but happens once. While another process writes, this one waits without blocking,
 * and where another writes too, it leaves room after each of its own transactions.
 */
export class WriteQueue {
  readonly #connection: SqliteConnection
  readonly #host: WriteQueueHost
  readonly #waiting: Waiting[] = []
  #immediate: NodeJS.Immediate | undefined
  #timer: NodeJS.Timeout | undefined
  #busySinceMs: number | undefined
  #blockedAtMs = -Infinity

  constructor(connection: SqliteConnection, host: WriteQueueHost) {
    this.#connection = connection
    this.#host = host
  }

  /**
   * Does a write with the others of this tick; it sees what was committed, and what those before it in line wrote. Rejects
   * with what it throws, or with what kept all from being committed.
   */
  add<T>(run: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ run, resolve, reject })
      if (this.#immediate === undefined && this.#timer === undefined) this.#flushSoon()
    })
  }

  /** When others last kept the file to themselves for long, by `performance.now()`. */
  get blockedAtMs(): number {
    return this.#blockedAtMs
  }

  /** Does now what waits, as far as it can be done now, and rejects the rest. */
  close(reason: Error): void {
    clearImmediate(this.#immediate)
    clearTimeout(this.#timer)
    if (this.#waiting.length > 0) this.#commit(this.#waiting.splice(0))
    for (const { reject } of this.#waiting.splice(0)) reject(reason)
  }

  #flushSoon(): void {
    this.#immediate = setImmediate(() => {
      this.#immediate = undefined
      this.#flush()
    })
  }

  /** Goes on after a moment, which differs from that of others. */
  #flushLater(): void {
    const pauseMs = 1 + Math.random() * 3
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#flush()
    }, pauseMs)
  }

  #flush(): void {
    const busy = this.#commit(this.#waiting.splice(0, longestBatch))
    if (this.#busySinceMs !== undefined && performance.now() - this.#busySinceMs > longMs) {
      this.#blockedAtMs = performance.now()
    }
    if (busy === undefined) this.#busySinceMs = undefined
    else this.#busySinceMs ??= performance.now()
    if (busy !== undefined && performance.now() - this.#busySinceMs! >= patienceMs) {
      this.#busySinceMs = undefined
      for (const { reject } of this.#waiting.splice(0)) reject(busy)
    }
    if (this.#waiting.length === 0) return
    if (busy !== undefined || this.#host.haveOthersWritten()) this.#flushLater()
    else this.#flushSoon()
  }

  /** One transaction; where it fails as a whole, two of half its writes. What finds the file busy goes back into the line. */
  #commit(batch: readonly Waiting[]): LongcallError | undefined {
    const refusal = this.#begin()
    if (refusal?.code === 'store_busy') {
      this.#waiting.unshift(...batch)
      return refusal
    }
    if (refusal !== undefined) {
      for (const { reject } of batch) reject(refusal)
      return undefined
    }
    const values: unknown[] = []
    try {
      for (const { run } of batch) values.push(run())
      this.#connection.exec('COMMIT')
    } catch (error) {
      rollBack(this.#connection)
      return this.#redo(batch, error)
    }
    for (const [index, { resolve }] of batch.entries()) resolve(values[index] as never)
    return undefined
  }

  /** Halves, until what cannot be written is alone. */
  #redo(batch: readonly Waiting[], error: unknown): LongcallError | undefined {
    if (batch.length === 1) {
      batch[0]!.reject(this.#host.explain(error))
      return undefined
    }
    const middle = Math.floor(batch.length / 2)
    const rest = batch.slice(middle)
    const others = this.#waiting.length
    const busy = this.#commit(batch.slice(0, middle))
    if (busy === undefined) return this.#commit(rest)
    // Behind those of the first half that are back in the line.
    this.#waiting.splice(this.#waiting.length - others, 0, ...rest)
    return busy
  }

  #begin(): LongcallError | undefined {
    try {
      this.#connection.exec('BEGIN IMMEDIATE')
    } catch (error) {
      return this.#host.explain(error)
    }
    try {
      this.#host.onBegin()
      return undefined
    } catch (error) {
      rollBack(this.#connection)
      return this.#host.explain(error)
    }
  }
}
