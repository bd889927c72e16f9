import { deepEqual, ok } from 'node:assert/strict'
import type { TaskRecord } from '../../store/task-record.ts'
import type { TaskStore } from '../../store/task-store.ts'
import { answer, completed, ifOpen, longMs, newTask, put, question, take, updated, written } from './fixtures.ts'
import type { StoreCases, StoreUnderTest } from './store-cases.ts'

export const updating: StoreCases = {
  'every write makes the time of the last update greater, however close they come': async ({ store }) => {
    const { id } = await put(store)
    const times = await writeEverything(store, id)
    ok(areIncreasing(times), `They are ${times.join(', ')}.`)
  },

  'a note changes what it names, and leaves the rest': async ({ store }) => {
    const { id } = await put(store)
    await store.note(id, { statusMessage: 'begun', progress: { progress: 1, total: 9, message: 'one' } }, ifOpen)
    const moved = await updated(store, id, store.note(id, { progress: { progress: 2 } }, ifOpen))
    deepEqual([moved.status, moved.statusMessage, moved.progress], ['working', 'begun', { progress: 2 }])
    const said = await updated(store, id, store.note(id, { statusMessage: '' }, ifOpen))
    deepEqual([said.statusMessage, said.progress], ['', { progress: 2 }])
    const nothing = await updated(store, id, store.note(id, {}, ifOpen))
    deepEqual([nothing.statusMessage, nothing.progress], ['', { progress: 2 }])
  },

  'a note to a task that waits leaves it waiting': async ({ store }) => {
    const { id } = await put(store)
    await store.ask(id, question('q'), ifOpen)
    const { status, statusMessage } = await updated(store, id, store.note(id, { statusMessage: 'please' }, ifOpen))
    deepEqual([status, statusMessage], ['input_required', 'please'])
  },

  'the first value of a step stays': async ({ store }) => {
    const { id } = await put(store)
    await updated(store, id, store.saveStep(id, { key: 'plan', value: { n: 1 } }, ifOpen))
    await updated(store, id, store.saveStep(id, { key: 'plan', value: { n: 2 } }, ifOpen))
    deepEqual([...(await store.steps(id))], [['plan', { n: 1 }]])
  },

  'steps that gave nothing much are finished too': async ({ store }) => {
    const { id } = await put(store)
    const values = { null: null, false: false, zero: 0, empty: '', list: [] }
    for (const [key, value] of Object.entries(values)) await store.saveStep(id, { key, value }, ifOpen)
    await store.saveStep(id, { key: 'null', value: 1 }, ifOpen)
    deepEqual(Object.fromEntries(await store.steps(id)), values)
  },

  'steps outlive the lease under which they were saved': async ({ store }) => {
    const { id } = await put(store)
    const { token } = await take(store, id)
    await store.saveStep(id, { key: 'plan', value: 1 }, { ...ifOpen, token })
    await store.release(id, token)
    await take(store, id)
    deepEqual([...(await store.steps(id))], [['plan', 1]])
  },

  "a task that is not there has no steps, and no other's": async ({ store }) => {
    const { id } = await put(store)
    await store.saveStep((await put(store)).id, { key: 'plan', value: 1 }, ifOpen)
    deepEqual([...(await store.steps(id))], [])
    deepEqual([...(await store.steps('nobody'))], [])
  },
}

export const clockTurnedBack: Readonly<
  Record<string, (under: StoreUnderTest, turnBack: (ms: number) => Promise<void>) => Promise<void>>
> = {
  'the time of the last update increases although the clock goes back': async ({ store }, turnBack) => {
    const { id, updatedAtMs } = await put(store)
    await turnBack(longMs)
    const times = [updatedAtMs, ...(await writeEverything(store, id))]
    ok(areIncreasing(times), `They are ${times.join(', ')}.`)
  },

  'tasks are listed in the order of their creation although the clock goes back': async ({ store }, turnBack) => {
    const first = await put(store)
    await turnBack(longMs)
    const second = await put(store)
    const third = await put(store)
    const { tasks } = await store.list({}, { limit: 5 })
    deepEqual(
      tasks.map(({ id }) => id),
      [third.id, second.id, first.id],
    )
  },
}

/** The times of the last update after each kind of write, one after the other. */
async function writeEverything(store: TaskStore, id: string): Promise<readonly number[]> {
  const tasks: TaskRecord[] = []
  const claim = await take(store, id)
  tasks.push(claim.task)
  tasks.push(await updated(store, id, store.release(id, claim.token)))
  const { task, token } = await take(store, id)
  const guard = { ...ifOpen, token }
  tasks.push(task)
  tasks.push(await updated(store, id, store.note(id, { statusMessage: 'one' }, guard)))
  tasks.push(await updated(store, id, store.note(id, { statusMessage: 'two' }, guard)))
  tasks.push(await updated(store, id, store.saveStep(id, { key: 's', value: 1 }, guard)))
  tasks.push(await written(store.ask(id, question('q'), guard)))
  tasks.push(await written(store.ask(id, question('r'), guard)))
  const answered = await store.answer(id, new Map([['q', answer('yes')]]))
  ok(answered.kind === 'written')
  tasks.push(answered.task)
  tasks.push(await updated(store, id, store.withdraw(id, ['r'], guard)))
  tasks.push(await written(store.end(id, completed(), guard)))
  const created = await store.create(newTask(), { leaseMs: longMs })
  ok(created.kind === 'created' && created.task.updatedAtMs >= created.task.createdAtMs)
  return tasks.map(({ updatedAtMs }) => updatedAtMs)
}

function areIncreasing(times: readonly number[]): boolean {
  return times.every((time, index) => index === 0 || time > times[index - 1]!)
}
