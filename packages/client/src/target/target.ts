import type { Transport } from '@modelcontextprotocol/client'
import { clip } from '../errors/clip.ts'
import { InvalidTargetError } from '../errors/usage-errors.ts'
import { factoryTarget, type TransportFactory } from './factory-target.ts'
import type { HttpTarget } from './http-options.ts'
import { httpTarget } from './http-target.ts'
import type { ResolvedTarget } from './resolved-target.ts'
import { serverTarget, type ServerFactory, type ServerObject } from './server-target.ts'
import { stdioTarget, type StdioTarget } from './stdio-target.ts'
import { textTarget, urlTarget } from './text-target.ts'
import { hasMethod, isTransport, transportTarget } from './transport-target.ts'

/**
 * What a client can connect to:
 *
 * - a URL, as text or object: `http:` and `https:` are Streamable HTTP, or SSE where a segment of the path is `sse`; `file:` is a script;
 * - `{ url, headers, token, … }`: a server at a URL, with what its requests need ({@link HttpTarget});
 * - the path of a script, `./server.py`: run by its ending, `.js`, `.mjs`, `.cjs`, `.ts`, `.mts`, `.cts` or `.py`;
 * - a command line, `npx -y @scope/server --flag "an argument"`: split as a shell does, run without one, nothing expanded;
 * - `{ command, args, env, cwd, … }`: a server to start as a child process ({@link StdioTarget});
 * - a `Transport` of the SDK, which serves one connection;
 * - a server object of this process;
 * - a function that makes a transport or a server object, called for each connection.
 *
 * A text is the first of these that fits: it begins with `http:` or `https:`, a URL; it begins with `file:`, a script; it begins with
 * another scheme and `://`, refused; it names a file that is there, a script; it holds a blank or a quote, a command line. One word that
 * is none of these is refused: a command without arguments is `{ command: 'uvx' }`. Relative paths are those of the working directory
 * at the time of the call.
 *
 * An object is the first of these that fits: it has `start` and `send`, a transport; it has `connect`, a server object; it has `url` or
 * `command`, and not both.
 */
export type Target =
  | string
  | URL
  | HttpTarget
  | StdioTarget
  | Transport
  | ServerObject
  | ServerFactory
  | TransportFactory

/**
 * A URL, the path of a script, or a command line.
 *
 * - `https://example.com/mcp`: Streamable HTTP, or SSE where a segment of the path is `sse`. It is sent as it is written.
 * - `./server.py`, `file:///srv/server.js`: a file that is there, run by its ending. `.js`, `.mjs` and `.cjs` by this Node; `.ts`, `.mts`
 *   and `.cts` by this Node where it strips types, else with an installed `tsx`; `.py` by `uv run` where the script declares its
 *   dependencies and there is `uv`, else by the `.venv` next to it or in the working directory, else by `python3`.
 * - `npx -y @scope/server --flag "an argument"`: a command line, which holds a blank or a quote. No shell runs it and nothing is expanded.
 *
 * @throws {InvalidTargetError} Thrown when it is none of these; what may be secret is not repeated.
 */
export function resolveTarget(text: string): ResolvedTarget
/**
 * A URL: `http:` and `https:` are Streamable HTTP, or SSE where a segment of the path is `sse`; `file:` is a script to run.
 *
 * @throws {InvalidTargetError} Thrown when it has another scheme, a user name or a password, or names no script that is there.
 */
export function resolveTarget(url: URL): ResolvedTarget
/**
 * A server at a URL, with what its requests need: headers, a token, a proxy, certificates.
 *
 * @throws {InvalidTargetError} Thrown when it holds a mistake; headers and token are not repeated.
 */
export function resolveTarget(server: HttpTarget): ResolvedTarget
/**
 * A server to start as a child process, talked to over its stdin and stdout.
 *
 * @throws {InvalidTargetError} Thrown when it holds a mistake; no value of the environment is repeated.
 */
export function resolveTarget(server: StdioTarget): ResolvedTarget
/** A transport of the SDK. It serves one connection: pass a function that makes one to be able to connect again. */
export function resolveTarget(transport: Transport): ResolvedTarget
/** A server object of this process: `McpServer` or `Server` of the SDK. */
export function resolveTarget(server: ServerObject): ResolvedTarget
/** A function that makes a transport or a server object, a new one for each connection; told apart by what it gives. */
export function resolveTarget(factory: ServerFactory | TransportFactory): ResolvedTarget
/**
 * Any of these: see {@link Target} for how they are told apart.
 *
 * @throws {InvalidTargetError} Thrown when it is nothing that can be connected to; the message lists what can.
 */
export function resolveTarget(target: Target): ResolvedTarget
export function resolveTarget(target: Target): ResolvedTarget {
  if (typeof target === 'string') return textTarget(target)
  if (typeof target === 'function') return factoryTarget(target)
  if (target instanceof URL) return urlTarget(target)
  if (isTransport(target)) return transportTarget(target)
  if (isServerObject(target)) return serverTarget(() => target)
  if (typeof target === 'object' && target !== null) {
    if ('url' in target && 'command' in target)
      throw new InvalidTargetError('The target has both a url and a command; leave one of them out.')
    if ('url' in target) return httpTarget(target)
    if ('command' in target) return stdioTarget(target)
    if ('mcpServers' in target) {
      throw new InvalidTargetError(
        'The target has mcpServers: configurations of servers are not read here. Pass one of its servers: { command, args, env } or { url, headers }.',
      )
    }
  }
  throw new InvalidTargetError(`Cannot connect to ${shown(target)}. ${allowed}`)
}

function isServerObject(target: unknown): target is ServerObject {
  return hasMethod(target, 'connect')
}

const allowed =
  'A target is an http(s) URL, { url, headers, … }, the path of a script, a command line, { command, args, env, cwd }, a Transport, a server object, or a function that makes one of the last two.'

function shown(target: unknown): string {
  if (target === null || typeof target !== 'object') return String(target)
  return `an object with the keys ${clip(Object.keys(target).slice(0, 10).join(', ')) || '(none)'}`
}
