import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { drivers, FileLab, newTask, put } from '../../../../tests/support/file-lab.ts'
import { FileProcess } from '../../../../tests/support/file-process.ts'

/** The modes of all files of a folder. */
function modes(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder).toSorted()
  return Object.fromEntries(names.map((name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)]))
}

describe.skipIf(process.platform === 'win32').each(drivers)('who may read a task file, %s', (_name, driver) => {
  test('of a new one, and of what lies beside it, its owner alone, whatever the umask', async () => {
    const other = await FileProcess.start(driver)
    for (const mask of [0o000, 0o022, 0o777]) {
      const lab = await FileLab.in(driver)
      await other.ask('umask', mask)
      await other.open(lab.file)
      await other.call('create', newTask())
      expect({ mask, ...modes(lab.folder) }).toEqual({
        mask,
        'tasks.db': '600',
        'tasks.db-shm': '600',
        'tasks.db-wal': '600',
      })
    }
  })

  test('of one that was empty, its owner alone', async () => {
    const lab = await FileLab.in(driver)
    writeFileSync(lab.file, '', { mode: 0o666 })
    await put(lab.open().store)
    expect(modes(lab.folder)).toMatchObject({ 'tasks.db': '600', 'tasks.db-wal': '600' })
  })

  test('one with tasks keeps its mode, and what lies beside it has the same', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    await put(store)
    await store.close()
    const shared = await lab.copy()
    chmodSync(shared.file, 0o660)
    await put(shared.open().store)
    expect(modes(shared.folder)).toEqual({ 'tasks.db': '660', 'tasks.db-shm': '660', 'tasks.db-wal': '660' })
  })
})
