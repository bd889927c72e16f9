/**
 * Answers that came as messages of their own and are on their way to the store, by the JSON-RPC ids that they answer.
 *
 * Over HTTP such a message is acknowledged: that it is must mean that nobody is asked again, whatever becomes of this process.
 */
export class ArrivingAnswers {
  readonly #arriving = new Map<unknown, Promise<void>>()

  /** Notes that an answer has come; `kept` resolves when it is in the store, or is left aside. */
  add(id: unknown, kept: Promise<void>): void {
    this.#arriving.set(id, kept)
    const forget = (): void => {
      if (this.#arriving.get(id) === kept) this.#arriving.delete(id)
    }
    kept.then(forget, forget)
  }

  /** Resolves when each answer in what came is kept; rejects when one could not be. */
  async kept(message: unknown): Promise<void> {
    for (const each of [message].flat()) await this.#arriving.get((each as { readonly id?: unknown } | null)?.id)
  }
}
