import type { TaskStore } from '@longcall/core'
import type { SqliteDriver, SqliteOptions } from '@longcall/sqlite'
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

interface Reply {
  readonly value?: unknown
  readonly error?: { readonly code: string; readonly message: string }
}

/** Another process that has a task file open and does what it is told. It is killed at the end of the test. */
export class FileProcess {
  readonly child: ChildProcess
  readonly #ended: Promise<unknown>
  #last: Promise<unknown> = Promise.resolve()

  private constructor(child: ChildProcess) {
    this.child = child
    this.#ended = once(child, 'exit')
  }

  static async start(driver: SqliteDriver): Promise<FileProcess> {
    const path = fileURLToPath(new URL('../peers/file-process.mjs', import.meta.url))
    // What the runner tells node is for the runner.
    const process = new FileProcess(fork(path, [driver.name], { serialization: 'advanced', execArgv: [] }))
    onTestFinished(() => process.kill())
    await process.#next()
    return process
  }

  open(file: string, options: Pick<SqliteOptions, 'encryptionKey'> = {}): Promise<Reply> {
    return this.ask('open', file, options)
  }

  /** Calls a method of its store, and gives what that gives. */
  async call<M extends keyof TaskStore>(
    method: M,
    ...args: Parameters<TaskStore[M]>
  ): Promise<Awaited<ReturnType<TaskStore[M]>>> {
    const { value, error } = await this.ask('call', method, ...args)
    if (error !== undefined) throw Object.assign(new Error(error.message), { code: error.code })
    return value as Awaited<ReturnType<TaskStore[M]>>
  }

  /** Has it do something when it has done what it was told before. */
  ask(deed: string, ...args: readonly unknown[]): Promise<Reply> {
    const reply = this.#last.then(() => {
      const next = this.#next()
      this.child.send({ ask: [deed, ...args] })
      return next
    })
    this.#last = reply.catch(() => {})
    return reply
  }

  /** Kills it as a crash does, and resolves when it is gone. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.#ended
  }

  async #next(): Promise<Reply> {
    const gone = this.#ended.then(() => {
      throw new Error('The process ended before it answered.')
    })
    const [reply] = (await Promise.race([once(this.child, 'message'), gone])) as [Reply]
    return reply
  }
}
