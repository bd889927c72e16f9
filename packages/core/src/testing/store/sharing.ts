import { deepEqual, equal, ok } from 'node:assert/strict'
import {
  answer,
  claimableIds,
  completed,
  ifOpen,
  longMs,
  newTask,
  put,
  putTaken,
  question,
  read,
  take,
  updated,
  worker,
  written,
} from './fixtures.ts'
import type { TaskStore } from '../../store/task-store.ts'
import type { SharedCases } from './store-cases.ts'
import { nextHint } from './watching.ts'

/** What two handles on the same data owe each other. */
export const sharing: SharedCases = {
  'what one writes, the other reads at once': async (_under, [one, other]) => {
    const { id } = await put(one)
    deepEqual(await other.get(id), await one.get(id))
    const { token } = await take(other, id)
    const guard = { ...ifOpen, token }
    await other.saveStep(id, { key: 's', value: 1 }, guard)
    deepEqual([...(await one.steps(id))], [['s', 1]])
    await other.ask(id, question('q'), guard)
    equal((await read(one, id)).status, 'input_required')
    await one.answer(id, new Map([['q', answer('yes')]]))
    equal((await read(other, id)).status, 'working')
    const ended = await written(other.end(id, completed(), guard))
    deepEqual(await one.get(id), ended)
    deepEqual(await one.history(id), await other.history(id))
    deepEqual(await one.list({}, { limit: 5 }), await other.list({}, { limit: 5 }))
    deepEqual(await one.count({}), await other.count({}))
  },

  'what one claimed, the other may not claim, but writes to with its token': async (_under, [one, other]) => {
    const { task, token } = await putTaken(one)
    equal(await other.claim(task.id, worker), undefined)
    deepEqual(await claimableIds(other, worker, 9), [])
    await updated(other, task.id, other.note(task.id, { statusMessage: 'on' }, { ...ifOpen, token }))
    deepEqual(await other.heartbeat([{ id: task.id, token }], longMs), new Map([[task.id, 'held']]))
    await updated(other, task.id, other.release(task.id, token))
    equal((await one.note(task.id, { statusMessage: 'late' }, { ...ifOpen, token })).kind, 'refused')
  },

  'open tasks are counted together': async (_under, [one, other]) => {
    await put(one, {}, { maxOpen: 2 })
    const second = await put(other, {}, { maxOpen: 2 })
    deepEqual(await one.create(newTask(), { maxOpen: 2 }), { kind: 'full' })
    await one.end(second.id, completed(), ifOpen)
    await put(other, {}, { maxOpen: 2 })
  },

  'whoever watches here is told of what is written there': async (_under, [one, other]) => {
    const { id } = await put(one)
    const hinted = nextHint(one, id)
    await other.end(id, completed(), ifOpen)
    await hinted
    equal((await read(one, id)).status, 'completed')
  },

  'the time of the last update increases whoever writes': async (_under, [one, other]) => {
    const { id, updatedAtMs } = await put(one)
    let last = updatedAtMs
    for (let round = 0; round < 6; round += 1) {
      const store = [one, other][round % 2]!
      const task = await updated(store, id, store.note(id, { statusMessage: `${round}` }, ifOpen))
      ok(task.updatedAtMs > last)
      last = task.updatedAtMs
    }
  },

  "the one's cursor is good for the other": async (_under, [one, other]) => {
    for (let count = 0; count < 4; count += 1) await put(one)
    const { nextCursor } = await one.list({}, { limit: 2 })
    const page = { limit: 2, cursor: nextCursor! }
    deepEqual(await other.list({}, page), await one.list({}, page))
  },
}

/** What a handle owes that is opened when there are tasks already. */
export const openedLater: Readonly<
  Record<string, (one: TaskStore, open: (use: (later: TaskStore) => Promise<void>) => Promise<void>) => Promise<void>>
> = {
  'what was written before one of them was opened is there, and holds': async (one, open) => {
    const { task, token } = await putTaken(one)
    const guard = { ...ifOpen, token }
    await one.saveStep(task.id, { key: 's', value: 1 }, guard)
    await one.ask(task.id, question('q'), guard)
    const ended = await put(one)
    await one.end(ended.id, completed(), ifOpen)
    const free = await put(one)
    await open(async (later) => {
      deepEqual(await later.get(task.id), await read(one, task.id))
      deepEqual([...(await later.steps(task.id))], [['s', 1]])
      deepEqual(await later.history(ended.id), await one.history(ended.id))
      deepEqual(await later.list({}, { limit: 9 }), await one.list({}, { limit: 9 }))
      equal(await later.claim(task.id, worker), undefined)
      deepEqual(await claimableIds(later, worker, 9), [free.id])
      deepEqual(await later.create(newTask(), { maxOpen: 2 }), { kind: 'full' })
      equal((await later.end(ended.id, completed('late'), ifOpen)).kind, 'refused')
      await updated(later, task.id, later.note(task.id, { statusMessage: 'on' }, guard))
    })
    equal((await read(one, task.id)).statusMessage, 'on')
  },
}
