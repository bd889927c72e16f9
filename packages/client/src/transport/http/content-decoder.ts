import { pipeline, type Duplex } from 'node:stream'
import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib'
import type { BodySource, ResponseBody } from './response-body.ts'

/**
 * Takes the codings of a body off on its way into a `ResponseBody`.
 *
 * None is asked for, since what compresses often holds the events of a stream back until there are enough of them. One that comes
 * unasked is understood, as by `fetch`.
 *
 * Source: RFC 9110, section 8.4.
 */
export class ContentDecoder implements BodySource {
  readonly #codings: readonly ContentCoding[]
  readonly #wire: BodySource
  readonly #body: () => ResponseBody
  readonly #fail: (error: unknown) => void
  #decoders: readonly Duplex[] = []

  constructor(
    codings: readonly ContentCoding[],
    { wire, body, fail }: { wire: BodySource; body: () => ResponseBody; fail: (error: unknown) => void },
  ) {
    this.#codings = codings
    this.#wire = wire
    this.#body = body
    this.#fail = fail
  }

  push(chunk: Uint8Array): void {
    if (this.#decoders.length === 0) this.#start(chunk)
    if (this.#decoders[0]?.write(chunk) === false) this.#wire.pause()
  }

  /** A body without a byte has no coding either. */
  end(): void {
    if (this.#decoders.length === 0) this.#body().end()
    else this.#decoders[0]?.end()
  }

  pause(): void {
    this.#decoders.at(-1)?.pause()
  }

  resume(): void {
    this.#decoders.at(-1)?.resume()
  }

  abort(reason: unknown): void {
    this.destroy()
    this.#wire.abort(reason)
  }

  destroy(): void {
    for (const decoder of this.#decoders) decoder.destroy()
  }

  #start(firstChunk: Uint8Array): void {
    const decoders = this.#codings.toReversed().map((coding) => makeDecoder[coding](firstChunk))
    this.#decoders = decoders
    decoders[0]?.on('drain', () => this.#wire.resume())
    for (const decoder of decoders) {
      decoder.on('error', (error) => {
        this.#fail(error)
        this.destroy()
      })
    }
    if (decoders.length > 1) pipeline(decoders, () => {})
    decoders.at(-1)?.on('data', (chunk: Buffer) => this.#body().push(chunk))
    decoders.at(-1)?.on('end', () => this.#body().end())
  }
}

/** The codings of a body in the order in which they were put on; none where one is unknown, and the body is left as it is. */
export function contentCodings(header: string | null): readonly ContentCoding[] {
  if (header === null) return []
  const named = header
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity')
  return named.length <= mostCodings && named.every(isKnown) ? named : []
}

export type ContentCoding = 'gzip' | 'x-gzip' | 'deflate' | 'br'

/** More than anybody puts on; each of them costs memory. */
const mostCodings = 5

function isKnown(coding: string): coding is ContentCoding {
  return Object.hasOwn(makeDecoder, coding)
}

// A body that lacks its last bytes is read as far as it goes, as browsers do.
const zlibOptions = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH }
const brotliOptions = { flush: constants.BROTLI_OPERATION_FLUSH, finishFlush: constants.BROTLI_OPERATION_FLUSH }

const makeDecoder: Readonly<Record<ContentCoding, (firstChunk: Uint8Array) => Duplex>> = {
  gzip: () => createGunzip(zlibOptions),
  'x-gzip': () => createGunzip(zlibOptions),
  // Some servers send the bare format, which lacks the header of zlib's.
  deflate: ([first = 0]) => ((first & 0x0f) === 0x08 ? createInflate(zlibOptions) : createInflateRaw(zlibOptions)),
  br: () => createBrotliDecompress(brotliOptions),
}
