import { deepEqual, equal } from 'node:assert/strict'
import type { Journal, JournalHolder } from '../../journal/journal.ts'
import type { JournalCases } from './journal-cases.ts'
import { newKey, scope, set } from './keeping-records.ts'

/** Hints, and who is there. */
export const tellingOthers: JournalCases = {
  'whoever watches a scope is told when something in it changed': async ([one, other]) => {
    const key = newKey()
    await set(one, key, { n: 1 })
    await hinted(other, () => set(one, key, { n: 2 }))
    await hinted(other, () => one.edit(key, () => undefined))
    await hinted(one, () => set(one, newKey(), { n: 1 }))
  },

  'whoever stopped watching is told nothing': async ([one, other]) => {
    let told = 0
    const end = other.watch(scope, () => (told += 1))
    end()
    end()
    await hinted(other, () => set(one, newKey(), { n: 1 }))
    equal(told, 0)
  },

  'a holder is there until it leaves, with what it said last': async ([one, other]) => {
    const [ann, bob] = [holder('ann', 1), holder('bob', 2)]
    deepEqual(await other.holders(), [])
    await one.beat(ann)
    await other.beat(bob)
    await one.beat({ ...ann, untilMs: 3 })
    for (const journal of [one, other]) deepEqual(sorted(await journal.holders()), [{ ...ann, untilMs: 3 }, bob])
    await one.leave('ann')
    await one.leave('nobody')
    for (const journal of [one, other]) deepEqual(await journal.holders(), [bob])
    deepEqual(await one.list(scope), [])
  },
}

function holder(name: string, untilMs: number): JournalHolder {
  return { name, process: `4711@here of ${name}`, untilMs }
}

function sorted(holders: readonly JournalHolder[]): readonly JournalHolder[] {
  return holders.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** Does something, and waits for a hint of it: one that does not come in five seconds is missing. */
async function hinted(journal: Journal, deed: () => Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  let end: (() => void) | undefined
  const hint = new Promise<void>((resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no hint came')), 5000)
    end = journal.watch(scope, resolve)
  })
  try {
    await Promise.all([hint, deed()])
  } finally {
    end?.()
    clearTimeout(timer)
  }
}
