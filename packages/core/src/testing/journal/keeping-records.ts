import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import type { Journal, JournalKey } from '../../journal/journal.ts'
import type { JsonObject } from '../../json/json.ts'
import type { JournalCases, LastingCases } from './journal-cases.ts'

export const scope = 'https://one.example/mcp'

/** A key that was never used. */
export function newKey(within: string = scope): JournalKey {
  return { scope: within, id: crypto.randomUUID() }
}

/** Writes, whatever was there. */
export async function set(journal: Journal, key: JournalKey, content: JsonObject): Promise<void> {
  deepEqual(await journal.edit(key, () => content), content)
}

/** What a journal keeps, and for whom. */
export const keepingRecords: JournalCases = {
  'what is written is found by its key and in its scope, by everybody': async ([one, other]) => {
    const [key, second] = [newKey(), newKey()]
    const content = { text: 'ä"\n\u2028', deep: [{ n: 1.5, none: null, yes: true }], ['__proto__']: 'a name as any' }
    await set(one, key, content)
    await set(other, second, { n: 2 })
    for (const journal of [one, other]) {
      deepEqual(await journal.get(key), content)
      const listed = new Map((await journal.list(scope)).map((record) => [record.id, record.content]))
      deepEqual(
        listed,
        new Map<string, JsonObject>([
          [key.id, content],
          [second.id, { n: 2 }],
        ]),
      )
    }
  },

  'what is not there is undefined, and nothing is listed': async ([one]) => {
    equal(await one.get(newKey()), undefined)
    deepEqual(await one.list('nobody'), [])
  },

  'scopes are told apart, whatever they are named': async ([one, other]) => {
    const names = ['a', 'A', 'a/b', '../a', 'ä', 'a b', '', 'x'.repeat(2000), '["https://one.example","ann"]']
    for (const [n, within] of names.entries()) await set(one, newKey(within), { n })
    for (const [n, within] of names.entries()) {
      deepEqual(
        (await other.list(within)).map((record) => record.content),
        [{ n }],
      )
    }
  },

  'one id in two scopes is two records': async ([one, other]) => {
    const key = newKey()
    await set(one, key, { n: 1 })
    await set(other, { ...key, scope: 'another' }, { n: 2 })
    deepEqual([await one.get(key), await one.get({ ...key, scope: 'another' })], [{ n: 1 }, { n: 2 }])
  },

  'a change is given what stands there, and what it says stands there then': async ([one, other]) => {
    const key = newKey()
    const seen: unknown[] = []
    for (const journal of [one, other, one, other]) {
      await journal.edit(key, (content) => {
        seen.push(content)
        return { n: Number(content?.['n'] ?? 0) + 1 }
      })
    }
    deepEqual(seen, [undefined, { n: 1 }, { n: 2 }, { n: 3 }])
    deepEqual(await one.get(key), { n: 4 })
  },

  'a change that says undefined removes the record, for everybody': async ([one, other]) => {
    const key = newKey()
    await set(one, key, { n: 1 })
    await set(one, newKey(), { n: 2 })
    equal(await other.edit(key, () => undefined), undefined)
    for (const journal of [one, other]) {
      equal(await journal.get(key), undefined)
      equal((await journal.list(scope)).length, 1)
    }
    equal(await one.edit(key, (content) => content), undefined)
  },

  'a change that gives back what it was given changes nothing': async ([one, other]) => {
    const key = newKey()
    await set(one, key, { n: 1 })
    deepEqual(await other.edit(key, (content) => content), { n: 1 })
    deepEqual(await one.get(key), { n: 1 })
  },

  'what a change throws is thrown, and nothing is written': async ([one, other]) => {
    const key = newKey()
    await set(one, key, { n: 1 })
    const refused = new Error('not now')
    const edit = other.edit(key, () => {
      throw refused
    })
    await rejects(edit, (error) => error === refused)
    deepEqual(await one.get(key), { n: 1 })
    await rejects(
      other.edit(key, () => ({ n: 1n as never })),
      { code: 'not_json' },
    )
    deepEqual(await one.get(key), { n: 1 })
  },

  'what was written is not changed from outside': async ([one, other]) => {
    const key = newKey()
    const mutable = { list: [1] }
    await one.edit(key, () => mutable)
    mutable.list.push(2)
    deepEqual([await one.get(key), await other.get(key)], [{ list: [1] }, { list: [1] }])
    const found = await one.get(key)
    ok(Object.isFrozen(found) && Object.isFrozen(found?.['list']))
  },

  'a record may be large': async ([one, other]) => {
    const key = newKey()
    const content = { text: 'ä'.repeat(500_000) }
    await set(one, key, content)
    deepEqual(await other.get(key), content)
  },

  'a journal that was closed says so': async ([one]) => {
    await one.close()
    for (const use of [
      () => one.get(newKey()),
      () => one.list(scope),
      () => one.edit(newKey(), () => ({})),
      () => one.holders(),
    ])
      await rejects(use, (error) => String((error as { code?: unknown }).code).endsWith('_closed'))
    await one.close()
  },
}

/** What is there for those who come later. */
export const keptForLater: LastingCases = {
  'what was written is there for one who opens it later, and what was removed is not': async (journal, later) => {
    const [kept, changed, removed] = [newKey(), newKey(), newKey()]
    for (const key of [kept, changed, removed]) await set(journal, key, { n: 1 })
    await set(journal, changed, { n: 2 })
    await journal.edit(removed, () => undefined)
    await later(async (other) => {
      deepEqual(
        [await other.get(kept), await other.get(changed), await other.get(removed)],
        [{ n: 1 }, { n: 2 }, undefined],
      )
      equal((await other.list(scope)).length, 2)
    })
  },
}
