/** Starts peers as processes of their own, and leaves none behind. */
import { spawn, type ChildProcess } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'

export interface ProcessOptions {
  command: string
  args?: readonly string[]
  /** Added to the environment of the tests. */
  env?: Readonly<Record<string, string>>
  cwd?: string
  /** How long the process may take to say that it is ready. Default 20 000. */
  timeoutMs?: number
}

export interface RunningProcess {
  child: ChildProcess
  /** The first group of the ready pattern, or else the first URL on the line that matched. */
  url?: string
  /** All that the process has written so far, stdout and stderr together. */
  output(): string
  /** Ends the process with everything it started, and waits for its end. */
  stop(): Promise<void>
}

/** What the entry scripts of our own HTTP peers print. */
export const LISTENING: RegExp = /^listening (\S+)$/m

/**
 * Starts a process and resolves once its output matches the pattern.
 *
 * It leads a process group, so that `stop()` reaches the servers behind a wrapper such as npx, a shell or a pipe.
 */
export async function startProcess(options: ProcessOptions, readyPattern: RegExp): Promise<RunningProcess> {
  const { command, args = [], env = {}, cwd, timeoutMs = 20_000 } = options
  const child = spawn(command, [...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...(cwd !== undefined && { cwd }),
  })
  let output = ''
  running.add(child)
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', () => resolve())
  }).then(() => void running.delete(child))
  const stop = async (): Promise<void> => {
    killGroup(child)
    await ended
  }
  try {
    const match = await new Promise<RegExpExecArray>((resolve, reject) => {
      const fail = (why: string): void => reject(new Error(`${command} ${args.join(' ')} ${why}:\n${output}`))
      const timer = setTimeout(() => fail(`was not ready after ${timeoutMs} ms`), timeoutMs)
      void ended.then(() => clearTimeout(timer))
      child.once('error', (error) => fail(`did not start (${error.message})`))
      child.once('close', (code) => fail(`ended with code ${code}`))
      const read = (chunk: Buffer): void => {
        output += chunk.toString('utf8')
        const found = readyPattern.exec(output)
        if (found === null) return
        clearTimeout(timer)
        resolve(found)
      }
      child.stdout.on('data', read)
      child.stderr.on('data', read)
    })
    const url = match[1] ?? /https?:\/\/\S+/.exec(lineAround(output, match.index))?.[0]
    return { child, output: () => output, stop, ...(url !== undefined && { url }) }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A port that was free a moment ago, for servers that cannot be told to pick one. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

// A test run that ends without its hooks takes its peers along.
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) killGroup(child)
})

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The whole group has ended already.
  }
}

function lineAround(text: string, index: number): string {
  const start = text.lastIndexOf('\n', index) + 1
  const end = text.indexOf('\n', index)
  return text.slice(start, end === -1 ? text.length : end)
}
