import { open } from 'node:fs/promises'
import { saidBy } from '../../errors/clip.ts'
import { StderrLines } from './stderr-lines.ts'
import { ServerStartError } from './stdio-errors.ts'

/**
 * What becomes of a server's stderr: it goes to that of this process, nowhere, to a stream, to the end of a file
 * (created for its owner alone), or to a function, line by line.
 *
 * A function is given untrusted text: lines without control characters other than tabs, cut at 10 000 characters. What
 * it throws is ignored. A stream is not ended when the server ends.
 */
export type StderrOption =
  | 'inherit'
  | 'ignore'
  | NodeJS.WritableStream
  | { readonly file: string }
  | ((line: string) => void)

/** Takes what a server writes to its stderr, and never makes it wait. */
export interface StderrSink {
  push(chunk: Buffer): void
  /** Resolves once all is written that can be. Never rejects. */
  end(): Promise<void>
}

/** @throws {ServerStartError} Thrown when the file cannot be opened for writing. */
export async function openStderrSink(option: StderrOption): Promise<StderrSink> {
  if (option === 'ignore') return { push: () => {}, end: () => Promise.resolve() }
  if (option === 'inherit') return streamSink(process.stderr)
  if (typeof option === 'function') {
    const lines = new StderrLines(option)
    return { push: (chunk) => lines.push(chunk), end: async () => lines.end() }
  }
  return 'file' in option ? fileSink(option.file) : streamSink(option)
}

async function fileSink(file: string): Promise<StderrSink> {
  let stream: NodeJS.WritableStream
  try {
    stream = (await open(file, 'a', 0o600)).createWriteStream()
  } catch (error) {
    throw new ServerStartError(`the file for its stderr cannot be opened: ${saidBy(error)}`, { cause: error })
  }
  // A disk that is full is no reason to end the connection.
  stream.on('error', ignoreError)
  const closed = new Promise<void>((resolve) => {
    stream.once('close', resolve)
  })
  const sink = streamSink(stream)
  return {
    push: (chunk) => sink.push(chunk),
    end: () => {
      stream.end()
      return closed
    },
  }
}

/** Writes as long as the stream takes it; what comes while too much is held back already is dropped. */
function streamSink(stream: NodeJS.WritableStream): StderrSink {
  let heldBytes = 0
  return {
    push: (chunk) => {
      if (!stream.writable || heldBytes + chunk.length > maxHeldBytes) return
      // An error of a stream that nobody listens to would end this process.
      if (stream.listenerCount('error') === 0) stream.on('error', ignoreError)
      heldBytes += chunk.length
      stream.write(chunk, () => (heldBytes -= chunk.length))
    },
    end: () => {
      stream.off('error', ignoreError)
      return Promise.resolve()
    },
  }
}

function ignoreError(): void {}

/** How much of its stderr may wait for a slow stream, in bytes. */
const maxHeldBytes = 4 * 1024 * 1024
