import type { Exchange } from '../connection/exchange.ts'
import { assertName, assertOptions } from '../errors/assert-usage.ts'
import { InvalidOptionError } from '../errors/usage-errors.ts'
import { promptArguments } from './prompt-arguments.ts'
import type { OperationOptions } from './request-runner.ts'
import type { CacheMode } from './response-cache.ts'

/** How to read a resource. */
export interface ReadOptions extends OperationOptions {
  /** Whether contents that the server let be kept will do; default `use`. */
  readonly cacheMode?: CacheMode | undefined
  /** Which version of the component, where the server (FastMCP) has several. */
  readonly version?: string | undefined
}

/** How to get a prompt. */
export interface PromptOptions extends OperationOptions {
  /** Which version of the component, where the server (FastMCP) has several. */
  readonly version?: string | undefined
}

/**
 * The request for a resource.
 *
 * @throws {InvalidOptionError} Thrown when `uri` is no URI.
 */
export function readRequest(uri: string, options: Versioned): Exchange {
  assertUri(uri)
  assertOptions(options)
  return { method: 'resources/read', params: { uri }, meta: metaOf(options), name: uri, isSafe: true }
}

/** The request for a prompt. See {@link promptArguments} for what becomes of the arguments. */
export function promptRequest(
  name: string,
  args: Readonly<Record<string, unknown>> | undefined,
  options: Versioned,
): Exchange {
  assertName('name', name)
  assertOptions(options)
  const texts = promptArguments(args)
  const params = { name, ...(texts !== undefined && { arguments: texts }) }
  return { method: 'prompts/get', params, meta: metaOf(options), name, isSafe: true }
}

/** What a request says of itself in `_meta`. */
export type Versioned = Pick<PromptOptions, 'meta' | 'version'>

/** The `_meta` of a request, with that by which FastMCP's servers choose a version of a component beside the caller's own. */
export function metaOf({ meta, version }: Versioned): Versioned['meta'] {
  if (version === undefined) return meta
  return { ...meta, fastmcp: { ...(meta?.['fastmcp'] as object | undefined), version } }
}

/** @throws {InvalidOptionError} Thrown when it is no URI. */
export function assertUri(uri: string): void {
  if (typeof uri !== 'string' || !URL.canParse(uri)) throw new InvalidOptionError('uri', uri, 'a URI, with its scheme')
}
