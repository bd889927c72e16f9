import { chmodSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { drivers, FileLab, put } from '../../../../tests/support/file-lab.ts'
import { FileProcess } from '../../../../tests/support/file-process.ts'

interface Scene {
  readonly what: string
  /** What is allowed, to all, of the folder and the file. */
  readonly folder: number
  readonly file: number
  readonly besides?: readonly string[]
}

const scenes: readonly Scene[] = [
  { what: 'a file that may only be read', folder: 0o777, file: 0o444 },
  { what: 'a file that may not be read', folder: 0o777, file: 0o000 },
  { what: 'a folder that may not be written', folder: 0o555, file: 0o666 },
  { what: 'a folder that may not be entered', folder: 0o000, file: 0o666 },
  { what: 'a -wal and -shm of somebody else', folder: 0o777, file: 0o666, besides: ['-wal', '-shm'] },
]

// Permissions are another thing there.
describe.skipIf(process.platform === 'win32').each(drivers)('what may not be written, %s', (_name, driver) => {
  test('is refused when it is opened, with an error that says what to do', async () => {
    const nobody = await FileProcess.start(driver)
    await nobody.ask('beNobody')
    for (const { what, folder, file, besides = [] } of scenes) {
      const lab = await FileLab.in(driver)
      const { store } = lab.open()
      const task = await put(store)
      if (besides.length === 0) await store.close()
      const scene = await lab.copy('-wal', '-shm')
      for (const suffix of besides) chmodSync(scene.file + suffix, 0o000)
      chmodSync(scene.file, file)
      chmodSync(scene.folder, folder)
      const { error } = await nobody.open(scene.file)
      chmodSync(scene.folder, 0o777)
      for (const suffix of ['', ...besides]) chmodSync(scene.file + suffix, 0o666)
      expect({ what, ...error }).toEqual({
        what,
        code: 'store_readonly',
        message: `The task file ${scene.file} cannot be written. Let this process write to it, to its folder, and to the -wal and -shm that SQLite keeps beside it.`,
      })
      expect(await scene.open().store.get(task.id)).toEqual(task)
    }
  })

  test('a new file in a folder that may not be written is refused', async () => {
    const nobody = await FileProcess.start(driver)
    await nobody.ask('beNobody')
    const lab = await FileLab.in(driver)
    chmodSync(lab.folder, 0o555)
    expect(await nobody.open(lab.file)).toMatchObject({ error: { code: 'store_readonly' } })
    chmodSync(lab.folder, 0o777)
    expect(await nobody.open(lab.file)).toEqual({ value: undefined })
  })
})
