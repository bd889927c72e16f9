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
  return {
    name: [command, ...args].join(' '),
    endpoint: async () => `stdio:${await digest(JSON.stringify([command, args, cwd ?? null]))}`,
    open: async (session) => {
      if (session !== undefined) throw new InvalidTargetError('A stdio server has no sessions to go on with.')
      const { StdioClientTransport } = await import('@modelcontextprotocol/client/stdio')
      const transport = new StdioClientTransport({
        command,
        args: [...args],
        stderr: 'pipe',
        ...(env !== undefined && { env }),
        ...(cwd !== undefined && { cwd }),
      })
      ;(transport.stderr as PassThrough).on('data', (chunk: Buffer) => {
        heard = (heard + chunk.toString()).slice(-keptStderr)
        if (stderr === 'inherit') process.stderr.write(chunk)
      })
      return transport
    },
    lastWords: () => heard,
  }
}

const keptStderr = 2000
