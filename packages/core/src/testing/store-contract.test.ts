import { expect, test } from 'vitest'
import type { TaskStore } from '../store/task-store.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { ManualClock, storeContract } from '../testing.ts'

/** A handle on a store that is somewhere else: calls and answers are on their way for a while. */
function remote(store: TaskStore): TaskStore {
  return new Proxy(store, {
    get(target, name: keyof TaskStore) {
      if (name === 'close') return async () => {}
      const method = target[name] as ((...args: readonly unknown[]) => unknown) | undefined
      // A promise looks for a `then` in what it is given.
      if (name === 'watch' || method === undefined) return method?.bind(target)
      return async (...args: readonly unknown[]) => {
        await someRounds()
        const result = await method.apply(target, [...args])
        await someRounds()
        return result
      }
    },
  })
}

async function someRounds(): Promise<void> {
  for (let left = Math.floor(Math.random() * 3); left > 0; left -= 1) await new Promise(setImmediate)
}

const open = async () => {
  const clock = new ManualClock()
  const store = remote(new MemoryStore({ clock }))
  return { store, advance: (ms: number) => clock.advance(ms), close: () => store.close() }
}

const contract = storeContract({ open, openSecond: async ({ store }) => remote(store) })

test.each(contract.map(({ name, run }) => [name, run] as const))('%s', async (_name, run) => await run())

test('every claim has a name of its own', () => {
  const names = contract.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(names.filter((name) => name.startsWith('between two handles, ')).length).toBeGreaterThan(20)
})

test('what a store cannot be brought to is left out', () => {
  const names = storeContract({ open }).map(({ name }) => name)
  expect(names.filter((name) => /between two handles|clock goes back/.test(name))).toEqual([])
})

test('a store that keeps nothing fails, and is closed nevertheless', async () => {
  let closed = 0
  const forgetful = storeContract({
    open: async () => {
      const under = await open()
      const store = new Proxy(under.store, {
        get: (target, name: keyof TaskStore) => (name === 'get' ? async () => {} : target[name].bind(target)),
      })
      return { ...under, store, close: async () => void (closed += 1) }
    },
  })
  const claim = forgetful.find(({ name }) => name === 'a task that was created is found by its id')
  await expect(claim!.run()).rejects.toMatchObject({ code: 'ERR_ASSERTION' })
  expect(closed).toBe(1)
})
