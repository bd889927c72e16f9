import { summaryOf } from '../../store/task-rules.ts'
import { deepEqual, equal } from 'node:assert/strict'
import type { TaskFilter, TaskStore } from '../../store/task-store.ts'
import { cancelled, completed, ifOpen, passShort, put, question, read, shortMs, take } from './fixtures.ts'
import type { StoreCases } from './store-cases.ts'

export const listing: StoreCases = {
  'tasks are listed newest first, each as it stands': async ({ store }) => {
    const ids: string[] = []
    for (let count = 0; count < 12; count += 1) ids.unshift((await put(store)).id)
    await store.end(ids[5]!, completed(), ifOpen)
    await store.note(ids[11]!, { statusMessage: 'moved' }, ifOpen)
    const { tasks, nextCursor } = await store.list({}, { limit: 50 })
    equal(nextCursor, undefined)
    deepEqual(
      tasks.map(({ id }) => id),
      ids,
    )
    const asTheyStand = await Promise.all(ids.map(async (id) => summaryOf(await read(store, id))))
    deepEqual(tasks, asTheyStand)
  },

  'an empty store lists nothing': async ({ store }) => {
    deepEqual(await store.list({}, { limit: 5 }), { tasks: [] })
  },

  'a list shows what fits its filter, and all of that': async ({ store }) => {
    const { names, filters } = await putMany(store)
    for (const [filter, expected] of filters) {
      const { tasks } = await store.list(filter, { limit: 50 })
      deepEqual(
        tasks.map(({ id }) => names.get(id)),
        expected,
        JSON.stringify(filter),
      )
    }
  },

  'a count counts what a list shows': async ({ store }) => {
    const { filters } = await putMany(store)
    for (const [filter, expected] of filters) {
      const counts = await store.count(filter)
      const sum = Object.values(counts).reduce((total, count) => total + count, 0)
      equal(sum, expected.length, JSON.stringify(filter))
    }
    deepEqual(await store.count({ namespace: 'test' }), {
      working: 3,
      input_required: 1,
      completed: 1,
      failed: 0,
      cancelled: 1,
    })
    deepEqual(await store.count({ statuses: ['completed'] }), {
      working: 0,
      input_required: 0,
      completed: 1,
      failed: 0,
      cancelled: 0,
    })
  },

  'expired tasks are neither listed nor counted': async (under) => {
    const { store } = under
    await put(store, { ttlMs: shortMs, maxTtlMs: shortMs })
    const { id } = await put(store)
    await passShort(under)
    deepEqual(
      (await store.list({}, { limit: 5 })).tasks.map((task) => task.id),
      [id],
    )
    equal((await store.count({})).working, 1)
  },
}

/** Tasks of all kinds, and which of them each filter shows, newest first. */
async function putMany(store: TaskStore): Promise<{
  readonly names: ReadonlyMap<string, string>
  readonly filters: readonly (readonly [TaskFilter, readonly string[]])[]
}> {
  const ann = await put(store)
  const bob = await put(store, { owner: 'bob' })
  const nobody = await put(store, { owner: '' })
  const print = await put(store, { tool: 'print' })
  const other = await put(store, { namespace: 'other' })
  const waiting = await put(store)
  await store.ask(waiting.id, question('q'), ifOpen)
  const done = await put(store)
  await store.end(done.id, completed(), ifOpen)
  await store.end(print.id, cancelled, ifOpen)
  await put(store, { hidden: true })
  await put(store, { hidden: true }, { leaseMs: shortMs })
  await take(store, ann.id)
  const names = new Map(
    Object.entries({ ann, bob, nobody, print, other, waiting, done }).map(([name, { id }]) => [id, name]),
  )
  const filters: readonly (readonly [TaskFilter, readonly string[]])[] = [
    [{}, ['done', 'waiting', 'other', 'print', 'nobody', 'bob', 'ann']],
    [{ namespace: 'test' }, ['done', 'waiting', 'print', 'nobody', 'bob', 'ann']],
    [{ owner: 'ann' }, ['done', 'waiting', 'other', 'print', 'ann']],
    [{ owner: '' }, ['nobody']],
    [{ owner: 'an' }, []],
    [{ tool: 'print' }, ['print']],
    [{ statuses: ['working'] }, ['other', 'nobody', 'bob', 'ann']],
    [{ statuses: ['completed', 'input_required'] }, ['done', 'waiting']],
    [{ statuses: [] }, []],
    [{ namespace: 'test', owner: 'ann', tool: 'render', statuses: ['working'] }, ['ann']],
    [{ namespace: 'other', owner: 'bob' }, []],
  ]
  return { names, filters }
}
