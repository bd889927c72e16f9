import { deepEqual, equal, ok } from 'node:assert/strict'
import type { NewTask } from '../../store/task-record.ts'
import type { TaskStore } from '../../store/task-store.ts'
import {
  completed,
  ifOpen,
  longMs,
  passShort,
  put,
  putTaken,
  question,
  read,
  shortMs,
  take,
  worker,
} from './fixtures.ts'
import type { StoreCases } from './store-cases.ts'

const once: Partial<NewTask> = { onCrash: 'fail', maxAttempts: 1 }
const shortLived: Partial<NewTask> = { ttlMs: shortMs, maxTtlMs: shortMs }

/** What looks through many tasks: a part at a time. */
export const searching: StoreCases = {
  'pages of claimable tasks hold each once, the oldest first, with its tool and namespace': async ({ store }) => {
    const ids = await putTasks(store, 7)
    for (const limit of [1, 3, 7, 8]) deepEqual(await walk(store, limit), ids, `limit ${limit}`)
    const { tasks } = await store.claimable(worker, { limit: 1 })
    deepEqual(tasks, [{ id: ids[0], namespace: 'test', tool: 'render' }])
  },

  'claimable tasks that are taken while somebody pages are passed over, and the rest is found': async ({ store }) => {
    const ids = await putTasks(store, 6)
    const rest = ids.slice()
    const found = await walk(store, 1, async () => {
      const id = rest.pop()
      if (id !== undefined && rest.length >= 3) await take(store, id)
    })
    deepEqual(found, ids.slice(0, 3))
  },

  'a cursor of claimable tasks is good although the tasks of its page are taken': async ({ store }) => {
    const ids = await putTasks(store, 3)
    const { tasks, nextCursor } = await store.claimable(worker, { limit: 1 })
    ok(nextCursor !== undefined)
    for (const { id } of tasks) await take(store, id)
    const rest = await store.claimable(worker, { limit: 9, cursor: nextCursor })
    deepEqual(
      rest.tasks.map(({ id }) => id),
      ids.slice(1),
    )
  },

  'of what was lost, no more is taken than was asked for': async (under) => {
    const { store } = under
    const ids: string[] = []
    for (let count = 0; count < 5; count += 1) ids.push((await putTaken(store, once, shortMs)).task.id)
    await passShort(under)
    const finder = { namespace: 'test', leaseMs: longMs }
    const taken = [await store.claimLost(finder, 2), await store.claimLost(finder, 2), await store.claimLost(finder, 2)]
    deepEqual(
      taken.map(({ length }) => length),
      [2, 2, 1],
    )
    const claims = taken.flat()
    deepEqual(claims.map(({ task }) => task.id).toSorted(), ids.toSorted())
    equal(new Set(claims.map(({ token }) => token)).size, 5)
    for (const { task, token } of claims) {
      deepEqual(await store.get(task.id), task)
      equal((await store.end(task.id, completed(), { ...ifOpen, token })).kind, 'written')
    }
    deepEqual(await store.claimLost(finder, 2), [])
  },

  'a sweep says what each expired task was': async (under) => {
    const { store } = under
    const waiting = await put(store, { ...shortLived, owner: 'bob', tool: 'print' })
    await store.ask(waiting.id, question('q'), ifOpen)
    const ended = await put(store, { ...shortLived, namespace: 'other' })
    await store.end(ended.id, { ...completed(), retentionMs: 0 }, ifOpen)
    await passShort(under)
    const swept = new Map((await store.sweep(9)).map((task) => [task.id, task]))
    deepEqual(
      swept,
      new Map([
        [waiting.id, { id: waiting.id, namespace: 'test', tool: 'print', owner: 'bob', status: 'input_required' }],
        [ended.id, { id: ended.id, namespace: 'other', tool: 'render', owner: 'ann', status: 'completed' }],
      ]),
    )
  },

  'a sweep names what somebody found gone before it, and names it once': async (under) => {
    const { store } = under
    const { id } = await put(store, shortLived)
    const stay = await put(store)
    await passShort(under)
    equal(await store.get(id), undefined)
    await store.claimable(worker, { limit: 9 })
    await store.list({}, { limit: 9 })
    deepEqual(
      (await store.sweep(9)).map((task) => task.id),
      [id],
    )
    deepEqual(await store.sweep(9), [])
    equal((await read(store, stay.id)).status, 'working')
  },
}

async function putTasks(store: TaskStore, count: number): Promise<readonly string[]> {
  const ids: string[] = []
  for (let index = 0; index < count; index += 1) ids.push((await put(store)).id)
  return ids
}

/** The ids of all that is claimable, page by page. Between two pages, something may happen. */
async function walk(
  store: TaskStore,
  limit: number,
  between: () => Promise<void> = async () => {},
): Promise<readonly string[]> {
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const page = await store.claimable(worker, { limit, ...(cursor !== undefined && { cursor }) })
    ok(page.tasks.length <= limit)
    ids.push(...page.tasks.map(({ id }) => id))
    cursor = page.nextCursor
    await between()
    ok(ids.length < 50, 'There is no last page.')
  } while (cursor !== undefined)
  return ids
}
