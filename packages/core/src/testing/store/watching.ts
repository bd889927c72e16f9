import { equal } from 'node:assert/strict'
import type { TaskStore } from '../../store/task-store.ts'
import { answer, completed, ifOpen, put, question, read, take } from './fixtures.ts'
import type { StoreCases } from './store-cases.ts'

export const watching: StoreCases = {
  'whoever watches a task is told to read again, and reads what was written': async ({ store }) => {
    const { id } = await put(store)
    const steps: readonly (readonly [write: () => Promise<unknown>, status: string])[] = [
      [() => store.note(id, { statusMessage: 'on' }, ifOpen), 'working'],
      [() => store.ask(id, question('q'), ifOpen), 'input_required'],
      [() => store.answer(id, new Map([['q', answer('yes')]])), 'working'],
      [() => store.ask(id, question('r'), ifOpen), 'input_required'],
      [() => store.withdraw(id, ['r'], ifOpen), 'working'],
      [() => store.end(id, completed(), ifOpen), 'completed'],
    ]
    for (const [write, status] of steps) {
      const hinted = nextHint(store, id)
      await write()
      await hinted
      equal((await read(store, id)).status, status)
    }
  },

  'whoever watches a task is told that it was claimed': async ({ store }) => {
    const { id } = await put(store)
    const hinted = nextHint(store, id)
    await take(store, id)
    await hinted
    equal((await read(store, id)).attempt, 1)
  },

  'several watchers of a task are all told': async ({ store }) => {
    const { id } = await put(store)
    const hints = [nextHint(store, id), nextHint(store, id), nextHint(store, id)]
    await store.note(id, { statusMessage: 'on' }, ifOpen)
    await Promise.all(hints)
  },

  'whoever no longer watches is not told': async ({ store }) => {
    const { id } = await put(store)
    let told = 0
    const hint = (): void => void (told += 1)
    const stops = [store.watch(id, hint), store.watch(id, hint)]
    for (const stop of stops) stop()
    stops[0]!()
    const stop = store.watch(id, hint)
    const hinted = nextHint(store, id)
    const writing = store.note(id, { statusMessage: 'on' }, ifOpen)
    stop()
    await writing
    await hinted
    equal(told, 0)
  },

  'one function may watch twice, and stop once': async ({ store }) => {
    const { id } = await put(store)
    let stopSecond: (() => void) | undefined
    const told = new Promise<void>((resolve) => {
      const stopFirst = store.watch(id, resolve)
      stopSecond = store.watch(id, resolve)
      stopFirst()
      stopFirst()
    })
    await store.note(id, { statusMessage: 'on' }, ifOpen)
    await told
    stopSecond?.()
  },

  'a task that is not there may be watched': async ({ store }) => {
    store.watch('nobody', () => {})()
  },
}

/** Resolves at the next hint, and watches no longer. */
export function nextHint(store: TaskStore, id: string): Promise<void> {
  return new Promise((resolve) => {
    const stop = store.watch(id, () => {
      stop()
      resolve()
    })
  })
}
