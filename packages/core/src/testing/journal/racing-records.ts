import { deepEqual, equal } from 'node:assert/strict'
import type { Journal } from '../../journal/journal.ts'
import type { JournalCases } from './journal-cases.ts'
import { newKey, scope, set } from './keeping-records.ts'

/** Writers that meet. */
export const racingRecords: JournalCases = {
  'of many changes at once, none is lost': async (handles) => {
    const key = newKey()
    await set(handles[0], key, { n: 0 })
    await atOnce(40, handles, (journal) => journal.edit(key, (content) => ({ n: Number(content?.['n']) + 1 })))
    for (const journal of handles) deepEqual(await journal.get(key), { n: 40 })
  },

  'of many who claim one thing at once, one has it, and all see who': async (handles) => {
    const key = newKey()
    await set(handles[0], key, {})
    const found = await atOnce(20, handles, (journal, n) =>
      journal.edit(key, (content) => (content?.['holder'] === undefined ? { ...content, holder: n } : content)),
    )
    equal(new Set(found.map((content) => content?.['holder'])).size, 1)
  },

  'of many who begin one record at once, one does': async (handles) => {
    const key = newKey()
    const found = await atOnce(20, handles, (journal, n) => journal.edit(key, (content) => content ?? { by: n }))
    equal(new Set(found.map((content) => content?.['by'])).size, 1)
    equal((await handles[1].list(scope)).length, 1)
  },

  'what was removed is not brought back by a change that was late': async (handles) => {
    for (let round = 0; round < 10; round += 1) {
      const key = newKey()
      await set(handles[0], key, { n: 0 })
      await atOnce(6, handles, (journal, n) =>
        journal.edit(key, (content) => {
          if (content === undefined || n === 3) return undefined
          return { n: Number(content['n']) + 1 }
        }),
      )
      for (const journal of handles) equal(await journal.get(key), undefined)
    }
    deepEqual(await handles[0].list(scope), [])
  },

  'many records at once are all kept': async (handles) => {
    const keys = Array.from({ length: 60 }, () => newKey())
    await Promise.all(keys.map((key, n) => handles[n % 2]!.edit(key, () => ({ n }))))
    equal((await handles[0].list(scope)).length, 60)
    await Promise.all(keys.map((key, n) => handles[(n + 1) % 2]!.edit(key, () => undefined)))
    for (const journal of handles) deepEqual(await journal.list(scope), [])
  },
}

function atOnce<T>(
  times: number,
  handles: readonly [Journal, Journal],
  run: (journal: Journal, n: number) => Promise<T>,
): Promise<T[]> {
  return Promise.all(Array.from({ length: times }, (_, n) => run(handles[n % 2]!, n)))
}
