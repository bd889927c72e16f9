import { deepEqual, equal, ok } from 'node:assert/strict'
import {
  cancelled,
  completed,
  ifOpen,
  longMs,
  newTask,
  passShort,
  put,
  question,
  read,
  shortMs,
  sweepIds,
  take,
  worker,
} from './fixtures.ts'
import type { StoreCases } from './store-cases.ts'

export const creating: StoreCases = {
  'a new task is working, is as it was given, and has asked and done nothing': async ({ store }) => {
    const given = newTask()
    const created = await store.create(given)
    ok(created.kind === 'created')
    equal(created.token, undefined)
    const { createdAtMs, updatedAtMs, expiresAtMs, ...task } = created.task
    deepEqual(task, { ...given, status: 'working', attempt: 0, releases: 0, elsewhere: false, questions: [] })
    ok(updatedAtMs >= createdAtMs)
    equal(expiresAtMs, createdAtMs + longMs * 2)
  },

  'a task that was created is found by its id': async ({ store }) => {
    const task = await put(store)
    deepEqual(await store.get(task.id), task)
  },

  "a task is found by its owner, and by nobody else's name": async ({ store }) => {
    const { id } = await put(store, { owner: 'ann' })
    ok((await store.get(id, 'ann')) !== undefined)
    equal(await store.get(id, 'bob'), undefined)
    equal(await store.get(id, ''), undefined)
  },

  'a task of nobody in particular is found by who knows its id, and by no owner': async ({ store }) => {
    const { id } = await put(store, { owner: '' })
    ok((await store.get(id)) !== undefined)
    ok((await store.get(id, '')) !== undefined)
    equal(await store.get(id, 'ann'), undefined)
  },

  'an id that was never given is not found': async ({ store }) => {
    await put(store)
    equal(await store.get('nobody'), undefined)
    equal(await store.get('__proto__'), undefined)
  },

  'a second task of an id is refused, and the first stays as it is': async ({ store }) => {
    const first = await put(store)
    deepEqual(await store.create(newTask({ id: first.id, tool: 'other' })), { kind: 'exists' })
    deepEqual(await store.get(first.id), first)
  },

  'the id of a task that has ended is still taken': async ({ store }) => {
    const { id } = await put(store)
    await store.end(id, completed(), ifOpen)
    deepEqual(await store.create(newTask({ id })), { kind: 'exists' })
  },

  'as many tasks of a quota are open as its maximum says, and the next is not put in': async ({ store }) => {
    await put(store, {}, { maxOpen: 2 })
    await put(store, {}, { maxOpen: 2 })
    const third = newTask()
    deepEqual(await store.create(third, { maxOpen: 2 }), { kind: 'full' })
    equal(await store.get(third.id), undefined)
  },

  'a task that waits for an answer counts as open': async ({ store }) => {
    const { id } = await put(store)
    await store.ask(id, question('q'), ifOpen)
    deepEqual(await store.create(newTask(), { maxOpen: 1 }), { kind: 'full' })
  },

  'a task that ends makes room for another, once': async ({ store }) => {
    const first = await put(store, {}, { maxOpen: 2 })
    await put(store, {}, { maxOpen: 2 })
    await store.end(first.id, cancelled, ifOpen)
    await store.end(first.id, cancelled, ifOpen)
    await put(store, {}, { maxOpen: 2 })
    deepEqual(await store.create(newTask(), { maxOpen: 2 }), { kind: 'full' })
  },

  'a task that expires makes room for another': async (under) => {
    const { store } = under
    await put(store, { ttlMs: shortMs, maxTtlMs: shortMs }, { maxOpen: 1 })
    await passShort(under)
    await put(store, {}, { maxOpen: 1 })
    deepEqual(await store.create(newTask(), { maxOpen: 1 }), { kind: 'full' })
  },

  'a task that ended and was forgotten makes room no second time': async (under) => {
    const { store } = under
    const ended = await put(store, { ttlMs: shortMs })
    await put(store)
    await store.end(ended.id, { ...completed(), retentionMs: 0 }, ifOpen)
    await passShort(under)
    await sweepIds(store, 9)
    equal(await store.get(ended.id), undefined)
    deepEqual(await store.create(newTask(), { maxOpen: 1 }), { kind: 'full' })
  },

  'tasks of another quota or namespace do not count': async ({ store }) => {
    await put(store, { quota: 'bob' })
    await put(store, { namespace: 'other' })
    await put(store, {}, { maxOpen: 1 })
    deepEqual(await store.create(newTask(), { maxOpen: 1 }), { kind: 'full' })
  },

  'hidden tasks count as open, too': async ({ store }) => {
    const hidden = await put(store, { hidden: true }, { maxOpen: 2 })
    await put(store, {}, { maxOpen: 2 })
    deepEqual(await store.create(newTask(), { maxOpen: 2 }), { kind: 'full' })
    deepEqual(await store.create(newTask({ hidden: true }), { maxOpen: 2 }), { kind: 'full' })
    await store.end(hidden.id, completed(), ifOpen)
    await put(store, {}, { maxOpen: 2 })
  },

  'with a lease, its creator holds a task as if it had claimed it': async ({ store }) => {
    const created = await store.create(newTask(), { leaseMs: longMs })
    ok(created.kind === 'created' && created.token !== undefined)
    const { task, token } = created
    equal(task.attempt, 1)
    deepEqual(await store.get(task.id), task)
    equal(await store.claim(task.id, worker), undefined)
    deepEqual(await store.heartbeat([{ id: task.id, token }], longMs), new Map([[task.id, 'held']]))
    const guard = { ...ifOpen, token }
    equal((await store.note(task.id, { statusMessage: 'mine' }, guard)).kind, 'written')
    equal((await read(store, task.id)).statusMessage, 'mine')
  },

  'the lease of a creator runs out like any other': async (under) => {
    const { store } = under
    const created = await store.create(newTask(), { leaseMs: shortMs })
    ok(created.kind === 'created' && created.token !== undefined)
    await passShort(under)
    const { task } = await take(store, created.task.id)
    equal(task.attempt, 2)
    const late = await store.end(task.id, completed(), { ...ifOpen, token: created.token })
    equal(late.kind, 'refused')
  },
}
