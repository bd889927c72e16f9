import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import type { TaskList, TaskSnapshot } from '@longcall/core'
import { InvalidOptionError } from '../errors/usage-errors.ts'
import type { TaskWire } from '../tasks/task-wire.ts'
import { listOnServer } from './list-tasks.ts'

type List = NonNullable<TaskWire['list']>

function task(id: string): TaskSnapshot {
  const at = '2026-01-01T00:00:00.000Z'
  return { id, status: 'working', createdAt: at, lastUpdatedAt: at, ttlMs: null }
}

/** A server's list whose pages have these lengths. */
function pages(lengths: readonly number[]): { readonly list: List; readonly ids: readonly string[] } {
  let last = 0
  const all = lengths.map((length) => Array.from({ length }, () => task(`t${(last += 1)}`)))
  const list: List = (cursor) => {
    const at = cursor === undefined ? 0 : Number(cursor.replace('page ', ''))
    const page: TaskList = {
      tasks: all[at] ?? [],
      unreadable: 0,
      ...(at + 1 < all.length && { nextCursor: `page ${at + 1}` }),
    }
    return Promise.resolve(page)
  }
  return { list, ids: all.flat().map(({ id }) => id) }
}

describe("the server's tasks", () => {
  test('come all, once and in order, whatever the limit and the length of its pages', async () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 6 })
    const limits = fc.array(fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }), {
      minLength: 1,
      maxLength: 4,
    })
    await fc.assert(
      fc.asyncProperty(lengths, limits, async (each, given) => {
        const { list, ids } = pages(each)
        const seen: string[] = []
        let cursor: string | undefined
        for (let page = 0; page === 0 || cursor !== undefined; page += 1) {
          const limit = given[page % given.length]
          const options = { ...(cursor !== undefined && { cursor }), ...(limit !== undefined && { limit }) }
          const listing = await listOnServer(list, options)
          if (limit !== undefined) expect(listing.tasks.length).toBeLessThanOrEqual(limit)
          expect(listing.source).toBe('server')
          seen.push(...listing.tasks.map(({ id }) => id))
          cursor = listing.nextCursor
        }
        expect(seen).toEqual(ids)
      }),
    )
  })

  test('without a limit are listed by the cursors of the server, untouched', async () => {
    const list = vi.fn<List>(() =>
      Promise.resolve({ tasks: [task('t1')], unreadable: 0, nextCursor: 'théir cursor/2' }),
    )
    const first = await listOnServer(list, { cursor: 'théir cursor/1' })
    expect(list.mock.calls[0]?.[0]).toBe('théir cursor/1')
    expect(first.nextCursor).toBe('théir cursor/2')
  })

  test('that became fewer since the page before are not an error', async () => {
    const cut = await listOnServer(pages([5]).list, { limit: 3 })
    const { tasks, nextCursor } = await listOnServer(pages([2]).list, { limit: 3, cursor: cut.nextCursor! })
    expect([tasks, nextCursor]).toEqual([[], undefined])
  })

  test.each([
    'longcall:',
    'longcall:%%%',
    'longcall:e30',
    `longcall:${Buffer.from('{"skip":-1}').toString('base64url')}`,
  ])('are not listed from a cursor that is spoiled: %s', async (cursor) => {
    const list = vi.fn<List>()
    const error: unknown = await listOnServer(list, { cursor }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(InvalidOptionError)
    expect((error as Error).message).toContain(`Option cursor is ${JSON.stringify(cursor)}`)
    expect(list).not.toHaveBeenCalled()
  })
})
