import type { PassThrough } from 'node:stream'
import { InvalidTargetError } from '../errors/usage-errors.ts'
import { digest } from './http-target.ts'
import type { ResolvedTarget } from './resolved-target.ts'

/** A server to start as a child process and to talk to over its stdin and stdout. */
export interface StdioTarget {
  readonly command: string
  readonly args?: readonly string[]
  /** Added to the few variables that are passed on: on POSIX HOME, LOGNAME, PATH, SHELL, TERM and USER. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** What becomes of the server's stderr; by default it goes to this process's. Its end is kept for error messages. */
  readonly stderr?: 'inherit' | 'ignore'
}

/** See {@link StdioTarget}. */
export function stdioTarget(target: StdioTarget): ResolvedTarget {
  const { command, args = [], env, cwd, stderr = 'inherit' } = target
  if (typeof command !== 'string' || command === '')
    throw new InvalidTargetError('The command of a stdio target must be a string that is not empty.')
  if (!Array.isArray(args) || args.some((arg) => typeof arg !== 'string'))
    throw new InvalidTargetError(`The args of the stdio target ${command} must be a list of strings.`)
  let heard = ''
  let ended: Promise<void> = Promise.resolve()
  return {
    name: shownCommand(command, args),
    endpoint: async () => `stdio:${await digest(JSON.stringify([command, args, cwd ?? null]))}`,
    open: async (session, era) => {
      if (session !== undefined) throw new InvalidTargetError('A stdio server has no sessions to go on with.')
      const { StdioClientTransport } = await import('@modelcontextprotocol/client/stdio')
      // To find out the era the SDK starts a process of its own, whose stderr it throws away; where one era is insisted on,
      // there is nothing to find out. It asks a subclass in place.
      const Transport = era === 'modern' ? class extends StdioClientTransport {} : StdioClientTransport
      const transport = new Transport({
        command,
        args: [...args],
        stderr: 'pipe',
        ...(env !== undefined && { env }),
        ...(cwd !== undefined && { cwd }),
      })
      heard = ''
      const words = transport.stderr as PassThrough
      ended = new Promise((resolve) => words.once('end', resolve))
      words.on('data', (chunk: Buffer) => {
        heard = (heard + chunk.toString()).slice(-keptStderr)
        if (stderr === 'inherit') process.stderr.write(chunk)
      })
      return transport
    },
    lastWords: () =>
      new Promise((resolve) => {
        const say = (): void => resolve(heard.trim())
        // What the server started may hold its stderr open.
        const timer = setTimeout(say, stderrMs)
        void ended.then(() => clearTimeout(timer)).then(say)
      }),
  }
}

/** The command, and the script that it runs. Further arguments often hold keys, and a message may end up anywhere. */
function shownCommand(command: string, [script = '-']: readonly string[]): string {
  return script.startsWith('-') ? command : `${command} ${script}`
}

const keptStderr = 2000
const stderrMs = 500
