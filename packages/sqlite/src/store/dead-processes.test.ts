import { systemClock } from '@longcall/core'
import { describe, expect, test } from 'vitest'
import { done, drivers, FileLab, ifOpen, newTask, put, worker } from '../../../../tests/support/file-lab.ts'
import { FileProcess } from '../../../../tests/support/file-process.ts'
import { RuntimeBench, said } from '../../../../tests/support/runtime-bench.ts'
import { processName } from '@longcall/core/backend'

const clock = systemClock
/** Longer than any test takes: nothing here waits for a lease to run out. */
const longMs = 3_600_000
const long = { ...worker, leaseMs: longMs }
const once = { onCrash: 'fail', maxAttempts: 1 } as const

describe.each(drivers)('the tasks of a process that is gone, %s', (_name, driver) => {
  test('are found at once by another, whatever is left of their leases', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open({ clock })
    const [again, lost] = [await put(store), await put(store, once)]
    const other = await FileProcess.start(driver)
    await other.open(lab.file)
    for (const { id } of [again, lost])
      expect(await other.call('claim', id, long)).toMatchObject({ task: { attempt: 1 } })
    expect(await store.claimLost(long, 9)).toEqual([])
    expect(await store.claimable(long, { limit: 9 })).toEqual({ tasks: [] })
    await other.kill()
    expect((await store.claimLost(long, 9)).map(({ task }) => task.id)).toEqual([lost.id])
    expect((await store.claimable(long, { limit: 9 })).tasks.map(({ id }) => id)).toEqual([again.id])
    expect(await store.claim(again.id, long)).toMatchObject({ task: { attempt: 2 } })
  })

  test('are found by a process that opens the file after it', async () => {
    const lab = await FileLab.in(driver)
    const other = await FileProcess.start(driver)
    await other.open(lab.file)
    const created = newTask()
    await other.call('create', created)
    await other.call('claim', created.id, long)
    await other.kill()
    const { store } = lab.open({ clock })
    expect((await store.claimable(long, { limit: 9 })).tasks.map(({ id }) => id)).toEqual([created.id])
  })

  test('run again in a runtime that is there, without waiting for a lease', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open({ clock })
    const { id } = await put(store)
    const other = await FileProcess.start(driver)
    await other.open(lab.file)
    await other.call('claim', id, long)
    await other.kill()
    const bench = new RuntimeBench(lab.open())
    bench.define(async () => said('again'))
    await bench.runtime.open()
    expect(await bench.ended(id)).toMatchObject({ status: 'completed', attempt: 2, outcome: said('again') })
    await bench.runtime.close()
  })

  test('are left alone as long as it is there, stopped or not', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open({ clock })
    const [again, lost] = [await put(store), await put(store, once)]
    const other = await FileProcess.start(driver)
    await other.open(lab.file)
    for (const { id } of [again, lost]) await other.call('claim', id, long)
    for (const signal of ['SIGSTOP', 'SIGCONT'] as const) {
      other.child.kill(signal)
      expect(await store.claimLost(long, 9)).toEqual([])
      expect(await store.claimable(long, { limit: 9 })).toEqual({ tasks: [] })
      expect(await store.claim(again.id, long)).toBeUndefined()
    }
    expect(await other.call('end', again.id, done, ifOpen)).toMatchObject({ kind: 'written' })
  })

  test('are left alone when they are of another system, of which nothing is known, until their leases are over', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const { id } = await put(store)
    await store.claim(id, worker)
    const [, system] = processName().split('@')
    for (const holder of [
      `999999@elsewhere`,
      `999999@another-${system}`,
      `999999@${system}/more`,
      'nonsense',
      '@',
      '',
    ]) {
      lab.raw((other) => other.prepare('UPDATE tasks SET lease_holder = ?').run(holder))
      expect({ holder, ...(await store.claimable(worker, { limit: 9 })) }).toEqual({ holder, tasks: [] })
    }
    await lab.clock.advance(worker.leaseMs)
    expect((await store.claimable(worker, { limit: 9 })).tasks.map((task) => task.id)).toEqual([id])
  })
})
