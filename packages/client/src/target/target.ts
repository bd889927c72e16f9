import type { Transport } from '@modelcontextprotocol/client'
import { InvalidTargetError } from '../errors/usage-errors.ts'
import { httpTarget } from './http-target.ts'
import type { ResolvedTarget } from './resolved-target.ts'
import { serverTarget, type ServerFactory, type ServerObject } from './server-target.ts'
import { stdioTarget, type StdioTarget } from './stdio-target.ts'

/**
 * What a client can connect to:
 *
 * - a URL, `http:` or `https:`, as a string or object: Streamable HTTP;
 * - `{ command, args, env, cwd }`: a server to start as a child process;
 * - a `Transport` of the SDK, which serves one connection;
 * - a server object of this process, or a function that makes one.
 */
export type Target = string | URL | StdioTarget | Transport | ServerObject | ServerFactory

/**
 * Finds out what was passed.
 *
 * @throws {InvalidTargetError} Thrown when it is nothing that can be connected to; the message lists what can.
 */
export function resolveTarget(target: Target): ResolvedTarget {
  if (typeof target === 'string') return urlTarget(target)
  if (target instanceof URL) return urlTarget(target.href)
  if (typeof target === 'function') return serverTarget(target)
  if (typeof target === 'object' && target !== null) {
    if ('command' in target) return stdioTarget(target)
    if ('start' in target && 'send' in target) return transportTarget(target)
    if ('connect' in target) return serverTarget(() => target)
  }
  throw new InvalidTargetError(`Cannot connect to ${shown(target)}. ${allowed}`)
}

function urlTarget(text: string): ResolvedTarget {
  if (!URL.canParse(text)) throw new InvalidTargetError(`Cannot connect to ${shown(text)}: it is not a URL. ${allowed}`)
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new InvalidTargetError(
      `Cannot connect to ${shown(text)}: its scheme is ${url.protocol} and must be http: or https:. ${allowed}`,
    )
  }
  return httpTarget(url)
}

function transportTarget(transport: Transport): ResolvedTarget {
  let used = false
  return {
    name: 'the given transport',
    endpoint: (serverName) => Promise.resolve(`transport:${serverName}`),
    open: (session) => {
      if (session !== undefined) {
        throw new InvalidTargetError(
          'A reference of another session needs a connection of its own; connect by URL instead of by a transport.',
        )
      }
      if (used)
        throw new InvalidTargetError('The given transport was used already, and a transport serves one connection.')
      used = true
      return Promise.resolve(transport)
    },
  }
}

const allowed =
  'A target is an http(s) URL, { command, args, env, cwd }, a Transport, a server object or a function that makes one.'

function shown(target: unknown): string {
  if (typeof target === 'string') return JSON.stringify(target.length > 200 ? `${target.slice(0, 200)}…` : target)
  if (target === null || typeof target !== 'object') return String(target)
  return `an object with the keys ${Object.keys(target).slice(0, 10).join(', ') || '(none)'}`
}
