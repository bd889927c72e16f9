import { systemClock } from '@longcall/core'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { done, drivers, FileLab, ifOpen, newTask, put, rejection } from '../../../../tests/support/file-lab.ts'
import { FileProcess } from '../../../../tests/support/file-process.ts'

describe.each(drivers)('a file that others use at the same time, %s', (_name, driver) => {
  test('may be made by several processes at once', async () => {
    const lab = await FileLab.in(driver)
    const one = await FileProcess.start(driver)
    const two = await FileProcess.start(driver)
    const three = await FileProcess.start(driver)
    const processes = [one, two, three]
    for (let round = 0; round < 12; round += 1) {
      const file = join(lab.folder, `${round}.db`)
      const opened = await Promise.all(processes.map((process) => process.open(file)))
      expect(opened).toEqual(processes.map(() => ({ value: undefined })))
      for (const process of processes) await process.call('create', newTask())
      expect(await one.call('count', {})).toMatchObject({ working: 3 })
      for (const process of processes) await process.call('close')
    }
  })

  test.skipIf(drivers.length < 2)('may be used with another SQLite by another process', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open({ clock: systemClock })
    const [, another] = drivers.find(([name]) => name !== driver.name) ?? [undefined, driver]
    const other = await FileProcess.start(another)
    await other.open(lab.file)
    const tasks = Array.from({ length: 60 }, () => newTask())
    const results = await Promise.all(
      tasks.map((task, index) => (index % 3 === 0 ? other.call('create', task) : store.create(task))),
    )
    expect(results.every(({ kind }) => kind === 'created')).toBe(true)
    for (const { id } of tasks) expect(await other.call('get', id)).toEqual(await store.get(id))
    expect(await store.count({})).toMatchObject({ working: tasks.length })
    await other.call('close')
    expect(await store.count({})).toMatchObject({ working: tasks.length })
  })

  test('is backed up by SQLite while it is open, and the backup holds all', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const tasks = [await put(store), await put(store)]
    const backup = await lab.copy()
    rmSync(backup.file)
    lab.raw((program) => program.exec(`VACUUM INTO '${backup.file}'`))
    await put(store)
    const { store: restored } = backup.open()
    for (const task of tasks) expect(await restored.get(task.id)).toEqual(task)
    expect(await restored.count({})).toMatchObject({ working: tasks.length })
  })

  test('is opened when another process is done with its transaction', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open({ clock: systemClock })
    const task = await put(store)
    const other = await FileProcess.start(driver)
    const program = driver.open(lab.file)
    program.exec('BEGIN IMMEDIATE')
    let isOpened = false
    const opening = other.open(lab.file).finally(() => (isOpened = true))
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(isOpened).toBe(false)
    program.exec('COMMIT')
    program.close()
    expect(await opening).toEqual({ value: undefined })
    expect(await other.call('get', task.id)).toEqual(task)
  })

  test('is read while another program writes, and written when that is done', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const task = await put(store)
    const program = driver.open(lab.file)
    program.exec('BEGIN IMMEDIATE')
    let isWritten = false
    const writing = Promise.all([store.end(task.id, done, ifOpen), put(store)]).then((results) => {
      isWritten = true
      return results
    })
    for (let round = 0; round < 20; round += 1) {
      expect(await store.get(task.id)).toEqual(task)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(isWritten).toBe(false)
    program.exec('COMMIT')
    program.close()
    const [ended, later] = await writing
    expect(ended).toMatchObject({ kind: 'written', task: { status: 'completed' } })
    expect(await store.get(later.id)).toEqual(later)
  })

  test('that is closed while another program keeps it: what could not be written is refused, not lost', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const task = await put(store)
    const program = driver.open(lab.file)
    program.exec('BEGIN IMMEDIATE')
    const refused = rejection(store.end(task.id, done, ifOpen))
    await store.close()
    expect(await refused).toMatchObject({ code: 'store_closed' })
    program.exec('COMMIT')
    program.close()
    expect(await lab.open().store.get(task.id)).toEqual(task)
  })
})
