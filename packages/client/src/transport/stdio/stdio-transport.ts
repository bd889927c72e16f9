import { SdkError, SdkErrorCode, type JSONRPCMessage, type Transport } from '@modelcontextprotocol/client'
import { LineReader } from './line-reader.ts'
import { readMessages } from './read-messages.ts'
import { startServer, type ServerCommand, type ServerProcess } from './server-process.ts'
import { openStderrSink, type StderrOption, type StderrSink } from './stderr-sink.ts'
import { StderrTail } from './stderr-tail.ts'
import { within } from './within.ts'

/**
 * A server that is a process of ours, spoken to by its stdin and stdout, one JSON-RPC message a line.
 *
 * It serves one connection. Nothing of the server is left when {@link close} resolves or {@link onclose} was called
 * because the server ended: neither its process nor those that it started, which {@link ServerProcess} tells more
 * about.
 *
 * Source: MCP, basic/transports, stdio.
 */
export class StdioTransport implements Transport {
  onclose?: Transport['onclose']
  onerror?: Transport['onerror']
  onmessage?: Transport['onmessage']
  /** The SDK knows a transport over stdio by this and by its pid. The server's stderr is read here, by nobody else. */
  readonly stderr: null = null

  readonly #command: ServerCommand
  readonly #stderrOption: StderrOption
  readonly #tail = new StderrTail()
  #state: State = { kind: 'new' }
  /** There until the connection is over: a server may answer with its last breath. */
  #lines: LineReader | undefined

  constructor(command: ServerCommand, stderr: StderrOption = 'inherit') {
    this.#command = command
    this.#stderrOption = stderr
  }

  /** That of the server's process, while it is connected to; else `null`. */
  get pid(): number | null {
    return this.#state.kind === 'open' ? this.#state.server.pid : null
  }

  /** What the server wrote last to its stderr, 2000 characters at most; all of it once the transport was closed. */
  get lastWords(): string {
    return this.#tail.toString()
  }

  /**
   * Starts the server.
   *
   * @throws {ServerStartError} Thrown when it cannot be started.
   * @throws {SdkError} Thrown when the transport was started or closed before, or is closed meanwhile.
   */
  start(): Promise<void> {
    if (this.#state.kind !== 'new') {
      const code = this.#state.kind === 'closed' ? SdkErrorCode.NotConnected : SdkErrorCode.AlreadyConnected
      return Promise.reject(new SdkError(code, 'A transport over stdio is started once.'))
    }
    const opening = this.#open()
    this.#state = { kind: 'starting', opened: opening.then(nothing, nothing) }
    return opening
  }

  /**
   * Resolves once the system has taken the message.
   *
   * Rejects with an `SdkError` when the server has gone; that the pipe is broken (`EPIPE`) may show before its process has ended.
   */
  send(message: JSONRPCMessage): Promise<void> {
    const state = this.#state
    if (state.kind !== 'open' || !state.server.stdin.writable)
      return Promise.reject(new SdkError(SdkErrorCode.NotConnected, 'Not connected: the server has gone.'))
    const { stdin } = state.server
    // What is sent in one go is written in one: the system's part is the dearest of a small message.
    if (stdin.writableCorked === 0) {
      stdin.cork()
      process.nextTick(() => stdin.uncork())
    }
    return new Promise((resolve, reject) => {
      stdin.write(`${JSON.stringify(message)}\n`, (error) => {
        if (error === null || error === undefined) resolve()
        // Node's own words for it depend on how far the message got.
        else reject(new SdkError(SdkErrorCode.ConnectionClosed, 'Connection closed before the message was sent.'))
      })
    })
  }

  /**
   * Ends the server with all that it started: its stdin is ended, half a second later it gets SIGTERM, and a second
   * later SIGKILL; at once, if it ends sooner. Never rejects.
   */
  close(): Promise<void> {
    const state = this.#state
    switch (state.kind) {
      case 'new':
        this.#state = { kind: 'closed', ended: Promise.resolve() }
        return Promise.resolve()
      case 'starting':
        this.#state = { kind: 'closed', ended: state.opened }
        return state.opened
      case 'open':
        return this.#end(state, () => askToEnd(state.server, state.gone))
      case 'closed':
        return state.ended
    }
  }

