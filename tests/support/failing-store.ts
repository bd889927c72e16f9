import type { TaskStore } from '@longcall/core'

/** What a store does with its calls: lets them through, loses them, or does them and says that it did not. */
export type Trouble = 'none' | 'before' | 'after'

/** A store whose disk is full whenever the test says so. */
export function failingStore(store: TaskStore, trouble: (method: keyof TaskStore) => Trouble): TaskStore {
  return new Proxy(store, {
    get(target, name: keyof TaskStore) {
      const method = target[name] as ((...args: readonly unknown[]) => unknown) | undefined
      // A promise looks for a `then` in what it is given.
      if (name === 'watch' || method === undefined) return method?.bind(target)
      return async (...args: readonly unknown[]) => {
        const kind = trouble(name)
        if (kind === 'before') throw new Error(`No disk for ${name}.`)
        const result = await method.apply(target, [...args])
        if (kind === 'after') throw new Error(`No word from ${name}.`)
        return result
      }
    },
  })
}
