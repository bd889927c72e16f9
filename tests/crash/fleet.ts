/** Processes of the server, one after another or at once, each of which may die at any moment. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { KillOrder } from './server/killer.mjs'

/** How a process runs tasks. */
export interface ServerSettings {
  readonly leaseMs: number
  readonly concurrency: number
  /** 32 bytes, in hexadecimal digits. */
  readonly encryptionKey?: string | undefined
}

/** What all processes of a fleet share. */
export interface FleetOptions extends ServerSettings {
  /** Where the tasks are. */
  readonly file: string
  readonly journal: string
}

export interface StartOptions {
  readonly kill?: KillOrder
  readonly writesHistories?: boolean
}

/** How a process ended. */
interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** One process, from its start to its end. */
export interface Life {
  /** Rejects when the process died before it listened. */
  readonly url: Promise<string>
  readonly exited: Promise<Exit>
  readonly isOver: boolean
  kill(signal: 'SIGKILL' | 'SIGTERM'): void
}

/** A process that serves. */
export interface Server {
  readonly url: string
  readonly life: Life
}

/** Starts processes, keeps one warm that the next start takes, and knows which serve. */
export class Fleet {
  readonly #options: FleetOptions
  readonly #children = new Set<ChildProcess>()
  readonly #serving = new Set<Server>()
  readonly #waiting = new Set<() => void>()
  #spare: Spare
  #isClosed = false
  /** What all processes wrote to stderr: nothing, unless something is wrong. */
  stderr = ''

  constructor(options: FleetOptions) {
    this.#options = options
    this.#spare = this.#warmUp()
  }

  /** Starts a process, which kills itself if it is told to, and writes down the histories of all tasks. */
  start({ kill, writesHistories = false }: StartOptions = {}): Life {
    const { child, lines } = this.#spare
    this.#spare = this.#warmUp()
    let isOver = false
    const exited = once(child, 'exit').then(([code, signal]): Exit => {
      isOver = true
      return { code: code as Exit['code'], signal: signal as Exit['signal'] }
    })
    const url = new Promise<string>((listening, failed) => {
      lines.on('line', (line) => {
        const [word, where] = line.split(' ')
        if (word === 'listening' && where !== undefined) listening(where)
      })
      void exited.then(() => failed(new Error('The process died before it listened.')))
    })
    const life: Life = {
      url,
      exited,
      get isOver() {
        return isOver
      },
      kill: (signal) => void child.kill(signal),
    }
    url.then(
      (where) => this.#serve({ url: where, life }),
      () => {},
    )
    child.stdin?.write(`${JSON.stringify({ ...this.#options, kill, writesHistories })}\n`)
    return life
  }

  /** The processes that serve now, as soon as there is one. Rejects when the fleet is closed. */
  async serving(): Promise<readonly [Server, ...Server[]]> {
    for (;;) {
      if (this.#isClosed) throw new Error('The fleet was closed.')
      const [first, ...others] = this.#serving
      if (first !== undefined) return [first, ...others]
      await new Promise<void>((wake) => this.#waiting.add(wake))
    }
  }

  /** Ends all processes. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#wake()
    const ended = [...this.#children].map(async (child) => {
      if (child.exitCode === null && child.signalCode === null) {
        const exit = once(child, 'exit')
        child.kill('SIGKILL')
        await exit
      }
    })
    await Promise.all(ended)
  }

  #serve(server: Server): void {
    if (server.life.isOver) return
    this.#serving.add(server)
    void server.life.exited.then(() => this.#serving.delete(server))
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  #warmUp(): Spare {
    const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#children.add(child)
    child.once('exit', () => this.#children.delete(child))
    child.stderr.on('data', (chunk: Buffer) => (this.stderr += chunk.toString('utf8')))
    // It may die before it has read its order.
    child.stdin.on('error', () => {})
    return { child, lines: createInterface({ input: child.stdout }) }
  }
}

interface Spare {
  readonly child: ChildProcess
  readonly lines: ReturnType<typeof createInterface>
}

const script = resolve(import.meta.dirname, 'server/crash-server.mjs')