  async #open(): Promise<void> {
    const sink = await openStderrSink(this.#stderrOption)
    let server: ServerProcess
    try {
      server = await startServer(this.#command)
    } catch (error) {
      await sink.end()
      throw error
    }
    // It may have been closed while the server was being started.
    if (this.#state.kind !== 'starting') {
      await Promise.all([server.kill(), within(server.exited, lastMs)])
      server.release()
      await sink.end()
      throw new SdkError(SdkErrorCode.ConnectionClosed, 'The transport was closed while the server was being started.')
    }
    this.#listen(server, sink)
  }

  #listen(server: ServerProcess, sink: StderrSink): void {
    const { stdout, stderr, exited } = server
    const read = new Promise<void>((resolve) => {
      stdout.once('close', resolve)
    })
    const heard = new Promise<void>((resolve) => {
      stderr.once('close', resolve)
    })
    const open: Open = { kind: 'open', server, sink, heard, gone: Promise.all([exited, read]) }
    this.#state = open
    this.#lines = new LineReader((line) => this.#take(line))
    stdout.on('data', (chunk: Buffer) => {
      try {
        this.#lines?.push(chunk)
      } catch (error) {
        // What follows is the rest of a line.
        this.#lines = undefined
        this.#report(error)
        void this.close()
      }
    })
    stderr.on('data', (chunk: Buffer) => {
      this.#tail.push(chunk)
      sink.push(chunk)
    })
    // It ended by itself; what it started may hold its stdout open, and nobody is there to tell of it what is an
    // answer.
    void exited.then(() => this.#end(open, () => within(open.gone, strayMs)))
    // A server that will not say anything any more is ended.
    void read.then(() => within(exited, strayMs)).then((hasExited) => (hasExited ? undefined : this.close()))
  }

  /** Ends an open connection once, in the way that is told. */
  #end(open: Open, ending: () => Promise<unknown>): Promise<void> {
    if (this.#state.kind === 'closed') return this.#state.ended
    const ended = this.#finish(open, ending)
    this.#state = { kind: 'closed', ended }
    return ended
  }

  async #finish({ server, sink, heard }: Open, ending: () => Promise<unknown>): Promise<void> {
    await ending()
    const killed = server.kill()
    await within(server.exited, lastMs)
    server.stdin.destroy()
    this.#lines = undefined
    this.#call(() => this.onclose?.())
    await within(heard, lastMs)
    server.release()
    await Promise.all([killed, sink.end()])
  }

  #take(line: string): void {
    for (const read of readMessages(line)) {
      // A listener may have ended the connection, or a line before.
      if (this.#lines === undefined) return
      if (read instanceof Error) this.#report(read)
      else this.#call(() => this.onmessage?.(read))
    }
  }

  #report(error: unknown): void {
    try {
      this.onerror?.(error instanceof Error ? error : new Error(String(error)))
    } catch {
      // There is nobody left to tell.
    }
  }

  /** What a listener throws is told, and harms nobody else. */
  #call(listener: () => void): void {
    try {
      listener()
    } catch (error) {
      this.#report(error)
    }
  }
}

type State =
  | { readonly kind: 'new' }
  /** `opened` resolves when starting has come to its end, whichever; it never rejects. */
  | { readonly kind: 'starting'; readonly opened: Promise<void> }
  | Open
  | { readonly kind: 'closed'; readonly ended: Promise<void> }

interface Open {
  readonly kind: 'open'
  readonly server: ServerProcess
  readonly sink: StderrSink
  /** All of the server's stderr was read. */
  readonly heard: Promise<void>
  /** The server's process has ended, and nobody holds its stdout. */
  readonly gone: Promise<unknown>
}

async function askToEnd(server: ServerProcess, gone: Promise<unknown>): Promise<void> {
  server.stdin.end()
  if (await within(gone, patienceMs)) return
  server.terminate()
  await within(gone, terminateMs)
}

/** How long a server may take to end by itself when its stdin ends. */
const patienceMs = 500
/** How long it may take when it is told to: what it has to put in order first, it may have begun at the end of stdin. */
const terminateMs = 1000
/** How long the stdout of a server that has ended is read, where somebody else still holds it. */
const strayMs = 100
/** How long the system may take to carry out a SIGKILL. */
const lastMs = 200

function nothing(): void {}
