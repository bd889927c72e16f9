import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { failingStore } from '../../../../tests/support/failing-store.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { TaskRecord } from '../store/task-record.ts'
import { openStatuses } from '../task/task-status.ts'
import { ManualClock } from '../testing.ts'
import { createTask } from '../worker/create-task.ts'
import { changedFrom, until } from './until.ts'

const isDone = (task: TaskRecord | undefined): TaskRecord | undefined =>
  task?.status === 'completed' ? task : undefined
const done = { status: 'completed', retentionMs: 60_000 } as const

async function put() {
  const clock = new ManualClock()
  const store = new MemoryStore({ clock })
  const created = await store.create(createTask({ ttlMs: 3_600_000 }))
  if (created.kind !== 'created') throw new Error(created.kind)
  const { task } = created
  const end = () => store.end(task.id, done, { from: openStatuses })
  return { clock, store, task, id: task.id, end }
}

describe('waiting for a task', () => {
  test('gives what is there already, without waiting', async () => {
    const { clock, store, id, end } = await put()
    await end()
    expect(await until({ clock, store }, id, isDone)).toMatchObject({ id, status: 'completed' })
    expect(clock.sleepers).toBe(0)
  })

  test('looks again after each hint', async () => {
    const { clock, store, id, end } = await put()
    const seen: (string | undefined)[] = []
    const waiting = until({ clock, store }, id, (task) => {
      seen.push(task?.statusMessage ?? task?.status)
      return isDone(task)
    })
    await clock.untilSleeping()
    await store.note(id, { statusMessage: 'half way' }, { from: openStatuses })
    await clock.untilSleeping()
    await clock.advance(0)
    await end()
    expect(await waiting).toMatchObject({ status: 'completed' })
    expect(seen).toEqual(['working', 'half way', 'completed'])
    expect(clock.sleepers).toBe(0)
  })

  test('looks again after a while, for a hint that was missed', async () => {
    const { clock, store, id, end } = await put()
    const deaf = new Proxy(store, {
      get: (target, name: keyof MemoryStore) => (name === 'watch' ? () => () => {} : target[name].bind(target)),
    })
    const waiting = until({ clock, store: deaf }, id, isDone)
    await clock.untilSleeping()
    await end()
    await clock.advance(5_000)
    expect(await waiting).toMatchObject({ status: 'completed' })
  })

  test('misses nothing that happens while it looks', async () => {
    const { clock, store, id, end } = await put()
    let looks = 0
    const slow = new Proxy(store, {
      get: (target, name: keyof MemoryStore) => {
        if (name !== 'get') return target[name].bind(target)
        return async (...args: Parameters<MemoryStore['get']>) => {
          const task = await target.get(...args)
          // The task ends after it was read, and before the answer is there.
          if ((looks += 1) === 1) await end()
          return task
        }
      },
    })
    expect(await until({ clock, store: slow }, id, isDone)).toMatchObject({ status: 'completed' })
    expect(looks).toBe(2)
  })

  test('sees that a task is not there, is gone, or is not theirs', async () => {
    const { clock, store, id } = await put()
    const gone = (task: TaskRecord | undefined): string | undefined => (task === undefined ? 'gone' : undefined)
    expect(await until({ clock, store }, 'nobody', gone)).toBe('gone')
    expect(await until({ clock, store }, id, gone, { owner: 'bob' })).toBe('gone')
    const waiting = until({ clock, store }, id, gone)
    await clock.advance(3_600_000)
    expect(await waiting).toBe('gone')
  })

  test.each([[new Error('enough')], ['enough']])('ends with the reason of its signal: %s', async (reason) => {
    const { clock, store, id } = await put()
    const stop = new AbortController()
    const waiting = until({ clock, store }, id, isDone, { signal: stop.signal })
    await clock.untilSleeping()
    stop.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(until({ clock, store }, id, isDone, { signal: stop.signal })).rejects.toBe(reason)
    expect([clock.sleepers, getEventListeners(stop.signal, 'abort').length]).toEqual([0, 0])
  })

  test('puts up with a store that fails for a moment, and not for ever', async () => {
    const { clock, store, id, end } = await put()
    let isFailing = true
    const flaky = failingStore(store, (method) => (isFailing && method === 'get' ? 'before' : 'none'))
    const waiting = until({ clock, store: flaky }, id, isDone)
    await clock.advance(10_000)
    isFailing = false
    await end()
    await clock.advance(5_000)
    expect(await waiting).toMatchObject({ status: 'completed' })
    isFailing = true
    const hopeless = until({ clock, store: flaky }, id, isDone).catch((error: unknown) => error)
    await clock.advance(15_000)
    expect(await hopeless).toMatchObject({ message: 'No disk for get.' })
  })

  test('that is given up while the store fails ends with the reason', async () => {
    const { clock, store, id } = await put()
    const stop = new AbortController()
    const waiting = until({ clock, store: failingStore(store, () => 'before') }, id, isDone, { signal: stop.signal })
    await clock.untilSleeping()
    stop.abort('enough')
    await expect(waiting).rejects.toBe('enough')
  })

  test('for a change sees each write, and that the task is gone', async () => {
    const { store, id, task } = await put()
    expect(changedFrom(task, await store.get(id))).toBeUndefined()
    await store.note(id, {}, { from: openStatuses })
    expect(changedFrom(task, await store.get(id))).toMatchObject({ id })
    expect(changedFrom(task, undefined)).toBe('gone')
  })
})
