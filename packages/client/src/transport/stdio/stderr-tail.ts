/** The last that a server wrote to its stderr, for error messages: 2000 characters of it. */
export class StderrTail {
  #bytes: Buffer = Buffer.alloc(0)

  push(chunk: Buffer): void {
    this.#bytes =
      chunk.length >= keptBytes
        ? Buffer.from(chunk.subarray(-keptBytes))
        : Buffer.concat([this.#bytes, chunk]).subarray(-keptBytes)
  }

  /** Without white space around it. Untrusted text. */
  toString(): string {
    return this.#bytes.toString('utf8').slice(-keptCharacters).trim()
  }
}

const keptCharacters = 2000
/** A character has four bytes at most; what is cut in two at the front is among those that are not kept. */
const keptBytes = keptCharacters * 4 + 4
