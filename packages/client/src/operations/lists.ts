import { LongcallError } from '@longcall/core'
import type { Connection } from '../connection/connection.ts'
import type { Exchange } from '../connection/exchange.ts'
import { toRequestError } from '../connection/to-request-error.ts'
import { assertOptions } from '../errors/assert-usage.ts'
import { InvalidOptionError } from '../errors/usage-errors.ts'
import { allPages } from './pages.ts'
import type { OperationOptions, RequestRunner } from './request-runner.ts'
import { ttlMsOf, type CacheMode, type ResponseCache } from './response-cache.ts'

/** How to list. */
export interface ListOptions extends OperationOptions {
  /** How many pages to read at most; default 250. */
  readonly maxPages?: number | undefined
  /** Whether a list that the server let be kept will do; default `use`. */
  readonly cacheMode?: CacheMode | undefined
}

/** How to ask for one page. */
export interface PageOptions extends OperationOptions {
  /** From the page before. Opaque. */
  readonly cursor?: string | undefined
}

/** The lists of a server: all pages of each, kept for as long as the server says. */
export class Lists {
  readonly #connection: Connection
  readonly #runner: RequestRunner
  readonly #cache: ResponseCache
  readonly #report: (error: unknown) => void

  constructor(connection: Connection, runner: RequestRunner, cache: ResponseCache, report: (error: unknown) => void) {
    this.#connection = connection
    this.#runner = runner
    this.#cache = cache
    this.#report = report
  }

  /**
   * All items of a list; none of a kind that the server does not declare. The limits hold for all pages together. `fetched` is
   * told what was asked for anew.
   */
  async all<Item extends object>(
    method: ListMethod,
    options: ListOptions = {},
    fetched: (items: readonly Item[]) => void = () => {},
  ): Promise<readonly Item[]> {
    assertOptions(options)
    const { maxPages } = options
    if (maxPages !== undefined && !(Number.isInteger(maxPages) && maxPages > 0))
      throw new InvalidOptionError('maxPages', maxPages, 'a whole number above zero')
    if (this.#connection.server?.capabilities[kinds[method].capability] === undefined) return []
    const mode = isPlain(options) ? (options.cacheMode ?? 'use') : 'bypass'
    const fetch = async (): Promise<Listed<Item>> => {
      const listed = await this.#fetch<Item>(method, options)
      fetched(listed.items)
      return listed
    }
    try {
      return (await this.#cache.through(method, mode, fetch, ({ ttlMs }) => ttlMs)).items
    } catch (error) {
      if (options.signal?.aborted === true) throw error
      throw toRequestError(method, error)
    }
  }

  #fetch<Item extends object>(method: ListMethod, options: ListOptions): Promise<Listed<Item>> {
    const { items: field, identifiedBy } = kinds[method]
    return this.#runner.within(method, options, async (control) => {
      let ttlMs = Infinity
      const fetchPage = async (cursor: string | undefined): Promise<Readonly<Record<string, unknown>>> => {
        const page = await this.#runner.send({ ...pageOf(method, cursor), meta: options.meta }, control)
        ttlMs = Math.min(ttlMs, ttlMsOf(page))
        return page
      }
      const items = await allPages<Item>({
        request: method,
        items: field,
        identifiedBy,
        fetchPage,
        maxPages: options.maxPages,
        signal: options.signal,
        onOddity: (oddity) =>
          this.#report(new LongcallError('odd_list', `${method}: ${describe(oddity, identifiedBy)}`)),
      })
      return { items: this.#usable(method, items), ttlMs }
    })
  }

  /** One page, as it came. */
  async page(method: ListMethod, options: PageOptions): Promise<Readonly<Record<string, unknown>>> {
    assertOptions(options)
    const { cursor, ...rest } = options
    return this.#runner.run(pageOf(method, cursor), rest)
  }

  #usable<Item extends object>(method: ListMethod, items: readonly Item[]): readonly Item[] {
    const { sdk } = this.#connection
    if (method !== 'tools/list' || sdk === undefined) return items
    return sdk.withoutInvalidHeaders(items as never) as unknown as readonly Item[]
  }
}

/** What can be listed. */
export type ListMethod = keyof typeof kinds

const kinds = {
  'tools/list': { items: 'tools', identifiedBy: 'name', capability: 'tools' },
  'prompts/list': { items: 'prompts', identifiedBy: 'name', capability: 'prompts' },
  'resources/list': { items: 'resources', identifiedBy: 'uri', capability: 'resources' },
  'resources/templates/list': { items: 'resourceTemplates', identifiedBy: 'uriTemplate', capability: 'resources' },
} as const

/** Whether the list is the one that anybody would get: one asked for in part, or under other circumstances, is not kept. */
export function isPlain({ maxPages, meta }: ListOptions): boolean {
  return maxPages === undefined && meta === undefined
}

function pageOf(method: ListMethod, cursor: string | undefined): Exchange {
  return { method, params: cursor === undefined ? {} : { cursor }, isSafe: true }
}

interface Listed<Item> {
  readonly items: readonly Item[]
  readonly ttlMs: number
}

function describe(
  oddity: Parameters<NonNullable<Parameters<typeof allPages>[0]['onOddity']>>[0],
  identifiedBy: string,
): string {
  return oddity.kind === 'repeated_cursor'
    ? `the server gave a cursor twice; the list ends after ${oddity.pages} pages`
    : `${oddity.count} items of page ${oddity.page} have no ${identifiedBy} and were left out`
}
