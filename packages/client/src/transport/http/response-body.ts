import { maxMessageBytes } from '../message-limit.ts'

/** Where the bytes of a body come from, which can be asked to wait, to go on, and to stop for good. */
export interface BodySource {
  pause(): void
  resume(): void
  abort(reason: unknown): void
}

/**
 * The body of a response as it arrives: read as a whole, without a stream in between, or as a web stream.
 *
 * Until somebody reads it, 64 KiB are kept and the peer is made to wait with the rest. It is for one reader.
 */
export class ResponseBody {
  readonly #source: BodySource
  readonly #held: Uint8Array[] = []
  #heldBytes = 0
  /** Of a stream of events: of the one that is arriving. */
  #eventBytes = 0
  #state: BodyState = { kind: 'arriving' }
  #reader: Reader = { kind: 'none' }

  constructor(source: BodySource) {
    this.#source = source
  }

  push(chunk: Uint8Array): void {
    if (this.#state.kind !== 'arriving') return
    if (this.#reader.kind === 'stream') {
      const { controller } = this.#reader
      this.#eventBytes = bytesOfEvent(chunk, this.#eventBytes)
      if (this.#eventBytes > maxMessageBytes) return this.#refuse()
      controller.enqueue(chunk)
      if ((controller.desiredSize ?? 0) <= 0) this.#source.pause()
      return
    }
    this.#held.push(chunk)
    this.#heldBytes += chunk.byteLength
    if (this.#heldBytes > maxMessageBytes) return this.#refuse()
    if (this.#reader.kind === 'none' && this.#heldBytes > keptBytes) this.#source.pause()
  }

  end(): void {
    if (this.#state.kind !== 'arriving') return
    this.#state = { kind: 'ended' }
    if (this.#reader.kind === 'stream') this.#reader.controller.close()
    if (this.#reader.kind === 'whole') this.#reader.resolve(this.#joined())
  }

  fail(error: unknown): void {
    if (this.#state.kind !== 'arriving') return
    this.#state = { kind: 'failed', error }
    this.#held.length = 0
    if (this.#reader.kind === 'stream') this.#reader.controller.error(error)
    if (this.#reader.kind === 'whole') this.#reader.reject(error)
  }

  /** All of it, once it has ended; rejects with what it failed with. */
  whole(): Promise<Buffer> {
    if (this.#state.kind === 'ended') return Promise.resolve(this.#joined())
    if (this.#state.kind === 'failed') return Promise.reject(this.#state.error)
    return new Promise((resolve, reject) => {
      this.#reader = { kind: 'whole', resolve, reject }
      this.#source.resume()
    })
  }

  /** What came so far and what still comes. Cancelling it drops the connection, unless the body has ended. */
  stream(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#reader = { kind: 'stream', controller }
          for (const chunk of this.#held) controller.enqueue(chunk)
          this.#held.length = 0
          if (this.#state.kind === 'ended') controller.close()
          if (this.#state.kind === 'failed') controller.error(this.#state.error)
        },
        pull: () => this.#source.resume(),
        cancel: (reason) => this.#drop(reason),
      },
      { highWaterMark: keptBytes, size: (chunk) => chunk.byteLength },
    )
  }

  #refuse(): void {
    const error = new Error(`the server sent a message of more than ${maxMessageBytes} bytes`)
    this.fail(error)
    this.#source.abort(error)
  }

  #drop(reason: unknown): void {
    if (this.#state.kind !== 'arriving') return
    this.#state = { kind: 'ended' }
    this.#source.abort(reason)
  }

  #joined(): Buffer {
    const [first] = this.#held
    if (this.#held.length === 1 && first instanceof Buffer) return first
    return Buffer.concat(this.#held, this.#heldBytes)
  }
}

type BodyState =
  | { readonly kind: 'arriving' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'failed'; readonly error: unknown }

type Reader =
  | { readonly kind: 'none' }
  | { readonly kind: 'whole'; resolve(bytes: Buffer): void; reject(error: unknown): void }
  | { readonly kind: 'stream'; readonly controller: ReadableStreamDefaultController<Uint8Array> }

const keptBytes = 65_536

/** A blank line ends an event; one that is cut in two between chunks is missed, and the next is not. */
function bytesOfEvent(chunk: Uint8Array, before: number): number {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  const end = Math.max(bytes.lastIndexOf('\n\n'), bytes.lastIndexOf('\r\n\r\n'), bytes.lastIndexOf('\r\r'))
  return end === -1 ? before + bytes.length : bytes.length - end
}
