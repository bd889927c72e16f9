import { maxMessageBytes } from '../message-limit.ts'
import { LineTooLongError } from './stdio-errors.ts'

/**
 * Takes a stream of bytes apart into its lines.
 *
 * It looks for the line feed among the bytes, where no part of another UTF-8 character can be taken for it, and decodes
 * whole lines only. Of a line that comes in many chunks each byte is looked at and copied once.
 */
export class LineReader {
  readonly #onLine: (line: string) => void
  readonly #limitBytes: number
  /** The beginning of a line whose end has not come yet. */
  #begun: Buffer[] = []
  #begunBytes = 0

  constructor(onLine: (line: string) => void, limitBytes: number = maxMessageBytes) {
    this.#onLine = onLine
    this.#limitBytes = limitBytes
  }

  /**
   * Hands on each line that the chunk ends, without its line feed and a carriage return before it; empty ones are
   * skipped.
   *
   * @throws {LineTooLongError} Thrown when a line is longer than the limit. What was read of it is forgotten.
   */
  push(chunk: Buffer): void {
    let start = 0
    for (;;) {
      const end = chunk.indexOf(lineFeed, start)
      const bytes = this.#begunBytes + (end === -1 ? chunk.length : end) - start
      if (bytes > this.#limitBytes) {
        this.clear()
        throw new LineTooLongError(this.#limitBytes)
      }
      if (end === -1) break
      if (this.#begunBytes === 0) this.#emit(chunk, start, end)
      else {
        this.#begun.push(chunk.subarray(start, end))
        const line = Buffer.concat(this.#begun, bytes)
        this.clear()
        this.#emit(line, 0, bytes)
      }
      start = end + 1
    }
    if (start === chunk.length) return
    this.#begun.push(start === 0 ? chunk : chunk.subarray(start))
    this.#begunBytes += chunk.length - start
  }

  /** Forgets the line that was begun. */
  clear(): void {
    this.#begun = []
    this.#begunBytes = 0
  }

  #emit(bytes: Buffer, start: number, end: number): void {
    const last = end > start && bytes[end - 1] === carriageReturn ? end - 1 : end
    if (last > start) this.#onLine(bytes.toString('utf8', start, last))
  }
}

const lineFeed = 0x0a
const carriageReturn = 0x0d
