import { systemClock } from '@longcall/core'
import { expect, describe, test } from 'vitest'
import { drivers, FileLab, put, putTaken, rejection, worker } from '../../../../tests/support/file-lab.ts'
import { sqlite } from '../sqlite.ts'

describe.each(drivers)('what looks lost is left alone, %s', (_name, driver) => {
  test('by a claim that comes before a sweep has seen the clock jump', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const { task } = await putTaken(store)
    const free = await put(store)
    lab.clock.set(lab.clock.now() + 3_600_000)
    expect(await store.claim(task.id, worker)).toBeUndefined()
    expect(await store.claim(free.id, worker)).toMatchObject({ task: { attempt: 1 } })
  })

  test('by whoever waited for a lock so long that nobody could renew a lease', async () => {
    const lab = await FileLab.in(driver)
    const leaseMs = 90
    const { store } = lab.open({ clock: systemClock })
    const { id } = await put(store, { onCrash: 'fail', maxAttempts: 1 })
    await store.claim(id, { ...worker, leaseMs })
    const other = driver.open(lab.file)
    await new Promise((resolve) => setTimeout(resolve, leaseMs + 20))
    other.exec('BEGIN IMMEDIATE')
    const taken = store.claimLost({ ...worker, leaseMs }, 9)
    setTimeout(() => other.exec('COMMIT'), leaseMs)
    expect(await taken).toEqual([])
    other.close()
    expect(await store.claimLost({ ...worker, leaseMs }, 9)).toMatchObject([{ task: { id } }])
  })
})

test.each(['', ':memory:', 'file:tasks.db'])('%j is no path of a task file', async (path) => {
  const error = await rejection(Promise.resolve().then(() => sqlite(path)))
  expect(error).toMatchObject({ code: 'store_unreachable', message: expect.stringContaining('memory()') as string })
})

test('places are counted in whole numbers', async () => {
  for (const [, driver] of drivers) {
    const lab = await FileLab.in(driver)
    for (const concurrency of [0, 1.5, Number.NaN, Infinity]) {
      expect(() => lab.open({ concurrency })).toThrow(/whole number/)
    }
  }
})
