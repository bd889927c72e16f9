import { createContext, Script } from 'node:vm'

/**
 * Runs synchronous work and ends it when it takes too long.
 *
 * Nothing else in JavaScript can end a regular expression that backtracks for years. V8 can, and `node:vm` asks it to: the
 * limit holds for whatever the script calls, our own functions included. Each run starts a thread that watches the time,
 * which takes a tenth of a millisecond.
 */
export class TimeLimit {
  readonly #global: { work: (() => void) | undefined } = { work: undefined }
  readonly #context = createContext(this.#global)
  readonly #script = new Script('work()')

  /**
   * What `work` returns. It is cut off anywhere, so nothing that it changes may be used afterwards.
   *
   * @throws {RangeError} Thrown when it took longer than `limitMs`.
   */
  run<Result>(limitMs: number, work: () => Result): Result {
    const done: Result[] = []
    this.#global.work = () => {
      done.push(work())
    }
    try {
      this.#script.runInContext(this.#context, { timeout: limitMs })
    } catch (error) {
      // The error is of another realm, so it is no instance of this realm's Error.
      const { code } = Object(error) as { code?: unknown }
      if (code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
      throw new RangeError(`it took more than ${limitMs} ms`)
    } finally {
      this.#global.work = undefined
    }
    return done[0] as Result
  }
}
