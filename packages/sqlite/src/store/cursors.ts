import { BadCursorError } from '@longcall/core/backend'
import { sealAlike, unseal } from '../file/sealer.ts'

/** Writes and reads the cursors of lists, which say nothing to whoever carries them, and are good for one list only. */
export class Cursors {
  readonly #key: Uint8Array

  constructor(key: Uint8Array) {
    this.#key = key
  }

  /** A cursor that goes on after the task of this number. */
  write(seq: number, list: readonly unknown[]): string {
    return sealAlike(String(seq), { key: this.#key, place: JSON.stringify(list) })
  }

  /** @throws {BadCursorError} Thrown when it is none, or one of another list. */
  read(cursor: string, list: readonly unknown[]): number {
    try {
      return Number(unseal(cursor, { key: this.#key, place: JSON.stringify(list) }))
    } catch (error) {
      throw new BadCursorError({ cause: error })
    }
  }
}
