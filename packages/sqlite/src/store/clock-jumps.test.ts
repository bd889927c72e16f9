import { describe, expect, test } from 'vitest'
import { done, drivers, FileLab, ifOpen, put, putTaken, rejection, worker } from '../../../../tests/support/file-lab.ts'
import { RuntimeBench, said } from '../../../../tests/support/runtime-bench.ts'

const hourMs = 3_600_000
const minuteMs = 60_000
const { leaseMs } = worker
const once = { onCrash: 'fail', maxAttempts: 1 } as const
const short = { ttlMs: minuteMs, maxTtlMs: minuteMs } as const

describe.each(drivers)('when the clock jumps, %s', (_name, driver) => {
  const looks = ['claimable', 'claimLost', 'sweep'] as const
  test.each(looks)('forward, %s says so, once, and takes nothing from anybody', async (look) => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const held = await putTaken(store, once)
    const again = await putTaken(store)
    const mortal = await put(store, short)
    const doLook = (): Promise<unknown> => {
      if (look === 'claimable') return store.claimable(worker, { limit: 9 })
      return look === 'claimLost' ? store.claimLost(worker, 9) : store.sweep(9)
    }
    lab.clock.set(lab.clock.now() + hourMs)
    expect(await rejection(doLook())).toMatchObject({
      code: 'clock_jumped',
      message:
        'The clock of this machine went 3600 s forward, or the machine slept. The leases of all tasks begin anew; nothing was lost.',
    })
    expect(await doLook()).toEqual(look === 'claimable' ? { tasks: [] } : [])
    for (const { task, token } of [held, again]) {
      expect(await store.claim(task.id, worker)).toBeUndefined()
      expect(await store.heartbeat([{ id: task.id, token }], leaseMs)).toEqual(new Map([[task.id, 'held']]))
    }
    lab.clock.set(lab.clock.now() - hourMs)
    expect(await store.get(mortal.id)).toEqual(mortal)
  })

  test('forward, who is alive keeps its task, and who is not loses it a lease later', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const [alive, dead, lost] = [await putTaken(store), await putTaken(store), await putTaken(store, once)]
    lab.clock.set(lab.clock.now() + hourMs)
    await rejection(store.claimable(worker, { limit: 9 }))
    await lab.clock.advance(leaseMs - 1)
    await store.heartbeat([{ id: alive.task.id, token: alive.token }], leaseMs)
    expect(await store.claimLost(worker, 9)).toEqual([])
    expect(await store.claimable(worker, { limit: 9 })).toEqual({ tasks: [] })
    await lab.clock.advance(1)
    expect((await store.claimLost(worker, 9)).map(({ task }) => task.id)).toEqual([lost.task.id])
    expect((await store.claimable(worker, { limit: 9 })).tasks.map(({ id }) => id)).toEqual([dead.task.id])
  })

  test('forward, nothing is deleted for five minutes, and no task is gone when it is set right within them', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const ended = await put(store, { ttlMs: hourMs, maxTtlMs: hourMs })
    await store.end(ended.id, { ...done, retentionMs: minuteMs }, ifOpen)
    const open = await put(store, { ttlMs: hourMs, maxTtlMs: hourMs })
    lab.clock.set(lab.clock.now() + 24 * hourMs)
    await rejection(store.sweep(9))
    for (let minute = 0; minute < 4; minute += 1) {
      await lab.clock.advance(minuteMs)
      expect(await store.sweep(9)).toEqual([])
    }
    await lab.clock.advance(minuteMs - 1)
    expect(await store.sweep(9)).toEqual([])
    lab.clock.set(lab.clock.now() - 24 * hourMs)
    expect(await rejection(store.sweep(9))).toMatchObject({
      code: 'clock_jumped',
      message: expect.stringContaining(' went 86400 s back, '),
    })
    expect(await store.sweep(9)).toEqual([])
    expect(await store.get(ended.id)).toMatchObject({ status: 'completed' })
    expect(await store.get(open.id)).toEqual(open)
  })

  test('forward, what has expired is deleted five minutes later when it stays so', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const { id } = await put(store, short)
    lab.clock.set(lab.clock.now() + hourMs)
    await rejection(store.sweep(9))
    await lab.clock.advance(5 * minuteMs)
    expect((await store.sweep(9)).map((task) => task.id)).toEqual([id])
  })

  test('forward, none of several processes takes the tasks of another', async () => {
    const lab = await FileLab.in(driver)
    const [{ store: one }, { store: other }] = [lab.open(), lab.open()]
    const held = await putTaken(one, once)
    lab.clock.set(lab.clock.now() + hourMs)
    await rejection(other.claimLost(worker, 9))
    expect(await other.claimLost(worker, 9)).toEqual([])
    await rejection(one.claimLost(worker, 9))
    expect(await one.claimLost(worker, 9)).toEqual([])
    expect(await one.end(held.task.id, done, { ...ifOpen, token: held.token })).toMatchObject({ kind: 'written' })
  })

  test('back, a lease is over when its length has passed', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const { task } = await putTaken(store)
    lab.clock.set(lab.clock.now() - hourMs)
    expect(await rejection(store.claimable(worker, { limit: 9 }))).toMatchObject({
      code: 'clock_jumped',
      message: expect.stringContaining(' went 3600 s back, '),
    })
    expect(await store.claimable(worker, { limit: 9 })).toEqual({ tasks: [] })
    await lab.clock.advance(leaseMs)
    expect((await store.claimable(worker, { limit: 9 })).tasks.map(({ id }) => id)).toEqual([task.id])
  })

  test('back while nobody was there, a lease is over when its length has passed', async () => {
    const lab = await FileLab.in(driver)
    const { store: gone } = lab.open()
    const [again, lost] = [await putTaken(gone), await putTaken(gone, once)]
    await gone.close()
    lab.clock.set(lab.clock.now() - hourMs)
    const { store } = lab.open()
    expect(await store.claimLost(worker, 9)).toEqual([])
    await lab.clock.advance(leaseMs)
    expect((await store.claimLost(worker, 9)).map(({ task }) => task.id)).toEqual([lost.task.id])
    expect((await store.claimable(worker, { limit: 9 })).tasks.map(({ id }) => id)).toEqual([again.task.id])
  })

  test('back and forth, the time of the last update only increases, and history stays in order', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const { id, updatedAtMs } = await put(store)
    let last = updatedAtMs
    for (const [index, jumpMs] of [-hourMs, hourMs, -minuteMs, -24 * hourMs, 2 * hourMs].entries()) {
      lab.clock.set(lab.clock.now() + jumpMs)
      await store.saveStep(id, { key: `s${index}`, value: index }, ifOpen)
      await store.note(id, { statusMessage: `${index}` }, ifOpen)
      const now = (await store.get(id))!.updatedAtMs
      expect(now).toBeGreaterThan(last)
      last = now
    }
    const history = await store.history(id)
    expect(history.map(({ detail }) => detail)).toEqual([undefined, 's0', 's1', 's2', 's3', 's4'])
    expect(history.map(({ atMs }) => atMs)).toEqual(history.map(({ atMs }) => atMs).toSorted((a, b) => a - b))
  })

  test('a little, as clocks that are corrected do, nothing happens, however often', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    for (let round = 0; round < 10; round += 1) {
      lab.clock.set(lab.clock.now() + 1_500)
      expect(await store.claimable(worker, { limit: 9 })).toEqual({ tasks: [] })
      expect(await store.sweep(9)).toEqual([])
    }
  })

  test('forward, a runtime tells of it and goes on; its bodies end as they would have', async () => {
    const lab = await FileLab.in(driver)
    const bench = new RuntimeBench({ clock: lab.clock, ...lab.open() })
    bench.define(async ({ signal }) => {
      await lab.clock.sleep(minuteMs, signal)
      return said('done')
    })
    const { id } = await bench.start()
    await bench.clock.advance(1_000)
    lab.clock.set(lab.clock.now() + hourMs)
    for (let second = 0; second < 61; second += 1) await bench.clock.advance(1_000)
    expect(await bench.ended(id)).toMatchObject({ status: 'completed', attempt: 1 })
    const troubles = bench.events.filter((event) => event.kind === 'trouble')
    expect(troubles).toMatchObject([{ error: { code: 'clock_jumped' } }])
    await bench.runtime.close()
  })
})
