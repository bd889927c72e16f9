import { deepEqual, equal, ok } from 'node:assert/strict'
import type { NewTask } from '../../store/task-record.ts'
import {
  answer,
  claimableIds,
  completed,
  ifOpen,
  longMs,
  newTask,
  passShort,
  put,
  putTaken,
  question,
  read,
  shortMs,
  sweepIds,
  take,
  takeLost,
  worker,
  writes,
} from './fixtures.ts'
import type { StoreCases } from './store-cases.ts'

const shortLived: Partial<NewTask> = { ttlMs: shortMs, maxTtlMs: shortMs }
const day = 86_400_000

export const expiring: StoreCases = {
  'a task that expired is gone to every method, swept or not': async (under) => {
    const { store } = under
    const { task, token } = await putTaken(store, { ...shortLived, onCrash: 'fail' }, shortMs)
    const { id } = task
    await store.ask(id, question('q'), ifOpen)
    await store.saveStep(id, { key: 's', value: 1 }, ifOpen)
    await passShort(under)
    equal(await store.get(id), undefined)
    equal(await store.get(id, task.owner), undefined)
    for (const [name, write] of Object.entries(writes(store, id, { ...ifOpen, token }))) {
      deepEqual(await write(), { kind: 'missing' }, name)
    }
    deepEqual(await store.answer(id, new Map([['q', answer('late')]])), { kind: 'missing' })
    deepEqual(await store.release(id, token), { kind: 'missing' })
    deepEqual(await store.heartbeat([{ id, token }], longMs), new Map([[id, 'lost']]))
    equal(await store.claim(id, worker), undefined)
    deepEqual(await claimableIds(store, worker, 9), [])
    equal(await takeLost(store, worker), undefined)
    deepEqual([(await store.steps(id)).size, await store.history(id)], [0, []])
    deepEqual(await store.list({}, { limit: 9 }), { tasks: [] })
    equal((await store.count({})).input_required, 0)
  },

  'a task that has ended expires like any other': async (under) => {
    const { store } = under
    const { id } = await put(store, { ttlMs: shortMs })
    await store.end(id, { ...completed(), retentionMs: 0 }, ifOpen)
    await passShort(under)
    equal(await store.get(id), undefined)
  },

  'an open task outlives its ttl, up to its longest': async (under) => {
    const { store } = under
    for (const ttlMs of [0, shortMs]) {
      const { id } = await put(store, { ttlMs, maxTtlMs: longMs })
      await passShort(under)
      equal((await read(store, id)).status, 'working')
      await take(store, id)
    }
  },

  'a task that may live no time is gone at once': async ({ store }) => {
    const { id } = newTask()
    await store.create(newTask({ id, ttlMs: 0, maxTtlMs: 0 }))
    equal(await store.get(id), undefined)
    deepEqual(await store.list({}, { limit: 9 }), { tasks: [] })
  },

  'a ttl longer than a timer does not end at once': async (under) => {
    const { store } = under
    const tasks = []
    for (const ttlMs of [2 ** 31 - 1, 2 ** 31, 30 * day, 36_500 * day]) {
      tasks.push(await put(store, { ttlMs, maxTtlMs: ttlMs }))
    }
    await passShort(under)
    equal((await sweepIds(store, 100)).length, 0)
    for (const { id, ttlMs, createdAtMs, expiresAtMs } of tasks) {
      equal(expiresAtMs, createdAtMs + ttlMs!)
      await store.end(id, { ...completed(), retentionMs: 0 }, ifOpen)
      equal((await read(store, id)).ttlMs, ttlMs)
    }
    await passShort(under)
    equal((await store.list({}, { limit: 9 })).tasks.length, 4)
  },

  'a task without an end to its ttl stays, open or not': async (under) => {
    const { store } = under
    const forEver = { ttlMs: null, maxTtlMs: null }
    const [open, ended] = [await put(store, forEver), await put(store, forEver)]
    await store.end(ended.id, { ...completed(), retentionMs: 0 }, ifOpen)
    await passShort(under)
    deepEqual(await sweepIds(store, 9), [])
    ok((await store.get(open.id)) !== undefined)
    ok((await store.get(ended.id)) !== undefined)
  },

  'a sweep deletes what expired, and says what it was': async (under) => {
    const { store } = under
    const gone = [await put(store, shortLived), await put(store, { ...shortLived, hidden: true })]
    const ended = await put(store, { ttlMs: shortMs })
    await store.end(ended.id, { ...completed(), retentionMs: 0 }, ifOpen)
    const stay = await put(store)
    await passShort(under)
    deepEqual((await sweepIds(store, 100)).toSorted(), [...gone, ended].map(({ id }) => id).toSorted())
    deepEqual(await sweepIds(store, 100), [])
    equal((await read(store, stay.id)).status, 'working')
  },

  'a sweep deletes no more than it was told to': async (under) => {
    const { store } = under
    const ids = new Set<string>()
    for (let count = 0; count < 5; count += 1) ids.add((await put(store, shortLived)).id)
    await passShort(under)
    const sweeps = [
      await sweepIds(store, 2),
      await sweepIds(store, 2),
      await sweepIds(store, 2),
      await sweepIds(store, 2),
    ]
    deepEqual(
      sweeps.map(({ length }) => length),
      [2, 2, 1, 0],
    )
    deepEqual(new Set(sweeps.flat()), ids)
  },

  'the id of an expired task is free, and who gets it finds nothing of the other': async (under) => {
    const { store } = under
    for (const isSwept of [false, true]) {
      const { task } = await putTaken(store, shortLived)
      const { id } = task
      await store.saveStep(id, { key: 's', value: 1 }, ifOpen)
      await store.ask(id, question('q'), ifOpen)
      await passShort(under)
      if (isSwept) await sweepIds(store, 9)
      const { status, attempt, questions } = await put(store, { id })
      deepEqual([status, attempt, questions], ['working', 0, []])
      equal((await store.steps(id)).size, 0)
      deepEqual(
        (await store.history(id)).map(({ event }) => event),
        ['created'],
      )
      await take(store, id)
    }
  },
}
