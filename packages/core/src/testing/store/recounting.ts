import { deepEqual, equal, ok } from 'node:assert/strict'
import { answer, cancelled, completed, ifOpen, newTask, passShort, put, question, shortMs, take } from './fixtures.ts'
import type { StoreCases } from './store-cases.ts'

export const recounting: StoreCases = {
  'the history tells what happened to a task, in order, and in which attempt': async ({ store }) => {
    const { id } = await put(store)
    const first = await take(store, id)
    await store.saveStep(id, { key: 'plan', value: 1 }, { ...ifOpen, token: first.token })
    await store.release(id, first.token)
    const guard = { ...ifOpen, token: (await take(store, id)).token }
    await store.ask(id, question('q'), guard)
    await store.ask(id, question('r'), guard)
    await store.answer(id, new Map([['q', answer('yes')]]))
    await store.withdraw(id, ['r'], guard)
    await store.end(id, { ...completed(), statusMessage: 'all is well' }, guard)
    const history = await store.history(id)
    deepEqual(
      history.map(({ event, attempt, detail }) => [event, attempt, detail]),
      [
        ['created', 0, undefined],
        ['claimed', 1, undefined],
        ['step', 1, 'plan'],
        ['released', 1, undefined],
        ['claimed', 2, undefined],
        ['asked', 2, 'q'],
        ['asked', 2, 'r'],
        ['answered', 2, 'q'],
        ['withdrawn', 2, 'r'],
        ['completed', 2, 'all is well'],
      ],
    )
    for (const { atMs } of history) ok(Number.isFinite(atMs))
  },

  'a task that its creator holds was created and claimed': async ({ store }) => {
    const { id } = await put(store, {}, { leaseMs: shortMs })
    deepEqual(
      (await store.history(id)).map(({ event, attempt }) => [event, attempt]),
      [
        ['created', 0],
        ['claimed', 1],
      ],
    )
  },

  'the history tells how a task ended': async ({ store }) => {
    for (const status of ['completed', 'failed', 'cancelled'] as const) {
      const { id } = await put(store)
      await store.end(id, { status, retentionMs: 0 }, ifOpen)
      deepEqual(
        (await store.history(id)).map(({ event }) => event),
        ['created', status],
      )
    }
  },

  'what was refused has not happened': async ({ store }) => {
    const { id } = await put(store)
    const guard = { ...ifOpen, token: 'invented' }
    await store.ask(id, question('q'), ifOpen)
    const history = await store.history(id)
    await store.ask(id, question('q'), ifOpen)
    await store.ask(id, question('r'), guard)
    await store.saveStep(id, { key: 's', value: 1 }, guard)
    await store.answer(id, new Map([['r', answer('yes')]]))
    await store.withdraw(id, ['q'], guard)
    await store.release(id, 'invented')
    await store.end(id, cancelled, { ...guard, from: ['working'] })
    await store.create(newTask({ id }))
    deepEqual(await store.history(id), history)
  },

  'at least the last hundred entries are kept': async ({ store }) => {
    const { id } = await put(store)
    const keys = Array.from({ length: 230 }, (_, index) => `step ${index}`)
    for (const key of keys) await store.saveStep(id, { key, value: null }, ifOpen)
    const details = (await store.history(id)).map(({ detail }) => detail)
    deepEqual(details.slice(-100), keys.slice(-100))
    equal((await store.steps(id)).size, 230)
  },

  'a task that is not there has no history': async (under) => {
    const { store } = under
    const { id } = await put(store, { ttlMs: shortMs, maxTtlMs: shortMs })
    await passShort(under)
    deepEqual(await store.history(id), [])
    deepEqual(await store.history('nobody'), [])
  },
}
