import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, extname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InvalidTargetError } from '../errors/usage-errors.ts'
import type { StdioTarget } from './stdio-target.ts'

/** What is known of the machine that a script is run on. */
export interface ScriptHost {
  /** The file of this Node. */
  readonly node: string
  /** Whether this Node runs TypeScript by itself. */
  readonly stripsTypes: boolean
  readonly isWindows: boolean
  /** The `PATH`. */
  readonly searchPath: string
  readonly cwd: string
}

/** This process, as it is now. */
export function thisHost(): ScriptHost {
  return {
    node: process.execPath,
    // Older ones do not have it, and the types of the oldest that is supported do not know it.
    stripsTypes: Boolean(Reflect.get(process.features, 'typescript')),
    isWindows: process.platform === 'win32',
    searchPath: process.env['PATH'] ?? '',
    cwd: process.cwd(),
  }
}

/**
 * How a script is run, by the ending of its name:
 *
 * - `.js`, `.mjs`, `.cjs`: by this Node;
 * - `.ts`, `.mts`, `.cts`: by this Node where it strips types (22.18 and newer), else with `tsx` as found from the script's folder or
 *   from the working directory;
 * - `.py`: by `uv run` where the script declares its dependencies and `uv` is in the `PATH`; else by the Python of `.venv` in the
 *   script's folder or in the working directory; else by `python3`, on Windows `python`.
 *
 * @throws {InvalidTargetError} Thrown when it has another ending, or there is nothing to run it with.
 *
 * Source: PEP 723 for the dependencies of a script.
 */
export function scriptCommand(file: string, host: ScriptHost): StdioTarget {
  const language = languageOf(file)
  if (language === 'javascript') return { command: host.node, args: [file] }
  if (language === 'typescript') return typescriptCommand(file, host)
  if (language === 'python') return pythonCommand(file, host)
  throw new InvalidTargetError(
    `Cannot run ${file}: what can be run ends in ${[...languages.keys()].join(', ')}. Anything else takes { command, args }.`,
  )
}

/** By the ending of its name; `undefined` where no script is known by that. */
export function languageOf(file: string): 'javascript' | 'typescript' | 'python' | undefined {
  return languages.get(extname(file))
}

const languages: ReadonlyMap<string, 'javascript' | 'typescript' | 'python'> = new Map([
  ['.js', 'javascript'],
  ['.mjs', 'javascript'],
  ['.cjs', 'javascript'],
  ['.ts', 'typescript'],
  ['.mts', 'typescript'],
  ['.cts', 'typescript'],
  ['.py', 'python'],
])

function typescriptCommand(file: string, { node, stripsTypes, cwd }: ScriptHost): StdioTarget {
  if (stripsTypes) return { command: node, args: [file] }
  const tsx = resolveFrom(file, 'tsx') ?? resolveFrom(join(cwd, 'any.js'), 'tsx')
  if (tsx === undefined) {
    throw new InvalidTargetError(
      `Cannot run ${file}: this Node does not run TypeScript. Use Node 22.18 or newer, or install tsx: npm install --save-dev tsx.`,
    )
  }
  // Node would look for its name from the working directory alone.
  return { command: node, args: ['--import', pathToFileURL(tsx).href, file] }
}

function resolveFrom(file: string, name: string): string | undefined {
  try {
    return createRequire(file).resolve(name)
  } catch {
    return undefined
  }
}

function pythonCommand(file: string, host: ScriptHost): StdioTarget {
  if (declaresDependencies(file) && isInPath(host.isWindows ? 'uv.exe' : 'uv', host.searchPath))
    return { command: 'uv', args: ['run', file] }
  const inFolder = host.isWindows ? ['.venv', 'Scripts', 'python.exe'] : ['.venv', 'bin', 'python']
  const python = [dirname(file), host.cwd].map((folder) => join(folder, ...inFolder)).find((each) => existsSync(each))
  return { command: python ?? (host.isWindows ? 'python' : 'python3'), args: [file] }
}

function declaresDependencies(file: string): boolean {
  try {
    return /^# \/\/\/ script\r?$/m.test(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new InvalidTargetError(`Cannot run ${file}: it cannot be read.`, { cause: error })
  }
}

function isInPath(name: string, searchPath: string): boolean {
  return searchPath.split(delimiter).some((folder) => folder !== '' && isExecutable(join(folder, name)))
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
