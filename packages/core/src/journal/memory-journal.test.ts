import { expect, test } from 'vitest'
import { journalContract } from '../testing.ts'
import { memoryJournal } from './memory-journal.ts'

const open = async () => {
  const journal = memoryJournal()
  return { journal, close: () => journal.close() }
}
const contract = journalContract({ open })

test.each(contract.map(({ name, run }) => [name, run] as const))('%s', async (_name, run) => await run())

test('every claim has a name of its own, and those of two handles are left out where there is one', () => {
  const all = journalContract({ open, openSecond: async ({ journal }) => journal }).map(({ name }) => name)
  expect(new Set(all).size).toBe(all.length)
  expect(all.length).toBeGreaterThan(2 * contract.length)
  expect(contract.some(({ name }) => name.startsWith('between'))).toBe(false)
})
