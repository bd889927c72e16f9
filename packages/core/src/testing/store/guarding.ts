import { deepEqual, equal } from 'node:assert/strict'
import {
  completed,
  ifOpen,
  passShort,
  put,
  putTaken,
  question,
  read,
  refused,
  shortMs,
  take,
  writes,
} from './fixtures.ts'
import type { StoreCases } from './store-cases.ts'

export const guarding: StoreCases = {
  "a write with the task's token is done, and one without a token is too": async ({ store }) => {
    for (const name of Object.keys(writes(store, '', ifOpen))) {
      for (const isFenced of [false, true]) {
        const { task, token } = await putTaken(store)
        await store.ask(task.id, question('q'), ifOpen)
        const guard = isFenced ? { ...ifOpen, token } : ifOpen
        const result = await writes(store, task.id, guard)[name]!()
        equal(result.kind, 'written', name)
        if ('task' in result) deepEqual(result.task, await read(store, task.id), name)
      }
    }
  },

  "a write with a token that is no longer the task's is refused": async (under) => {
    const { store } = under
    const { task, token } = await putTaken(store, {}, shortMs)
    await passShort(under)
    await take(store, task.id)
    await store.ask(task.id, question('q'), ifOpen)
    await expectRefusals(task.id, token)

    async function expectRefusals(id: string, late: string): Promise<void> {
      const before = await read(store, id)
      for (const [name, write] of Object.entries(writes(store, id, { ...ifOpen, token: late }))) {
        refused(await write(), before, name)
      }
      refused(await store.release(id, late), before)
      deepEqual(await store.get(id), before)
      equal((await store.steps(id)).size, 0)
    }
  },

  'a write with a token to a task that nobody holds is refused': async ({ store }) => {
    const { id } = await put(store)
    const before = await read(store, id)
    for (const [name, write] of Object.entries(writes(store, id, { ...ifOpen, token: 'invented' }))) {
      refused(await write(), before, name)
    }
    refused(await store.release(id, 'invented'), before)
    deepEqual(await store.get(id), before)
  },

  'an end and a question that are refused are given the task as it stands': async ({ store }) => {
    const { id } = await put(store)
    await store.ask(id, question('q'), ifOpen)
    const task = await read(store, id)
    const guard = { from: ['working'] } as const
    deepEqual(await store.end(id, completed(), guard), { kind: 'refused', task })
    deepEqual(await store.ask(id, question('r'), guard), { kind: 'refused', task })
    deepEqual(await store.ask(id, question('q'), ifOpen), { kind: 'refused', task })
  },

  "the token of one task is no other's": async ({ store }) => {
    const [one, other] = [await putTaken(store), await putTaken(store)]
    const result = await store.note(one.task.id, { statusMessage: 'x' }, { ...ifOpen, token: other.token })
    equal(result.kind, 'refused')
  },

  'a token stays good after its lease ran out, until somebody takes the task': async (under) => {
    const { store } = under
    const { task, token } = await putTaken(store, {}, shortMs)
    await passShort(under)
    const guard = { ...ifOpen, token }
    equal((await store.note(task.id, { statusMessage: 'still here' }, guard)).kind, 'written')
    await take(store, task.id)
    equal((await store.note(task.id, { statusMessage: 'too late' }, guard)).kind, 'refused')
  },

  'a write leaves no state but those of its guard': async ({ store }) => {
    for (const name of Object.keys(writes(store, '', ifOpen))) {
      const [working, waiting] = [await put(store), await put(store)]
      await store.ask(waiting.id, question('q'), ifOpen)
      const before = [await read(store, working.id), await read(store, waiting.id)]
      const results = [
        await writes(store, working.id, { from: ['input_required'] })[name]!(),
        await writes(store, waiting.id, { from: ['working'] })[name]!(),
        await writes(store, waiting.id, { from: [] })[name]!(),
      ]
      for (const [index, result] of results.entries()) refused(result, before[Math.min(index, 1)]!, name)
      deepEqual([await read(store, working.id), await read(store, waiting.id)], before)
      equal((await writes(store, waiting.id, { from: ['input_required'] })[name]!()).kind, 'written', name)
    }
  },

  "a write to somebody else's task finds none, as one to a task that is not there": async ({ store }) => {
    const { task, token } = await putTaken(store, { owner: 'ann' })
    await store.ask(task.id, question('q'), ifOpen)
    const before = await read(store, task.id)
    for (const owner of ['bob', '']) {
      for (const [name, write] of Object.entries(writes(store, task.id, { ...ifOpen, token, owner }))) {
        deepEqual(await write(), { kind: 'missing' }, name)
      }
      deepEqual(await store.answer(task.id, new Map(), owner), { kind: 'missing' })
    }
    deepEqual(await store.get(task.id), before)
    for (const [name, write] of Object.entries(writes(store, 'nobody', ifOpen))) {
      deepEqual(await write(), { kind: 'missing' }, name)
    }
    deepEqual(await store.answer('nobody', new Map()), { kind: 'missing' })
    deepEqual(await store.release('nobody', token), { kind: 'missing' })
    equal(await store.get('nobody'), undefined)
  },

  'a write by the owner is done': async ({ store }) => {
    const { id } = await put(store, { owner: 'ann' })
    equal((await store.note(id, { statusMessage: 'mine' }, { ...ifOpen, owner: 'ann' })).kind, 'written')
  },
}
