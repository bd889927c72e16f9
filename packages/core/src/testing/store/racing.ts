import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import type { Claim, TaskStore } from '../../store/task-store.ts'
import {
  cancelled,
  ifOpen,
  longMs,
  newTask,
  passShort,
  put,
  putTaken,
  read,
  shortMs,
  sweepIds,
  takeLost,
  worker,
} from './fixtures.ts'
import type { SharedCases } from './store-cases.ts'

/** Races for a task, or for the place of one. */
export const racing: SharedCases = {
  'a hundred claims of one task at once: one wins': async (_under, handles) => {
    const { id } = await put(handles[0])
    const claims = await atOnce(100, handles, (store) => store.claim(id, worker))
    const won = claims.filter((claim) => claim !== undefined)
    equal(won.length, 1)
    const task = await read(handles[0], id)
    deepEqual([task.attempt, task], [1, won[0]!.task])
    const note = await handles[1].note(id, { statusMessage: 'mine' }, { ...ifOpen, token: won[0]!.token })
    equal(note.kind, 'written')
  },

  'claims of many tasks at once: each is won once': async (_under, handles) => {
    const ids = await Promise.all(Array.from({ length: 20 }, async () => (await put(handles[0])).id))
    const won = await atOnce(6, handles, async (store) => {
      const mine: Claim[] = []
      for (const id of ids) mine.push(...[await store.claim(id, worker)].filter((claim) => claim !== undefined))
      return mine
    })
    deepEqual(
      won
        .flat()
        .map(({ task }) => task.id)
        .toSorted(),
      ids.toSorted(),
    )
  },

  'claims of a task whose lease ran out, at once: one wins, and the first holder has lost it': async (
    under,
    handles,
  ) => {
    const { task, token } = await putTaken(handles[0], {}, shortMs)
    await passShort(under)
    const claims = await atOnce(20, handles, (store) => store.claim(task.id, worker))
    equal(claims.filter((claim) => claim !== undefined).length, 1)
    equal((await read(handles[1], task.id)).attempt, 2)
    deepEqual(await handles[0].heartbeat([{ id: task.id, token }], longMs), new Map([[task.id, 'lost']]))
  },

  'a heartbeat that comes with a claim: one of both holds the task': async (under, handles) => {
    for (let round = 0; round < 5; round += 1) {
      const { task, token } = await putTaken(handles[0], {}, shortMs)
      await passShort(under)
      const [states, claim] = await Promise.all([
        handles[0].heartbeat([{ id: task.id, token }], longMs),
        handles[1].claim(task.id, worker),
      ])
      equal(states.get(task.id), claim === undefined ? 'held' : 'lost')
      const writes = await handles[0].note(task.id, { statusMessage: 'x' }, { ...ifOpen, token })
      equal(writes.kind, claim === undefined ? 'written' : 'refused')
    }
  },

  'searches for what was lost, at once: each task is found once': async (under, handles) => {
    const once = { onCrash: 'fail', maxAttempts: 1 } as const
    const ids = await Promise.all(
      Array.from({ length: 5 }, async () => (await putTaken(handles[0], once, shortMs)).task.id),
    )
    await passShort(under)
    const found = await atOnce(20, handles, (store) => takeLost(store, { namespace: 'test', leaseMs: longMs }))
    deepEqual(found.flatMap((claim) => (claim === undefined ? [] : [claim.task.id])).toSorted(), ids.toSorted())
  },

  'a claim that comes with a cancellation: whoever claimed is told': async (_under, handles) => {
    for (let round = 0; round < 10; round += 1) {
      const { id } = await put(handles[0])
      const [claim, end] = await Promise.all([handles[0].claim(id, worker), handles[1].end(id, cancelled, ifOpen)])
      equal(end.kind, 'written')
      equal((await read(handles[0], id)).status, 'cancelled')
      if (claim === undefined) continue
      const states = await handles[0].heartbeat([{ id, token: claim.token }], longMs)
      notEqual(states.get(id), 'held')
    }
  },

  'a task of one id, created many times at once, is created once': async (_under, handles) => {
    const given = newTask()
    const results = await atOnce(20, handles, (store, index) => store.create({ ...given, tool: `tool ${index}` }))
    const created = results.filter((result) => result.kind === 'created')
    equal(created.length, 1)
    ok(results.every(({ kind }) => kind === 'created' || kind === 'exists'))
    deepEqual(await handles[1].get(given.id), created[0]!.task)
    equal((await handles[0].list({}, { limit: 50 })).tasks.length, 1)
  },

  'tasks created at once never exceed the maximum of their quota': async (_under, handles) => {
    const results = await atOnce(30, handles, (store) => store.create(newTask(), { maxOpen: 7 }))
    equal(results.filter(({ kind }) => kind === 'created').length, 7)
    ok(results.every(({ kind }) => kind === 'created' || kind === 'full'))
    equal((await handles[1].count({})).working, 7)
  },

  'tasks created at once are listed once each, in one order': async (_under, handles) => {
    const created = await atOnce(20, handles, async (store) => (await put(store)).id)
    const listed: string[] = []
    for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
      const page = await handles[1].list({}, { limit: 3, ...(cursor !== undefined && { cursor }) })
      listed.push(...page.tasks.map(({ id }) => id))
      cursor = page.nextCursor
    }
    deepEqual(listed.toSorted(), created.toSorted())
    const { tasks } = await handles[0].list({}, { limit: 50 })
    deepEqual(
      tasks.map(({ id }) => id),
      listed,
    )
  },

  'sweeps at once: each expired task is named once': async (under, handles) => {
    const short = { ttlMs: shortMs, maxTtlMs: shortMs }
    const ids = await Promise.all(Array.from({ length: 8 }, async () => (await put(handles[0], short)).id))
    await passShort(under)
    const swept = await atOnce(4, handles, (store) => sweepIds(store, 3))
    const rest = await sweepIds(handles[0], 100)
    deepEqual([...swept.flat(), ...rest].toSorted(), ids.toSorted())
  },
}

/** Does something `count` times at once, by turns through one handle and the other. */
export async function atOnce<T>(
  count: number,
  handles: readonly [TaskStore, TaskStore],
  act: (store: TaskStore, index: number) => Promise<T>,
): Promise<readonly T[]> {
  return await Promise.all(Array.from({ length: count }, (_, index) => act(handles[index % 2]!, index)))
}
