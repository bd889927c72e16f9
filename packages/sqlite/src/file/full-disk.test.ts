import { describe, expect, test } from 'vitest'
import {
  answers,
  done,
  drivers,
  FileLab,
  ifOpen,
  large,
  put,
  putTaken,
  question,
  rejection,
  worker,
} from '../../../../tests/support/file-lab.ts'
import { LimitedDisk } from '../../../../tests/support/limited-disk.ts'

describe.each(drivers)('on a full disk, %s', (_name, driver) => {
  test('a task that does not fit is refused, and the error says what is full and what to do', async () => {
    const disk = new LimitedDisk(driver)
    const lab = await FileLab.in(disk)
    const { store } = lab.open()
    disk.fillUp()
    const error = await rejection(put(store, large(500_000)))
    expect(error).toMatchObject({
      code: 'store_full',
      message: `The task file ${lab.file} cannot grow: the disk is full. Nothing was written; free some space, and it goes on.`,
    })
    expect(await store.list({}, { limit: 9 })).toEqual({ tasks: [] })
  })

  test('reads go on', async () => {
    const disk = new LimitedDisk(driver)
    const lab = await FileLab.in(disk)
    const { store } = lab.open()
    const { task, token } = await putTaken(store)
    await store.saveStep(task.id, { key: 'a', value: 1 }, { ...ifOpen, token })
    disk.fillUp()
    await rejection(put(store, large(500_000)))
    expect(await store.get(task.id)).toMatchObject({ id: task.id, attempt: 1 })
    expect((await store.list({}, { limit: 9 })).tasks.map(({ id }) => id)).toEqual([task.id])
    expect(await store.count({})).toMatchObject({ working: 1 })
    expect([...(await store.steps(task.id))]).toEqual([['a', 1]])
    expect((await store.history(task.id)).map(({ event }) => event)).toEqual(['created', 'claimed', 'step'])
    expect(await store.claimable(worker, { limit: 9 })).toEqual({ tasks: [] })
  })

  test('answers, heartbeats and ends that fit are still kept', async () => {
    const disk = new LimitedDisk(driver)
    const lab = await FileLab.in(disk)
    const { store } = lab.open()
    const { task, token } = await putTaken(store)
    const lease = { id: task.id, token }
    await store.ask(task.id, question('ok'), { ...ifOpen, token })
    disk.fillUp()
    await rejection(put(store, large(500_000)))
    expect(await store.answer(task.id, answers('ok'))).toMatchObject({ kind: 'written', answered: ['ok'] })
    expect(await store.heartbeat([lease], 15_000)).toEqual(new Map([[task.id, 'held']]))
    expect(await store.end(task.id, done, { ...ifOpen, token })).toMatchObject({ kind: 'written' })
    expect(await store.get(task.id)).toMatchObject({ status: 'completed', outcome: done.outcome })
  })

  test('a write that is too large does not take the others of its tick with it', async () => {
    const disk = new LimitedDisk(driver)
    const lab = await FileLab.in(disk)
    const { store } = lab.open()
    const waiting = await put(store)
    const ending = await put(store)
    await store.ask(waiting.id, question('ok'), ifOpen)
    disk.fillUp()
    const results = await Promise.allSettled([
      put(store),
      store.answer(waiting.id, answers('ok')),
      put(store, large(500_000)),
      store.end(ending.id, done, ifOpen),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    expect(await store.get(waiting.id)).toMatchObject({ status: 'working', questions: [{ state: 'answered' }] })
    expect(await store.get(ending.id)).toMatchObject({ status: 'completed' })
    expect((await store.list({}, { limit: 9 })).tasks).toHaveLength(3)
    expect((await store.history(waiting.id)).map(({ event }) => event)).toEqual(['created', 'asked', 'answered'])
  })

  test('nothing that was acknowledged is lost, and with more room everything goes on', async () => {
    const disk = new LimitedDisk(driver)
    const lab = await FileLab.in(disk)
    const { store } = lab.open()
    disk.fillUp({ sparePages: 30 })
    const kept: string[] = []
    let refused = 0
    // Several at once, as they come: some of a tick fit, and some do not.
    for (let round = 0; round < 20; round += 1) {
      const results = await Promise.allSettled(Array.from({ length: 5 }, () => put(store, large(3_000))))
      for (const result of results) {
        if (result.status === 'fulfilled') kept.push(result.value.id)
        else refused += 1
      }
    }
    expect(kept.length).toBeGreaterThan(5)
    expect(refused).toBeGreaterThan(5)
    disk.free()
    kept.push((await put(store, large(500_000))).id)
    const { tasks } = await store.list({}, { limit: 200 })
    expect(tasks.map(({ id }) => id)).toEqual(kept.toReversed())
    const { store: reopened } = (await lab.copy('-wal')).open()
    expect((await reopened.list({}, { limit: 200 })).tasks).toEqual(tasks)
    for (const id of kept) expect(await reopened.get(id)).toEqual(await store.get(id))
  })

  test('what expired makes room for others', async () => {
    const disk = new LimitedDisk(driver)
    const lab = await FileLab.in(disk)
    const { store } = lab.open()
    const { id } = await put(store, { ...large(500_000), ttlMs: 1_000, maxTtlMs: 1_000 })
    disk.fillUp()
    await rejection(put(store, large(400_000)))
    await lab.clock.advance(1_000)
    expect((await store.sweep(10)).map((task) => task.id)).toEqual([id])
    await put(store, large(400_000))
  })

  test('a new file is refused, and made when there is room', async () => {
    const disk = new LimitedDisk(driver)
    const lab = await FileLab.in(disk)
    disk.fillUp()
    expect(lab.refusal()).toMatchObject({ code: 'store_full' })
    disk.free()
    const task = await put(lab.open().store)
    expect(await lab.open().store.get(task.id)).toEqual(task)
  })

  test('a file with tasks is opened', async () => {
    const disk = new LimitedDisk(driver)
    const lab = await FileLab.in(disk)
    const { id } = await put(lab.open().store)
    const other = await lab.copy('-wal')
    disk.fillUp()
    expect(await other.open().store.get(id)).toMatchObject({ id })
  })
})
