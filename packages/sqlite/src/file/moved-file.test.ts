import { copyFileSync, renameSync, rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { done, drivers, FileLab, ifOpen, put, putTaken, rejection, worker } from '../../../../tests/support/file-lab.ts'

const suffixes = ['', '-wal', '-shm'] as const

// Nobody can move an open file there.
describe.skipIf(process.platform === 'win32').each(drivers)('a file that is open, %s', (_name, driver) => {
  test('and is deleted: nothing is acknowledged any more, and the error says so', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const { task, token } = await putTaken(store)
    for (const suffix of suffixes) rmSync(lab.file + suffix)
    const refused = [
      () => put(store),
      () => store.end(task.id, done, ifOpen),
      () => store.claim(task.id, worker),
      () => store.heartbeat([{ id: task.id, token }], 15_000),
    ]
    for (const write of refused) {
      expect(await rejection(write())).toMatchObject({
        code: 'store_moved',
        message:
          `The task file ${lab.file} or its -wal or -shm was moved, deleted or replaced while it was open. Nothing is written any more. ` +
          'Put it back with its -wal and -shm, or restart this process.',
      })
    }
    expect(await store.get(task.id)).toEqual(task)
  })

  test('and is moved away and back: writing goes on where it was', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const task = await put(store)
    for (const suffix of suffixes) renameSync(lab.file + suffix, `${lab.file}.away${suffix}`)
    expect(await rejection(put(store))).toMatchObject({ code: 'store_moved' })
    for (const suffix of suffixes) renameSync(`${lab.file}.away${suffix}`, lab.file + suffix)
    expect(await store.end(task.id, done, ifOpen)).toMatchObject({ kind: 'written' })
    const after = await lab.copy('-wal')
    expect(await after.open().store.get(task.id)).toMatchObject({ status: 'completed' })
  })

  test('and whose -wal is deleted: nothing is acknowledged any more, and all that was is there when it is closed', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const task = await put(store)
    rmSync(`${lab.file}-wal`)
    expect(await rejection(store.end(task.id, done, ifOpen))).toMatchObject({ code: 'store_moved' })
    await store.close()
    const after = await lab.copy()
    expect(await after.open().store.get(task.id)).toEqual(task)
  })

  test('and is replaced by a copy: neither is written, and the copy is whole', async () => {
    const lab = await FileLab.in(driver)
    const { store: first } = lab.open()
    const task = await put(first)
    await first.close()
    const { store } = lab.open()
    copyFileSync(lab.file, `${lab.file}.copy`)
    renameSync(`${lab.file}.copy`, lab.file)
    for (const suffix of ['-wal', '-shm']) rmSync(lab.file + suffix, { force: true })
    expect(await rejection(store.end(task.id, done, ifOpen))).toMatchObject({ code: 'store_moved' })
    const { store: later } = lab.open()
    expect(await later.get(task.id)).toEqual(task)
    await later.end(task.id, done, ifOpen)
    await store.close()
    expect(await later.get(task.id)).toMatchObject({ status: 'completed' })
    expect(await (await lab.copy('-wal')).open().store.get(task.id)).toMatchObject({ status: 'completed' })
  })
})
