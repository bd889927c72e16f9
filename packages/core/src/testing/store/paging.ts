import { deepEqual, ok, rejects } from 'node:assert/strict'
import { BadCursorError } from '../../store/bad-cursor-error.ts'
import type { TaskFilter, TaskStore } from '../../store/task-store.ts'
import { completed, ifOpen, passShort, put, shortMs } from './fixtures.ts'
import type { StoreCases } from './store-cases.ts'

export const paging: StoreCases = {
  'pages hold every task once, and the last has no cursor': async ({ store }) => {
    const ids = await putTasks(store, 11)
    for (const limit of [1, 3, 10, 11, 12]) {
      const pages = await allPages(store, {}, limit)
      deepEqual(pages.flat(), ids, `limit ${limit}`)
      ok(
        pages.every(({ length }) => length <= limit),
        `limit ${limit}`,
      )
    }
  },

  'pages hold what fits the filter': async ({ store }) => {
    const ids: string[] = []
    for (let count = 0; count < 7; count += 1) {
      await put(store, { owner: 'bob' })
      ids.unshift((await put(store)).id)
    }
    deepEqual((await allPages(store, { owner: 'ann' }, 3)).flat(), ids)
  },

  'tasks that come while somebody pages neither move nor repeat the rest': async ({ store }) => {
    const ids = await putTasks(store, 6)
    const pages = await allPages(store, {}, 2, undefined, async () => void (await put(store)))
    deepEqual(pages.flat(), ids)
  },

  'tasks that end while somebody pages stay in their place': async ({ store }) => {
    const ids = await putTasks(store, 6)
    const ends = ids.toReversed()
    const pages = await allPages(
      store,
      {},
      2,
      undefined,
      async () => void (await store.end(ends.shift()!, completed(), ifOpen)),
    )
    deepEqual(pages.flat(), ids)
  },

  'a cursor is good although the tasks of its page are gone': async (under) => {
    const { store } = under
    const stay = await putTasks(store, 2)
    await putTasks(store, 2, { ttlMs: shortMs, maxTtlMs: shortMs })
    const { nextCursor } = await store.list({}, { limit: 2 })
    ok(nextCursor !== undefined)
    await passShort(under)
    await store.sweep(10)
    deepEqual((await allPages(store, {}, 2, nextCursor)).flat(), stay)
  },

  'a cursor may be used twice': async ({ store }) => {
    await putTasks(store, 5)
    const { nextCursor } = await store.list({}, { limit: 2 })
    const again = { limit: 2, cursor: nextCursor! }
    deepEqual(await store.list({}, again), await store.list({}, again))
  },

  'a page may have another limit than the one before': async ({ store }) => {
    const ids = await putTasks(store, 5)
    const { tasks, nextCursor } = await store.list({}, { limit: 2 })
    deepEqual((await allPages(store, {}, 50, nextCursor)).flat(), ids.slice(tasks.length))
  },

  'what is no cursor is refused': async ({ store }) => {
    const [id] = await putTasks(store, 3)
    const { nextCursor } = await store.list({}, { limit: 1 })
    const made = [
      '',
      ' ',
      'x',
      '0',
      '1',
      '-1',
      'null',
      '%%%',
      '漢',
      id!,
      ...['null', '{}', '[]', '[1]', '"x"', '1e9'].map(btoa),
    ]
    const changed = [nextCursor!.slice(1), nextCursor!.slice(0, -5), `x${nextCursor}`]
    for (const cursor of [...made, ...changed, 'x'.repeat(100_000)]) {
      await rejects(store.list({}, { limit: 1, cursor }), BadCursorError, cursor.slice(0, 80))
    }
  },

  'a cursor of another list is refused': async ({ store }) => {
    const filters: readonly TaskFilter[] = [
      {},
      { owner: 'ann' },
      { owner: 'bob' },
      { owner: '' },
      { namespace: 'ann' },
      { tool: 'ann' },
      { statuses: ['working'] },
      { statuses: [] },
    ]
    for (const owner of ['ann', 'bob', '']) {
      await put(store, { owner, namespace: 'ann', tool: 'ann' })
      await put(store, { owner, namespace: 'ann', tool: 'ann' })
    }
    for (const filter of filters) {
      const { nextCursor } = await store.list(filter, { limit: 1 })
      if (nextCursor === undefined) continue
      for (const other of filters.filter((each) => each !== filter)) {
        const names = `${JSON.stringify(filter)} then ${JSON.stringify(other)}`
        await rejects(store.list(other, { limit: 1, cursor: nextCursor }), BadCursorError, names)
      }
    }
  },
}

/** Puts tasks in, and gives their ids, newest first. */
async function putTasks(store: TaskStore, count: number, over?: Parameters<typeof put>[1]): Promise<readonly string[]> {
  const ids: string[] = []
  for (let index = 0; index < count; index += 1) ids.unshift((await put(store, over)).id)
  return ids
}

/** The ids of every page after a cursor. Between two pages, something may happen. */
async function allPages(
  store: TaskStore,
  filter: TaskFilter,
  limit: number,
  after?: string,
  between: () => Promise<void> = async () => {},
): Promise<readonly (readonly string[])[]> {
  const pages: (readonly string[])[] = []
  let cursor = after
  do {
    const page = await store.list(filter, { limit, ...(cursor !== undefined && { cursor }) })
    pages.push(page.tasks.map(({ id }) => id))
    cursor = page.nextCursor
    await between()
    ok(pages.length < 50, 'There is no last page.')
  } while (cursor !== undefined)
  return pages
}
