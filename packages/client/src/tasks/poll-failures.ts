import { isSuspicious, isTransient, suspiciousLimit } from '../errors/request-errors.ts'

/** The polls in a row that were not answered, and which of them are put up with. */
export class PollFailures {
  #inARow = 0
  #suspicious = 0

  get inARow(): number {
    return this.#inARow
  }

  /** A poll was answered, or somebody begins to wait. */
  clear(): void {
    this.#inARow = 0
    this.#suspicious = 0
  }

  /** Takes in a failure; throws it where another poll would be no better. */
  add(error: unknown): void {
    this.#inARow += 1
    if (isSuspicious(error)) this.#suspicious += 1
    else if (isTransient(error)) this.#suspicious = 0
    else throw error
    if (this.#suspicious > suspiciousLimit) throw error
  }
}
