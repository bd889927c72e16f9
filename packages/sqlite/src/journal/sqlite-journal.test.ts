import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { drivers } from '../../../../tests/support/file-lab.ts'
import { sqlite, sqliteJournal } from '../index.ts'

const key = { scope: 'https://one.example', id: 'a' }

function path(): string {
  const folder = mkdtempSync(join(tmpdir(), 'longcall-journal-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return join(folder, 'calls.db')
}

describe.each(drivers)('a journal in a file, %s', (_name, driver) => {
  test('can be read by its owner alone, with what lies beside it', async () => {
    const file = path()
    const journal = sqliteJournal(file, { driver })
    await journal.edit(key, () => ({ n: 1 }))
    const modes = readdirSync(join(file, '..')).map((name) => statSync(join(file, '..', name)).mode & 0o777)
    expect(modes.length).toBeGreaterThan(1)
    if (process.platform !== 'win32') expect(new Set(modes)).toEqual(new Set([0o600]))
    await journal.close()
  })

  test('with an encryptionKey, shows nothing of what is kept of calls', async () => {
    const file = path()
    const journal = sqliteJournal(file, { driver, encryptionKey: 'a passphrase' })
    await journal.edit(key, () => ({ session: 'very secret' }))
    await journal.close()
    expect(readFileSync(file).includes('very secret')).toBe(false)
    const again = sqliteJournal(file, { driver, encryptionKey: 'a passphrase' })
    expect(await again.list(key.scope)).toEqual([{ id: 'a', content: { session: 'very secret' } }])
    await again.close()
    expect(() => sqliteJournal(file, { driver })).toThrow(
      `The journal file ${file} is encrypted. Pass its encryptionKey.`,
    )
  })

  test('is no file of tasks, and a file of tasks is no journal', async () => {
    const [calls, tasks] = [path(), path()]
    await sqliteJournal(calls, { driver }).close()
    await sqlite(tasks, { driver }).store.close()
    expect(() => sqlite(calls, { driver })).toThrow('Give the tasks a file of their own.')
    expect(() => sqliteJournal(tasks, { driver })).toThrow('Give the calls a file of their own.')
  })
})

test.each(['', ':memory:', 'file:calls.db'])('%j is no path of a journal', (file) => {
  expect(() => sqliteJournal(file)).toThrow(
    `${JSON.stringify(file)} is no path of a journal file. Name a file, or use memoryJournal() for calls that may be lost.`,
  )
})
