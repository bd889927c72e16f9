import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { engineContract, journalContract, ManualClock, storeContract } from '@longcall/core/testing'
import { describe, test } from 'vitest'
import { libsql, nodeSqlite, sqlite, sqliteJournal, type SqliteOptions } from './index.ts'

const drivers = [nodeSqlite(), libsql()].filter((driver) => driver !== undefined)
const ways: readonly (readonly [name: string, options: SqliteOptions])[] = drivers.flatMap((driver) => [
  [driver.name, { driver }] as const,
  [`${driver.name}, encrypted`, { driver, encryptionKey: new Uint8Array(32).fill(7) }] as const,
])

describe.each(ways)('a store on %s', (_name, options) => {
  const contract = storeContract({
    open: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'longcall-store-'))
      const clock = new ManualClock()
      const file = join(folder, 'tasks.db')
      const { store } = sqlite(file, { ...options, clock })
      const close = async (): Promise<void> => {
        await store.close()
        await rm(folder, { recursive: true })
      }
      return { store, clock, file, advance: (ms: number) => clock.advance(ms), close }
    },
    openSecond: async ({ file, clock }) => sqlite(file, { ...options, clock }).store,
    turnBack: async ({ clock }, ms) => clock.set(clock.now() - ms),
  })
  test.each(contract.map(({ name, run }) => [name, run] as const))('%s', async (_claim, run) => await run())
})

describe.each(drivers.map((driver) => [driver.name, driver] as const))('an engine on %s', (_name, driver) => {
  const contract = engineContract({
    open: async ({ concurrency }) => {
      const folder = await mkdtemp(join(tmpdir(), 'longcall-engine-'))
      const file = join(folder, 'tasks.db')
      const { store, engine } = sqlite(file, { driver, concurrency })
      const seconds: (() => Promise<void>)[] = []
      const close = async (): Promise<void> => {
        for (const closeSecond of seconds) await closeSecond()
        await store.close()
        await rm(folder, { recursive: true })
      }
      return { engine, file, seconds, close }
    },
    openSecond: async ({ file, seconds }, { concurrency }) => {
      const { store, engine } = sqlite(file, { driver, concurrency })
      seconds.push(() => store.close())
      return engine
    },
  })
  test.each(contract.map(({ name, run }) => [name, run] as const))('%s', async (_claim, run) => await run())
})

describe.each(ways)('a journal on %s', (_name, { driver, encryptionKey }) => {
  const options = { ...(driver && { driver }), ...(encryptionKey !== undefined && { encryptionKey }) }
  const contract = journalContract({
    open: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'longcall-journal-'))
      const file = join(folder, 'calls.db')
      const journal = sqliteJournal(file, options)
      const close = async (): Promise<void> => {
        await journal.close()
        await rm(folder, { recursive: true })
      }
      return { journal, file, close }
    },
    openSecond: async ({ file }) => sqliteJournal(file, options),
  })
  test.each(contract.map(({ name, run }) => [name, run] as const))('%s', async (_claim, run) => await run())
})
