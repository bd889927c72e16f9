import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import {
  answer,
  completed,
  ifOpen,
  longMs,
  passShort,
  put,
  putTaken,
  question,
  read,
  refused,
  shortMs,
  take,
  updated,
  worker,
  written,
} from './fixtures.ts'
import type { StoreCases } from './store-cases.ts'

/** What comes of a write that is done again, by somebody who could not know that it was done. */
export const repeating: StoreCases = {
  'a claim takes a task under the token that it names': async ({ store }) => {
    const { id } = await put(store)
    const claim = await store.claim(id, { ...worker, token: 'a token of its own' })
    equal(claim?.token, 'a token of its own')
    deepEqual(await store.get(id), claim.task)
    await updated(store, id, store.note(id, { statusMessage: 'mine' }, { ...ifOpen, token: claim.token }))
    equal(await store.claim(id, worker), undefined)
  },

  'a claim that is done again with its token is the same claim, and no other attempt': async ({ store }) => {
    const { id } = await put(store, { onCrash: 'fail', maxAttempts: 1 })
    const mine = { ...worker, token: 'a token of its own' }
    const first = await store.claim(id, mine)
    ok(first !== undefined)
    deepEqual(await store.claim(id, mine), first)
    equal((await read(store, id)).attempt, 1)
    deepEqual(
      (await store.history(id)).map(({ event }) => event),
      ['created', 'claimed'],
    )
    equal(await store.claim(id, { ...worker, token: 'the token of another' }), undefined)
  },

  'a claim that is done again after another took the task gets nothing': async (under) => {
    const { store } = under
    const { id } = await put(store)
    const mine = { ...worker, token: 'a token of its own', leaseMs: shortMs }
    await store.claim(id, mine)
    await passShort(under)
    const { token } = await take(store, id)
    notEqual(token, mine.token)
    equal(await store.claim(id, mine), undefined)
    await updated(store, id, store.note(id, { statusMessage: 'still mine' }, { ...ifOpen, token }))
  },

  'a claim that is done again after the task ended gets nothing': async ({ store }) => {
    const { id } = await put(store)
    const mine = { ...worker, token: 'a token of its own' }
    await store.claim(id, mine)
    await store.end(id, completed(), ifOpen)
    equal(await store.claim(id, mine), undefined)
  },

  'an end that is done again is refused by the end that stands': async ({ store }) => {
    const { task, token } = await putTaken(store)
    const guard = { ...ifOpen, token }
    const ended = await written(store.end(task.id, completed('once'), guard))
    deepEqual(await store.end(task.id, completed('once'), guard), { kind: 'refused', task: ended })
    deepEqual(await store.get(task.id), ended)
  },

  'a question that is asked again is refused, and stands open': async ({ store }) => {
    const { id } = await put(store)
    const asked = await written(store.ask(id, question('q'), ifOpen))
    deepEqual(await store.ask(id, question('q'), ifOpen), { kind: 'refused', task: asked })
    deepEqual(await store.get(id), asked)
  },

  'a write that has nothing to change is written, and changes nothing': async ({ store }) => {
    const { id } = await put(store)
    await store.saveStep(id, { key: 's', value: 1 }, ifOpen)
    for (const key of ['open', 'withdrawn', 'answered']) await store.ask(id, question(key), ifOpen)
    await store.withdraw(id, ['withdrawn'], ifOpen)
    await store.answer(id, new Map([['answered', answer('yes')]]))
    const before = await read(store, id)
    const history = await store.history(id)
    const kinds = [
      await store.saveStep(id, { key: 's', value: 1 }, ifOpen),
      await store.saveStep(id, { key: 's', value: 2 }, ifOpen),
      await store.withdraw(id, ['withdrawn', 'answered', 'unknown'], ifOpen),
      await store.withdraw(id, [], ifOpen),
      await store.answer(id, new Map([['answered', answer('again')]])),
    ].map(({ kind }) => kind)
    deepEqual(kinds, ['written', 'written', 'written', 'written', 'written'])
    deepEqual(await store.get(id), before)
    deepEqual(await store.history(id), history)
    deepEqual([...(await store.steps(id))], [['s', 1]])
  },

  'a write that has nothing to change is refused like any other to whom it is not theirs': async ({ store }) => {
    const { id } = await put(store)
    await store.saveStep(id, { key: 's', value: 1 }, ifOpen)
    const before = await read(store, id)
    const guard = { ...ifOpen, token: 'invented' }
    refused(await store.saveStep(id, { key: 's', value: 1 }, guard), before)
    refused(await store.withdraw(id, [], guard), before)
  },

  'a task that is given back twice is given back once': async ({ store }) => {
    const { task, token } = await putTaken(store)
    const once = await updated(store, task.id, store.release(task.id, token))
    refused(await store.release(task.id, token), once)
    deepEqual(await store.get(task.id), once)
    deepEqual(await store.heartbeat([{ id: task.id, token }], longMs), new Map([[task.id, 'lost']]))
  },
}
