import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MalformedMessageError } from '@longcall/core'
import { TooManyPagesError } from '../errors/too-many-pages-error.ts'
import { allPages, maxCursorLength, maxListItems, type ListOddity, type PagedList } from './pages.ts'

type Page = Readonly<Record<string, unknown>>

/** Reads a list whose pages a function makes; tells what was read, asked for and found odd. */
async function walk(makePage: (cursor: string | undefined, at: number) => unknown, more: Partial<PagedList> = {}) {
  const asked: (string | undefined)[] = []
  const oddities: ListOddity[] = []
  const items = await allPages<{ name: string }>({
    request: 'tools/list',
    items: 'tools',
    identifiedBy: 'name',
    fetchPage: async (cursor) => {
      asked.push(cursor)
      return await Promise.resolve(makePage(cursor, asked.length) as Page)
    },
    onOddity: (oddity) => oddities.push(oddity),
    ...more,
  })
  return { names: items.map((item) => item.name), asked, oddities }
}

describe('a list', () => {
  test('is read to its last page, in order', async () => {
    const pages: Record<string, Page> = {
      first: { tools: [{ name: 'a' }, { name: 'b' }], nextCursor: 'x' },
      x: { tools: [], nextCursor: 'y' },
      y: { tools: [{ name: 'c' }] },
    }
    const read = await walk((cursor) => pages[cursor ?? 'first'])
    expect(read).toEqual({ names: ['a', 'b', 'c'], asked: [undefined, 'x', 'y'], oddities: [] })
  })

  test.each([undefined, null, ''])('ends at a page whose cursor is %j', async (nextCursor) => {
    expect((await walk(() => ({ tools: [{ name: 'a' }], nextCursor }))).asked).toEqual([undefined])
  })

  test('ends at a cursor that was there before, which is told', async () => {
    const constant = await walk((_cursor, at) => ({ tools: [{ name: `t${at}` }], nextCursor: 'same' }))
    expect(constant.names).toEqual(['t1', 't2'])
    expect(constant.oddities).toEqual([{ kind: 'repeated_cursor', cursor: 'same', pages: 2 }])
    const cycling = await walk((_cursor, at) => ({ tools: [{ name: `t${at}` }], nextCursor: `c${at % 3}` }))
    expect(cycling.asked).toEqual([undefined, 'c1', 'c2', 'c0'])
    expect(cycling.oddities).toEqual([{ kind: 'repeated_cursor', cursor: 'c1', pages: 4 }])
  })

  test('ends whatever the cursors are', async () => {
    const cursors = fc.infiniteStream(fc.oneof(fc.constantFrom('a', 'b', 'c', '', null, undefined), fc.jsonValue()))
    await fc.assert(
      fc.asyncProperty(cursors, fc.integer({ min: 1, max: 20 }), async (stream, maxPages) => {
        let fetched = 0
        const fetchPage = (): unknown => {
          fetched += 1
          return { tools: [{ name: 't' }], nextCursor: stream.next().value }
        }
        const ending = await walk(fetchPage, { maxPages }).catch((error: unknown) => error)
        expect(fetched).toBeLessThanOrEqual(maxPages)
        if (ending instanceof Error) {
          expect(ending instanceof TooManyPagesError || ending instanceof MalformedMessageError).toBe(true)
        } else expect((ending as { names: string[] }).names).toHaveLength(fetched)
      }),
    )
  })

  test('may have as many pages as are allowed, and no more', async () => {
    const last = (count: number) => (_cursor: unknown, at: number) => ({
      tools: [],
      ...(at < count && { nextCursor: `c${at}` }),
    })
    expect((await walk(last(250))).asked).toHaveLength(250)
    await expect(walk(last(251))).rejects.toMatchObject({ code: 'too_many_pages', limit: 'pages', most: 250 })
    expect((await walk(last(3), { maxPages: 3 })).asked).toHaveLength(3)
    await expect(walk(last(4), { maxPages: 3 })).rejects.toThrow("tools/list: the server's list goes on past 3 pages")
  })

  test('may have as many items as are allowed, and no more', async () => {
    const tools = Array.from({ length: maxListItems / 2 }, () => ({ name: 't' }))
    const halves = (count: number, page: object[]) => (_cursor: unknown, at: number) => ({
      tools: page,
      ...(at < count && { nextCursor: `c${at}` }),
    })
    expect((await walk(halves(2, tools))).names).toHaveLength(maxListItems)
    await expect(walk(halves(3, tools))).rejects.toMatchObject({ code: 'too_many_pages', limit: 'items' })
    const nameless = tools.map(() => ({}))
    await expect(walk(halves(3, nameless))).rejects.toMatchObject({ code: 'too_many_pages', limit: 'items' })
  })

  test('leaves out what cannot be identified, and tells how much', async () => {
    const inherits: object = Object.create({ name: 'inherited' }) as object
    const tools = [{ name: 'a' }, null, 7, 'x', [], {}, { name: 7 }, inherits, { name: 'b' }]
    const read = await walk(() => ({ tools }))
    expect(read.names).toEqual(['a', 'b'])
    expect(read.oddities).toEqual([{ kind: 'dropped_items', count: 7, page: 1 }])
  })

  test.each([
    [{}, 'tools must be an array'],
    [{ tools: {} }, 'tools must be an array'],
    [{ tools: null }, 'tools must be an array'],
    [null, 'tools/list must be an object'],
    [{ tools: [], nextCursor: 7 }, 'nextCursor must be a string, but is 7'],
    [{ tools: [], nextCursor: {} }, 'nextCursor must be a string'],
    [{ tools: [], nextCursor: false }, 'nextCursor must be a string'],
    [{ tools: [], nextCursor: 'x'.repeat(maxCursorLength + 1) }, 'nextCursor must be a string of at most'],
  ])('that cannot be read is an error', async (page, message) => {
    await expect(walk(() => page)).rejects.toThrow(MalformedMessageError)
    await expect(walk(() => page)).rejects.toThrow(message)
  })

  test('is read no further once its signal aborts', async () => {
    const controller = new AbortController()
    const asked: number[] = []
    const pages = (_cursor: unknown, at: number): Page => {
      asked.push(at)
      if (at === 2) controller.abort(new Error('enough'))
      return { tools: [], nextCursor: `c${at}` }
    }
    await expect(walk(pages, { signal: controller.signal })).rejects.toThrow('enough')
    expect(asked).toEqual([1, 2])
    await expect(walk(pages, { signal: controller.signal })).rejects.toThrow('enough')
    expect(asked).toEqual([1, 2])
  })

  test('that cannot be fetched rejects with the reason', async () => {
    const lost = new Error('connection lost')
    await expect(walk(() => Promise.reject(lost))).rejects.toBe(lost)
  })
})
