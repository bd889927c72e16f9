import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import type { TaskStore } from '../../store/task-store.ts'
import {
  answer,
  claimableIds,
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
  updated,
  worker,
} from './fixtures.ts'
import type { StoreCases, StoreUnderTest } from './store-cases.ts'

export const claiming: StoreCases = {
  'a claim takes a task: one attempt more, and a token of its own': async ({ store }) => {
    const before = await put(store)
    const { task, token } = await take(store, before.id)
    const { updatedAtMs, ...rest } = task
    const { updatedAtMs: earlier, ...expected } = before
    deepEqual(rest, { ...expected, attempt: 1 })
    ok(updatedAtMs > earlier)
    deepEqual(await store.get(before.id), task)
    notEqual((await putTaken(store)).token, token)
    ok(token.length >= 16, 'Nobody may guess a token.')
  },

  'a task is claimed again when its lease ran out, under another token': async (under) => {
    const { store } = under
    const first = await putTaken(store, {}, shortMs)
    await passShort(under)
    const second = await take(store, first.task.id)
    equal(second.task.attempt, 2)
    notEqual(second.token, first.token)
  },

  'a released task is claimed again at once': async ({ store }) => {
    const { task, token } = await putTaken(store)
    await updated(store, task.id, store.release(task.id, token))
    equal((await take(store, task.id)).task.attempt, 2)
  },

  'a task is started as often as it may be, and no more': async (under) => {
    const { store } = under
    const { id } = await put(store, { maxAttempts: 2 })
    for (const attempt of [1, 2]) {
      equal((await take(store, id, shortMs)).task.attempt, attempt)
      await passShort(under)
    }
    equal(await store.claim(id, worker), undefined)
    equal((await read(store, id)).attempt, 2)
  },

  'what is begun anew after a release is not counted': async ({ store }) => {
    const { id } = await put(store, { maxAttempts: 2 })
    for (const attempt of [1, 2, 3, 4]) {
      const { task, token } = await take(store, id)
      deepEqual([task.attempt, task.releases], [attempt, attempt - 1])
      await updated(store, id, store.release(id, token))
    }
  },

  'a task of policy fail is started once': async (under) => {
    const { store } = under
    for (const maxAttempts of [1, 3]) {
      const { task } = await putTaken(store, { onCrash: 'fail', maxAttempts }, shortMs)
      await passShort(under)
      equal(await store.claim(task.id, worker), undefined)
      equal((await read(store, task.id)).attempt, 1)
    }
  },

  'a task that was answered after its process died is claimed': async (under) => {
    const { store } = under
    const { task, token } = await putTaken(store, {}, shortMs)
    await store.ask(task.id, question('q'), { ...ifOpen, token })
    await passShort(under)
    equal(await store.claim(task.id, worker), undefined)
    await store.answer(task.id, new Map([['q', answer('yes')]]))
    const again = await take(store, task.id)
    deepEqual([again.task.attempt, again.task.questions.length], [2, 1])
  },

  'what does not fit is not claimed, and not offered': async (under) => {
    const { store } = under
    const unfit = await putUnfit(under)
    deepEqual(await claimableIds(store, worker, 100), [])
    for (const [what, id] of Object.entries(unfit)) {
      const before = await store.get(id)
      equal(await store.claim(id, worker), undefined, what)
      deepEqual(await store.get(id), before, what)
    }
    equal(await store.claim('nobody', worker), undefined)
  },

  'what fits is offered, the oldest first, and can be claimed': async (under) => {
    const { store } = under
    const again = await putTaken(store, {}, shortMs)
    const fresh = await put(store)
    const once = await put(store, { onCrash: 'fail', maxAttempts: 1 })
    const released = await putTaken(store)
    await store.release(released.task.id, released.token)
    await passShort(under)
    const ids = [again.task.id, fresh.id, once.id, released.task.id]
    deepEqual(await claimableIds(store, worker, 100), ids)
    for (const id of ids) await take(store, id)
    deepEqual(await claimableIds(store, worker, 100), [])
  },

  'no more are offered than were asked for': async ({ store }) => {
    const ids: string[] = []
    for (let count = 0; count < 5; count += 1) ids.push((await put(store)).id)
    deepEqual(await claimableIds(store, worker, 3), ids.slice(0, 3))
    deepEqual(await claimableIds(store, worker, 1), ids.slice(0, 1))
  },

  'tasks that cannot be claimed take no place among those that are offered': async (under) => {
    const { store } = under
    await putUnfit(under)
    const { id } = await put(store)
    deepEqual(await claimableIds(store, worker, 1), [id])
  },

  'to be offered changes nothing': async ({ store }) => {
    const task = await put(store)
    deepEqual(await claimableIds(store, worker, 9), [task.id])
    deepEqual(await claimableIds(store, worker, 9), [task.id])
    deepEqual(await store.get(task.id), task)
  },

  'a process is given tasks of its tools and namespace only': async ({ store }) => {
    const render = await put(store, { tool: 'render' })
    const print = await put(store, { tool: 'print' })
    const other = await put(store, { tool: 'print', namespace: 'other' })
    const printer = { ...worker, tools: ['print', 'scan'] }
    deepEqual(await claimableIds(store, printer, 9), [print.id])
    deepEqual(await claimableIds(store, { ...worker, tools: ['render', 'print'] }, 9), [render.id, print.id])
    deepEqual(await claimableIds(store, { ...worker, tools: [] }, 9), [])
    equal(await store.claim(render.id, printer), undefined)
    equal(await store.claim(other.id, printer), undefined)
    equal(await store.claim(render.id, { ...worker, tools: [] }), undefined)
    ok((await store.claim(print.id, printer)) !== undefined)
    ok((await store.claim(other.id, { ...printer, namespace: 'other' })) !== undefined)
  },
}

/** A task for each reason not to be claimed. */
async function putUnfit(under: StoreUnderTest): Promise<Readonly<Record<string, string>>> {
  const { store } = under
  const once = await putTaken(store, { onCrash: 'fail', maxAttempts: 1 }, shortMs)
  const spent = await putTaken(store, { maxAttempts: 1 }, shortMs)
  const expired = await put(store, { ttlMs: shortMs, maxTtlMs: shortMs })
  const waitingSince = await putTaken(store, {}, shortMs)
  await store.ask(waitingSince.task.id, question('q'), ifOpen)
  await passShort(under)
  const waiting = await put(store)
  await store.ask(waiting.id, question('q'), ifOpen)
  const ended = await put(store)
  await store.end(ended.id, completed(), ifOpen)
  return {
    'it ran once, and may not again': once.task.id,
    'it has no attempts left': spent.task.id,
    'it expired': expired.id,
    'it waits for an answer': waiting.id,
    'it waits for an answer, and its lease ran out': waitingSince.task.id,
    'it has ended': ended.id,
    'somebody holds it': (await putTaken(store)).task.id,
    'its creator holds it': await putHeld(store),
    'it is hidden': (await put(store, { hidden: true })).id,
    'it is elsewhere': await putElsewhere(store),
    'nobody here knows its tool': (await put(store, { tool: 'other' })).id,
    'it is of another namespace': (await put(store, { namespace: 'other' })).id,
  }
}

async function putHeld(store: TaskStore): Promise<string> {
  return (await put(store, {}, { leaseMs: longMs })).id
}

async function putElsewhere(store: TaskStore): Promise<string> {
  const { task, token } = await putTaken(store)
  await store.release(task.id, token, { elsewhere: true })
  return task.id
}
