import { deepEqual, equal, ok } from 'node:assert/strict'
import {
  finder,
  once,
  answer,
  cancelled,
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
  takeLost,
  updated,
  worker,
  written,
} from './fixtures.ts'
import type { StoreCases } from './store-cases.ts'

export const leasing: StoreCases = {
  'a heartbeat holds leases for another while, and says so': async (under) => {
    const { store } = under
    const claims = [await putTaken(store, {}, shortMs), await putTaken(store, {}, shortMs)]
    const leases = claims.map(({ task, token }) => ({ id: task.id, token }))
    deepEqual(await store.heartbeat(leases, longMs), new Map(leases.map(({ id }) => [id, 'held'])))
    await passShort(under)
    for (const { id } of leases) equal(await store.claim(id, worker), undefined)
    deepEqual(await claimableIds(store, worker, 9), [])
  },

  'a heartbeat may shorten a lease': async (under) => {
    const { store } = under
    const { task, token } = await putTaken(store)
    await store.heartbeat([{ id: task.id, token }], shortMs)
    await passShort(under)
    await take(store, task.id)
  },

  'a heartbeat changes nothing that anybody reads': async ({ store }) => {
    const { task, token } = await putTaken(store)
    const history = await store.history(task.id)
    await store.heartbeat([{ id: task.id, token }], longMs)
    deepEqual(await store.get(task.id), task)
    deepEqual(await store.history(task.id), history)
  },

  'a lease that ran out, and that nobody took, is held again': async (under) => {
    const { store } = under
    const { task, token } = await putTaken(store, {}, shortMs)
    await passShort(under)
    deepEqual(await store.heartbeat([{ id: task.id, token }], longMs), new Map([[task.id, 'held']]))
    equal(await store.claim(task.id, worker), undefined)
  },

  'a task that waits for an answer is held like any other': async (under) => {
    const { store } = under
    const { task, token } = await putTaken(store, once, shortMs)
    await store.ask(task.id, question('q'), { ...ifOpen, token })
    deepEqual(await store.heartbeat([{ id: task.id, token }], longMs), new Map([[task.id, 'held']]))
    await passShort(under)
    equal(await takeLost(store, finder), undefined)
    await store.answer(task.id, new Map([['q', answer('yes')]]))
    await updated(store, task.id, store.note(task.id, { statusMessage: 'on' }, { ...ifOpen, token }))
  },

  'a heartbeat says of each lease what has become of it': async (under) => {
    const { store } = under
    const held = await putTaken(store)
    const stopped = await putTaken(store)
    await store.end(stopped.task.id, cancelled, ifOpen)
    const ended = await putTaken(store)
    await store.end(ended.task.id, completed(), ifOpen)
    const released = await putTaken(store)
    await store.release(released.task.id, released.token)
    const outside = await putTaken(store)
    await store.release(outside.task.id, outside.token, { elsewhere: true })
    const taken = await putTaken(store, {}, shortMs)
    const given = await putTaken(store, once, shortMs)
    const expired = await putTaken(store, { ttlMs: shortMs, maxTtlMs: shortMs })
    await passShort(under)
    await take(store, taken.task.id)
    ok((await takeLost(store, finder))?.task.id === given.task.id)
    const claims = { held, stopped, ended, released, outside, taken, given, expired }
    const leases = Object.values(claims).map(({ task, token }) => ({ id: task.id, token }))
    const states = await store.heartbeat([...leases, { id: 'nobody', token: 'x' }], longMs)
    deepEqual(Object.fromEntries(Object.entries(claims).map(([name, { task }]) => [name, states.get(task.id)])), {
      held: 'held',
      stopped: 'cancelled',
      ended: 'lost',
      released: 'lost',
      outside: 'lost',
      taken: 'lost',
      given: 'lost',
      expired: 'lost',
    })
    equal(states.get('nobody'), 'lost')
  },

  'a heartbeat of nothing is nothing': async ({ store }) => {
    deepEqual(await store.heartbeat([], longMs), new Map())
  },

  'a heartbeat with an invented token takes no task': async ({ store }) => {
    const { id } = await put(store)
    deepEqual(await store.heartbeat([{ id, token: 'invented' }], longMs), new Map([[id, 'lost']]))
    await take(store, id)
  },

  'a lease may be longer than a timer': async (under) => {
    const { store } = under
    const { task, token } = await putTaken(store, {}, 3_000_000_000)
    await passShort(under)
    equal(await store.claim(task.id, worker), undefined)
    await store.heartbeat([{ id: task.id, token }], 3_000_000_000)
    await passShort(under)
    equal(await store.claim(task.id, worker), undefined)
  },

  'whoever gives a task back no longer writes to it': async ({ store }) => {
    const { task, token } = await putTaken(store)
    const released = await updated(store, task.id, store.release(task.id, token))
    deepEqual([released.status, released.elsewhere, released.attempt], ['working', false, 1])
    ok(released.updatedAtMs > task.updatedAtMs)
    equal((await store.note(task.id, { statusMessage: 'late' }, { ...ifOpen, token })).kind, 'refused')
    equal((await store.release(task.id, token)).kind, 'refused')
  },

  'a task that is given back while it waits goes on waiting': async ({ store }) => {
    const { task, token } = await putTaken(store)
    await store.ask(task.id, question('q'), { ...ifOpen, token })
    equal((await updated(store, task.id, store.release(task.id, token))).status, 'input_required')
    equal(await store.claim(task.id, worker), undefined)
    await store.answer(task.id, new Map([['q', answer('yes')]]))
    await take(store, task.id)
  },

  'a task whose work goes on elsewhere is neither claimed nor lost, and is ended from outside': async (under) => {
    const { store } = under
    for (const over of [{}, once]) {
      const { task, token } = await putTaken(store, over, shortMs)
      const outside = await updated(store, task.id, store.release(task.id, token, { elsewhere: true }))
      deepEqual([outside.status, outside.elsewhere], ['working', true])
      await passShort(under)
      equal(await store.claim(task.id, worker), undefined)
      deepEqual(await claimableIds(store, worker, 9), [])
      equal(await takeLost(store, finder), undefined)
      await updated(store, task.id, store.note(task.id, { statusMessage: 'from outside' }, ifOpen))
      equal((await written(store.end(task.id, completed(), ifOpen))).status, 'completed')
      deepEqual((await read(store, task.id)).elsewhere, true)
    }
  },
}
