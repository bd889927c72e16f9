import { MalformedMessageError } from '@longcall/core'
import { TooManyPagesError } from '../errors/too-many-pages-error.ts'

/** What is odd about a list, though it can be read. */
export type ListOddity =
  /** The server gave a cursor a second time, so the list ends here; `pages` is how many were read. */
  | { readonly kind: 'repeated_cursor'; readonly cursor: string; readonly pages: number }
  /** Items of the page, counted from one, were left out: they are no objects, or have no name that is a string. */
  | { readonly kind: 'dropped_items'; readonly count: number; readonly page: number }

/** A paginated list of a server. */
export interface PagedList {
  /** The request that lists, as the wire names it: `tools/list`. */
  readonly request: string
  /** The field of a page that holds its items: `tools`. */
  readonly items: string
  /** The field of an item that identifies it: `name`, `uri`, `uriTemplate`. */
  readonly identifiedBy: string
  /** Fetches the page at a cursor; the first page without one. */
  readonly fetchPage: (cursor: string | undefined) => Promise<Readonly<Record<string, unknown>>>
  /** The most pages; {@link defaultMaxPages} by default. */
  readonly maxPages?: number | undefined
  /** Told of what is odd. What it throws ends the walk. */
  readonly onOddity?: ((oddity: ListOddity) => void) | undefined
  /** Looked at before each page. */
  readonly signal?: AbortSignal | undefined
}

/** How many pages of a list are read by default. */
const defaultMaxPages = 250

/** The most items of a list, those that are left out included. */
export const maxListItems = 100_000

/** The longest cursor, in UTF-16 code units; it is sent back as it came. */
export const maxCursorLength = 65_536

/**
 * The items of all pages of a list, in order. Ends at a page whose cursor is missing, `null` or empty, and at a cursor that
 * was there before.
 *
 * Rejects with the signal's reason when it aborts, and with what `fetchPage` rejects with.
 *
 * @throws {TooManyPagesError} Thrown when the list goes on past `maxPages`, or has more than {@link maxListItems}.
 * @throws {MalformedMessageError} Thrown when a page cannot be read: it has no array of items, or its cursor is no string or
 * longer than {@link maxCursorLength}.
 */
export async function allPages<Item extends object = Readonly<Record<string, unknown>>>(
  list: PagedList,
): Promise<readonly Item[]> {
  const { request, fetchPage, maxPages = defaultMaxPages, onOddity, signal } = list
  const collected: Item[] = []
  const seen = new Set<string>()
  let read = 0
  let cursor: string | undefined
  for (let page = 1; ; page += 1) {
    if (signal?.aborted === true) throw signal.reason
    if (page > maxPages) throw new TooManyPagesError(request, 'pages', maxPages)
    const answer = await fetchPage(cursor)
    const sent = readItems(list, answer)
    read += sent.length
    if (read > maxListItems) throw new TooManyPagesError(request, 'items', maxListItems)
    const items = sent.filter((item) => isIdentified(item, list.identifiedBy))
    for (const item of items) collected.push(item as Item)
    if (items.length < sent.length) onOddity?.({ kind: 'dropped_items', count: sent.length - items.length, page })
    cursor = readCursor(request, answer)
    if (cursor === undefined) return collected
    if (seen.has(cursor)) {
      onOddity?.({ kind: 'repeated_cursor', cursor, pages: page })
      return collected
    }
    seen.add(cursor)
  }
}

function readItems(list: PagedList, answer: unknown): readonly unknown[] {
  const where = `${list.request} ${list.items}`
  if (typeof answer !== 'object' || answer === null) throw new MalformedMessageError(list.request, answer, 'an object')
  const items = (answer as Readonly<Record<string, unknown>>)[list.items]
  if (!Array.isArray(items)) throw new MalformedMessageError(where, items, 'an array')
  return items
}

function readCursor(request: string, answer: Readonly<Record<string, unknown>>): string | undefined {
  const cursor = answer['nextCursor']
  if (cursor === undefined || cursor === null || cursor === '') return undefined
  if (typeof cursor !== 'string') throw new MalformedMessageError(`${request} nextCursor`, cursor, 'a string')
  if (cursor.length <= maxCursorLength) return cursor
  throw new MalformedMessageError(`${request} nextCursor`, cursor, `a string of at most ${maxCursorLength} characters`)
}

function isIdentified(item: unknown, identifiedBy: string): boolean {
  if (typeof item !== 'object' || item === null || !Object.hasOwn(item, identifiedBy)) return false
  return typeof (item as Readonly<Record<string, unknown>>)[identifiedBy] === 'string'
}
