/** Lets bodies go on only while a test waits for something, so that nothing happens between two of its lines. */
export class Gate {
  #waits = 0
  #isOpenForGood = false
  #held: (() => void)[] = []

  /** Resolves while a test waits: at once, or when it waits next. */
  async pass(): Promise<void> {
    if (this.#waits > 0 || this.#isOpenForGood) return
    await new Promise<void>((resolve) => this.#held.push(resolve))
  }

  /** What `wait` gives; bodies go on meanwhile. */
  async during<T>(wait: () => Promise<T>): Promise<T> {
    this.#waits += 1
    this.#release()
    try {
      return await wait()
    } finally {
      this.#waits -= 1
    }
  }

  openForGood(): void {
    this.#isOpenForGood = true
    this.#release()
  }

  #release(): void {
    const held = this.#held
    this.#held = []
    for (const goOn of held) goOn()
  }
}
