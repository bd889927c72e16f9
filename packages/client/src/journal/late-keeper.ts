import type { TaskQuestion } from '@longcall/core'
import type { QuestionClaim, QuestionIdentity, TaskKeeper } from '../tasks/task-keeper.ts'
import type { TaskEnding } from '../tasks/task-source.ts'

/** Keeps a task whose entry is still being looked for. One that cannot be found out about is asked for again, and says why. */
export class LateKeeper implements TaskKeeper {
  readonly #find: () => Promise<TaskKeeper>
  readonly #later: (work: () => Promise<void>) => void
  #finding: Promise<TaskKeeper> | undefined

  /** `later` does what nobody waits for. */
  constructor(find: () => Promise<TaskKeeper>, later: (work: () => Promise<void>) => void) {
    this.#find = find
    this.#later = later
  }

  async claim(question: TaskQuestion, identity: QuestionIdentity, signal: AbortSignal): Promise<QuestionClaim> {
    return (await this.#found()).claim(question, identity, signal)
  }

  onAnswered(question: TaskQuestion, found: (answer: object) => void): () => void {
    let isOver = false
    let stop: (() => void) | undefined
    this.#then((keeper) => {
      if (!isOver) stop = keeper.onAnswered(question, found)
    })
    return () => {
      isOver = true
      stop?.()
    }
  }

  async answered(question: TaskQuestion, identity: QuestionIdentity, answer: object): Promise<object> {
    const keeper = await this.#foundOrReported()
    return keeper?.answered(question, identity, answer) ?? answer
  }

  delivered(key: string): void {
    this.#then((keeper) => keeper.delivered(key))
  }

  released(key: string): void {
    this.#then((keeper) => keeper.released(key))
  }

  async ended(ending: TaskEnding): Promise<void> {
    await (await this.#foundOrReported())?.ended(ending)
  }

  acknowledged(): void {
    this.#then((keeper) => keeper.acknowledged())
  }

  letGo(): void {
    this.#then((keeper) => keeper.letGo())
  }

  #then(use: (keeper: TaskKeeper) => void): void {
    this.#later(async () => use(await this.#found()))
  }

  /** What a caller has is not lost with the journal; what fails is told as that of `later`. */
  async #foundOrReported(): Promise<TaskKeeper | undefined> {
    try {
      return await this.#found()
    } catch (error) {
      this.#later(async () => {
        throw error
      })
      return undefined
    }
  }

  #found(): Promise<TaskKeeper> {
    this.#finding ??= this.#find().catch((error: unknown) => {
      this.#finding = undefined
      throw error
    })
    return this.#finding
  }
}
