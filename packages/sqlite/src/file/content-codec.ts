import type { JsonValue } from '@longcall/core'
import { SqliteStoreError } from '../errors/sqlite-store-error.ts'
import { damaged } from './explain-error.ts'
import type { FileKind } from './file-kind.ts'
import { seal, unseal } from './sealer.ts'

/** How what tools and clients said is written: as JSON, and with a key, sealed. */
export class ContentCodec {
  readonly #key: Uint8Array | undefined
  readonly #file: CodedFile

  constructor(key: Uint8Array | undefined, file: CodedFile) {
    this.#key = key
    this.#file = file
  }

  /** @param place Which content of which task it is: sealed, it can be read there only. */
  write(content: unknown, place: string): string {
    const text = JSON.stringify(content)
    return this.#key === undefined ? text : seal(text, { key: this.#key, place })
  }

  /** @throws {SqliteStoreError} Thrown when it is not what was written (`store_corrupt`). */
  read(written: string, place: string): JsonValue {
    try {
      return JSON.parse(this.#key === undefined ? written : unseal(written, { key: this.#key, place })) as JsonValue
    } catch (error) {
      const what = `The ${place} cannot be read. ${damaged(this.#file.kind.noun, this.#file.path)}`
      throw new SqliteStoreError('store_corrupt', what, { cause: error })
    }
  }
}

/** The file that holds it, for messages. */
interface CodedFile {
  readonly path: string
  readonly kind: FileKind
}
