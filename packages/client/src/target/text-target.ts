import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { clip } from '../errors/clip.ts'
import { InvalidTargetError } from '../errors/usage-errors.ts'
import { splitCommandLine } from './command-line.ts'
import { digest, httpTarget } from './http-target.ts'
import type { ResolvedTarget } from './resolved-target.ts'
import { languageOf, scriptCommand, thisHost } from './script-command.ts'
import { stdioTarget } from './stdio-target.ts'

/**
 * What a text means: the first of these that fits.
 *
 * 1. It begins with `http:` or `https:`: a URL.
 * 2. It begins with `file:`: the path of a script, as a URL.
 * 3. It begins with another scheme and `://`: refused.
 * 4. It names a file that is there: a script, run as {@link scriptCommand} says.
 * 5. It holds a blank or a quote: a command line, split as {@link splitCommandLine} says.
 * 6. Else it is one word and refused, as the path of a file that is not there or as a command, which takes `{ command }`.
 *
 * The file system is looked at from step 4 on, and at once: relative paths are those of the working directory of this moment.
 *
 * @throws {InvalidTargetError} Thrown when it is nothing of these, or what it means is not right in itself.
 */
export function textTarget(text: string): ResolvedTarget {
  const scheme = /^\s*([a-z][a-z0-9+.-]+):/i.exec(text)?.[1]?.toLowerCase()
  if (scheme === 'http' || scheme === 'https') return webTarget(text)
  if (scheme === 'file') return fileUrlTarget(text)
  if (scheme !== undefined && text.trimStart().startsWith('://', scheme.length)) throw wrongScheme(`${scheme}:`)
  const path = resolve(text)
  const found = lookAt(text, path)
  if (found === 'file') return scriptTarget(path)
  if (text.trim() === '') throw new InvalidTargetError('Cannot connect to a text that is empty.')
  if (!/[ \t\r\n'"]/.test(text)) throw refusedWord(text, path, found)
  const [command, ...args] = splitCommandLine(text)
  return stdioTarget({ command, args })
}

/**
 * What a URL object means: as a text of the same scheme does.
 *
 * @throws {InvalidTargetError} Thrown when its scheme is another than `http:`, `https:` and `file:`.
 */
export function urlTarget(url: URL): ResolvedTarget {
  if (url.protocol === 'file:') return fileUrlTarget(url)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw wrongScheme(url.protocol)
  return httpTarget(url)
}

function webTarget(text: string): ResolvedTarget {
  if (URL.canParse(text)) return httpTarget(text)
  // A query may hold a key, and what stands in front of the host a password.
  const shown = /[@?#]/.test(text) ? 'The URL' : JSON.stringify(clip(text))
  throw new InvalidTargetError(`${shown} cannot be connected to: it begins as a URL does and cannot be read as one.`)
}

function fileUrlTarget(url: string | URL): ResolvedTarget {
  let path: string
  try {
    path = fileURLToPath(new URL(url))
  } catch (error) {
    throw new InvalidTargetError('The file: URL to connect to names no file of this machine.', { cause: error })
  }
  const found = lookAt(path, path)
  if (found !== 'file') throw refusedPath(path, found)
  return scriptTarget(path)
}

/** Its endpoint is the script's, whichever interpreter runs it: a reference to it outlives an upgrade of Node. */
function scriptTarget(path: string): ResolvedTarget {
  if (path.endsWith('.json')) throw isConfiguration(path)
  const target = stdioTarget(scriptCommand(path, thisHost()))
  return { ...target, name: path, endpoint: async () => `stdio:${await digest(JSON.stringify(['script', path]))}` }
}

type Found = 'file' | 'folder' | 'nothing'

function lookAt(text: string, path: string): Found {
  if (text.trim() === '' || text.includes('\0')) return 'nothing'
  try {
    const stats = statSync(path)
    if (stats.isDirectory()) return 'folder'
    return stats.isFile() ? 'file' : 'nothing'
  } catch {
    return 'nothing'
  }
}

function refusedWord(word: string, path: string, found: Found): InvalidTargetError {
  if (word.endsWith('.json')) return isConfiguration(word)
  const isPath = /[/\\]/.test(word) || languageOf(word) !== undefined
  const command = `If it is a command, pass { command: ${JSON.stringify(clip(word))} }.`
  if (isPath) return refusedPath(path, found, ` ${command}`)
  return new InvalidTargetError(
    `Cannot connect to ${JSON.stringify(clip(word))}: it is neither a URL nor a script. ${command}`,
  )
}

function refusedPath(path: string, found: Found, advice = ''): InvalidTargetError {
  const why = found === 'folder' ? 'is a folder; name the script in it' : 'does not exist: no such file'
  return new InvalidTargetError(`Cannot connect to ${JSON.stringify(clip(path))}: it ${why}.${advice}`)
}

function isConfiguration(path: string): InvalidTargetError {
  return new InvalidTargetError(
    `Cannot connect to ${JSON.stringify(clip(path))}: configurations of servers are not read here. Pass one of its servers: { command, args, env } or { url, headers }.`,
  )
}

function wrongScheme(scheme: string): InvalidTargetError {
  return new InvalidTargetError(
    `Cannot connect to a URL with the scheme ${clip(scheme)}; it must be http:, https: or file:.`,
  )
}
