import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Call, Order, Reply, Time } from './store-process.mjs'

const script = fileURLToPath(new URL('store-process.mjs', import.meta.url))

/** A process that does with a store of its own what it is told, until it is killed. */
export class StoreProcess {
  readonly #child: ChildProcess
  readonly #gone: Promise<unknown>
  readonly #waiting = new Map<number, (reply: Reply | undefined) => void>()
  #asked = 0

  constructor() {
    this.#child = fork(script, {
      serialization: 'advanced',
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#child.on('message', (message) => {
      const { number, reply } = message as { readonly number: number; readonly reply: Reply }
      this.#waiting.get(number)?.(reply)
      this.#waiting.delete(number)
    })
    this.#gone = Promise.all([once(this.#child, 'exit'), once(this.#child, 'disconnect')]).then(() => {
      for (const resolve of this.#waiting.values()) resolve(undefined)
      this.#waiting.clear()
    })
  }

  get pid(): number {
    return this.#child.pid!
  }

  async open(file: string, encryptionKey: Uint8Array | undefined, time: Time): Promise<void> {
    await this.#tell({ kind: 'open', file, encryptionKey }, time)
  }

  async close(time: Time): Promise<void> {
    await this.#tell({ kind: 'close' }, time)
  }

  /** Has it do all of these at once; each resolves with what came of it, or `undefined` when the process died first. */
  ask(
    calls: readonly Call[],
    time: Time,
    { diesUnheard = false }: { readonly diesUnheard?: boolean } = {},
  ): readonly Promise<Reply | undefined>[] {
    return this.#send({ kind: 'calls', calls, diesUnheard }, time, calls.length)
  }

  /** Kills it, and resolves when nothing of it is left, and all that it ever said was heard. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#gone
  }

  async #tell(order: Order, time: Time): Promise<void> {
    const reply = await this.#send(order, time, 1)[0]
    if (reply === undefined) throw new Error(`A process died when it was told to ${order.kind}.`)
    if ('error' in reply) throw new Error(`A process could not ${order.kind}: ${reply.error}`)
  }

  #send(order: Order, time: Time, replies: number): readonly Promise<Reply | undefined>[] {
    const first = this.#asked
    this.#asked += replies
    const heard = Array.from(
      { length: replies },
      (_, nth) => new Promise<Reply | undefined>((resolve) => this.#waiting.set(first + nth, resolve)),
    )
    // A process that is gone hears nothing; then its end answers.
    this.#child.send({ first, order, time }, () => {})
    return heard
  }
}
