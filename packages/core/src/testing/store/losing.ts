import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import type { NewTask } from '../../store/task-record.ts'
import type { Claim, TaskStore } from '../../store/task-store.ts'
import {
  finder,
  once,
  answer,
  cancelled,
  ifOpen,
  longMs,
  newTask,
  passShort,
  put,
  putTaken,
  question,
  read,
  shortMs,
  take,
  takeLost,
  written,
} from './fixtures.ts'
import type { StoreCases } from './store-cases.ts'

export const losing: StoreCases = {
  'a lost task of policy fail is taken to be ended, and its attempt stays': async (under) => {
    const { store } = under
    const { task, token } = await putTaken(store, once, shortMs)
    await passShort(under)
    const lost = await takeLost(store, finder)
    ok(lost !== undefined)
    deepEqual([lost.task.id, lost.task.attempt, lost.task.status], [task.id, 1, 'working'])
    notEqual(lost.token, token)
    deepEqual(await store.get(task.id), lost.task)
    equal((await store.note(task.id, { statusMessage: 'late' }, { ...ifOpen, token })).kind, 'refused')
    equal((await written(store.end(task.id, cancelled, { ...ifOpen, token: lost.token }))).status, 'cancelled')
    equal(await takeLost(store, finder), undefined)
  },

  'what is lost is what must not run again: all of that, each once': async (under) => {
    const { store } = under
    const lost = [
      await putTaken(store, once, shortMs),
      await putTaken(store, { maxAttempts: 1 }, shortMs),
      await putWaiting(store, once, shortMs),
      await putTaken(store, { ...once, maxAttempts: 3 }, shortMs),
      await putHidden(store, shortMs),
      await putHidden(store, shortMs, { onCrash: 'rerun', maxAttempts: 3 }),
      await putWaiting(store, { hidden: true }, shortMs),
    ].map(({ task }) => task.id)
    await passShort(under)
    deepEqual((await allLost(store)).toSorted(), lost.toSorted())
  },

  'nothing else is lost': async (under) => {
    const { store } = under
    await put(store, once)
    await putTaken(store, once)
    await putHidden(store, longMs)
    await put(store, { hidden: true })
    await putTaken(store, { maxAttempts: 2 }, shortMs)
    // Its last attempt is over, but it goes on only when somebody answers.
    await putWaiting(store, { maxAttempts: 1 }, shortMs)
    const ended = await putTaken(store, once, shortMs)
    await store.end(ended.task.id, cancelled, ifOpen)
    const outside = await putTaken(store, once, shortMs)
    await store.release(outside.task.id, outside.token, { elsewhere: true })
    const expired = await putTaken(store, { ...once, ttlMs: shortMs, maxTtlMs: shortMs }, shortMs)
    await putTaken(store, { ...once }, shortMs).then(({ task, token }) =>
      store.heartbeat([{ id: task.id, token }], longMs),
    )
    await passShort(under)
    deepEqual(await allLost(store), [])
    equal(await store.get(expired.task.id), undefined)
  },

  'a task whose last attempt waits is lost once it is answered': async (under) => {
    const { store } = under
    const { task } = await putWaiting(store, { maxAttempts: 1 }, shortMs)
    await passShort(under)
    equal(await takeLost(store, finder), undefined)
    await store.answer(task.id, new Map([['q', answer('yes')]]))
    deepEqual(await allLost(store), [task.id])
  },

  'a lost task is lost again when who took it is gone as well': async (under) => {
    const { store } = under
    const { task } = await putTaken(store, once, shortMs)
    await passShort(under)
    ok((await takeLost(store, { ...finder, leaseMs: shortMs })) !== undefined)
    await passShort(under)
    deepEqual(await allLost(store), [task.id])
  },

  "another namespace's tasks are not found": async (under) => {
    const { store } = under
    const other = { namespace: 'other', tools: ['render'], leaseMs: shortMs }
    const { id } = await put(store, { ...once, namespace: 'other' })
    ok((await store.claim(id, other)) !== undefined)
    await passShort(under)
    equal(await takeLost(store, finder), undefined)
    equal((await takeLost(store, { ...finder, namespace: 'other' }))?.task.id, id)
  },

  'a lost task is found whatever its tool': async (under) => {
    const { store } = under
    const { id } = await put(store, { ...once, tool: 'gone' })
    ok((await store.claim(id, { ...finder, tools: ['gone'], leaseMs: shortMs })) !== undefined)
    await passShort(under)
    deepEqual(await allLost(store), [id])
  },

  'a task that may run again is not taken to be ended': async (under) => {
    const { store } = under
    const { task } = await putTaken(store, {}, shortMs)
    await passShort(under)
    equal(await takeLost(store, finder), undefined)
    await take(store, task.id)
  },
}

async function putWaiting(store: TaskStore, over: Partial<NewTask>, leaseMs: number): Promise<Claim> {
  const held = over.hidden === true ? await putHidden(store, leaseMs) : await putTaken(store, over, leaseMs)
  await store.ask(held.task.id, question('q'), { ...ifOpen, token: held.token })
  return { ...held, task: await read(store, held.task.id) }
}

async function putHidden(store: TaskStore, leaseMs: number, over: Partial<NewTask> = once): Promise<Claim> {
  const created = await store.create(newTask({ ...over, hidden: true }), { leaseMs })
  ok(created.kind === 'created' && created.token !== undefined)
  return { task: created.task, token: created.token }
}

/** Takes all that is lost, and gives the ids. */
async function allLost(store: TaskStore): Promise<readonly string[]> {
  const ids: string[] = []
  for (;;) {
    const lost = await takeLost(store, finder)
    if (lost === undefined) return ids
    ids.push(lost.task.id)
    ok(ids.length < 100, 'There is no end of what is lost.')
  }
}
