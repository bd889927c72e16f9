import { InvalidTargetError } from '../errors/usage-errors.ts'
import type { StderrOption } from '../transport/stdio/stderr-sink.ts'
import { serverEnvironment } from '../transport/stdio/environment.ts'
import { StdioTransport } from '../transport/stdio/stdio-transport.ts'
import { digest } from './http-target.ts'
import type { ResolvedTarget } from './resolved-target.ts'

/**
 * A server to start as a child process and to talk to over its stdin and stdout.
 *
 * It ends with the connection, and so does all that it started. On POSIX it also ends when this process does,
 * however that ended; it has no terminal, and gets no SIGINT when somebody presses Ctrl-C.
 */
export interface StdioTarget {
  readonly command: string
  readonly args?: readonly string[]
  /**
   * Added to the few variables that are passed on: on POSIX HOME, LOGNAME, PATH, SHELL, TERM and USER. One whose name a
   * shell cannot hold, such as `spring.datasource.url`, shows for a moment in the list of processes, with its value.
   */
  readonly env?: Readonly<Record<string, string>>
  /** Its folder. Default: that of this process. */
  readonly cwd?: string
  /**
   * What becomes of the server's stderr. Default: `inherit`. Its end is kept for error messages, whatever becomes of
   * it.
   */
  readonly stderr?: StderrOption
}

/**
 * See {@link StdioTarget}.
 *
 * @throws {InvalidTargetError} Thrown when a field is not what it must be. No value of the environment is repeated.
 */
export function stdioTarget(target: StdioTarget): ResolvedTarget {
  const { command, args = [], env = {}, cwd, stderr = 'inherit' } = target
  check(isText(command) && command !== '', 'The command of a stdio target must be a string that is not empty.')
  const of = `of the stdio target ${command}`
  check(Array.isArray(args) && args.every(isText), `The args ${of} must be a list of strings.`)
  check(isRecord(env), `The env ${of} must be an object of strings.`)
  for (const [name, value] of Object.entries(env)) {
    check(/^[^=\0]+$/.test(name), `The env ${of} has a name that no variable can have: ${JSON.stringify(name)}.`)
    check(isText(value), `The variable ${name} in the env ${of} must be a string.`)
  }
  check(cwd === undefined || (isText(cwd) && cwd !== ''), `The cwd ${of} must be a string that is not empty.`)
  check(isStderr(stderr), `The stderr ${of} must be 'inherit', 'ignore', a stream, { file } or a function.`)
  let opened: StdioTransport | undefined
  return {
    name: shownCommand(command, args),
    endpoint: async () => `stdio:${await digest(JSON.stringify([command, args, cwd ?? null]))}`,
    open: async (session) => {
      if (session !== undefined) throw new InvalidTargetError('A stdio server has no sessions to go on with.')
      const server = { command, args: [...args], env: serverEnvironment(env), ...(cwd !== undefined && { cwd }) }
      opened = new StdioTransport(server, stderr)
      return opened
    },
    lastWords: () => Promise.resolve(opened?.lastWords ?? ''),
  }
}

function check(isFine: boolean, otherwise: string): asserts isFine {
  if (!isFine) throw new InvalidTargetError(otherwise)
}

/** The system takes no text with a NUL in it. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isStderr(value: unknown): boolean {
  if (value === 'inherit' || value === 'ignore' || typeof value === 'function') return true
  if (!isRecord(value)) return false
  return 'file' in value ? isText(value['file']) && value['file'] !== '' : typeof value['write'] === 'function'
}

/** The command, and the script that it runs. Further arguments often hold keys, and a message may end up anywhere. */
function shownCommand(command: string, [script = '-']: readonly string[]): string {
  return script.startsWith('-') ? command : `${command} ${script}`
}
