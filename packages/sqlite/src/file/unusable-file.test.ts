import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { drivers, FileLab, put } from '../../../../tests/support/file-lab.ts'
import { sqlite } from '../index.ts'

describe.each(drivers)('what cannot be a task file, %s', (_name, driver) => {
  test('a file in a folder that is not there: the error names both', async () => {
    const lab = await FileLab.in(driver)
    const folder = join(lab.folder, 'no', 'such')
    expect(() => sqlite(join(folder, 'tasks.db'), { driver })).toThrow(
      expect.objectContaining({
        name: 'SqliteStoreError',
        code: 'store_unreachable',
        message: `The task file ${folder}/tasks.db cannot be opened: there is no folder ${folder}. Make it first.`,
      }),
    )
    expect(readdirSync(lab.folder)).toEqual([])
  })

  test('a file in what is no folder', async () => {
    const lab = await FileLab.in(driver)
    writeFileSync(join(lab.folder, 'plain'), 'mine')
    expect(() => sqlite(join(lab.folder, 'plain', 'tasks.db'), { driver })).toThrow(
      expect.objectContaining({ code: 'store_unreachable', message: expect.stringContaining('there is no folder') }),
    )
    expect(readFileSync(join(lab.folder, 'plain'), 'utf8')).toBe('mine')
  })

  test('a folder: it keeps its mode, empty or not', async () => {
    const lab = await FileLab.in(driver)
    mkdirSync(lab.file)
    chmodSync(lab.file, 0o755)
    expect(lab.refusal()).toMatchObject({
      code: 'store_unreachable',
      message: `The task file ${lab.file} is a folder. Name a file in it.`,
    })
    expect(statSync(lab.file).mode & 0o777).toBe(0o755)
  })

  test.skipIf(process.platform === 'win32')('a socket, or a device: it keeps its mode', async () => {
    const lab = await FileLab.in(driver)
    const server = createServer().listen(lab.file)
    await once(server, 'listening')
    chmodSync(lab.file, 0o644)
    expect(lab.refusal()).toMatchObject({
      code: 'store_unreachable',
      message: `The task file ${lab.file} is no file that can hold data. Name another.`,
    })
    expect(statSync(lab.file).mode & 0o777).toBe(0o644)
    server.close()
  })

  test('an empty file is a new one', async () => {
    const lab = await FileLab.in(driver)
    writeFileSync(lab.file, '')
    const { id } = await put(lab.open().store)
    expect(await (await lab.copy('-wal')).open().store.get(id)).toMatchObject({ id })
  })

  test.skipIf(process.platform === 'win32')('a link to a file is as good as the file', async () => {
    const lab = await FileLab.in(driver)
    const target = join(lab.folder, 'target.db')
    symlinkSync(target, lab.file)
    const { id } = await put(lab.open().store)
    const { store } = sqlite(target, { driver, clock: lab.clock })
    expect(await store.get(id)).toMatchObject({ id })
    await store.close()
    expect(statSync(target).mode & 0o777).toBe(0o600)
  })

  test('a file of something else stays as it was', async () => {
    const lab = await FileLab.in(driver)
    const text = 'This is no database. '.repeat(2_000)
    writeFileSync(lab.file, text)
    expect(lab.refusal()).toMatchObject({ code: 'store_corrupt', message: damagedMessage(lab.file) })
    expect(readFileSync(lab.file, 'utf8')).toBe(text)
    expect(readdirSync(lab.folder)).toEqual(['tasks.db'])
  })

  test("another program's database stays byte for byte as it was", async () => {
    const lab = await FileLab.in(driver)
    lab.raw((other) => other.exec('CREATE TABLE photos (name TEXT); INSERT INTO photos VALUES (1)'))
    const bytes = readFileSync(lab.file)
    expect(lab.refusal()).toMatchObject({
      code: 'store_foreign',
      message: `The file ${lab.file} is a database of another program, or no task file. Give the tasks a file of their own.`,
    })
    expect(readFileSync(lab.file).equals(bytes)).toBe(true)
    expect(readdirSync(lab.folder)).toEqual(['tasks.db'])
  })

  test("another program's database with a write-ahead log keeps all that is in it", async () => {
    const lab = await FileLab.in(driver)
    lab.raw((other) => {
      other.exec('PRAGMA journal_mode = WAL; CREATE TABLE photos (name TEXT); INSERT INTO photos VALUES (1)')
      expect(lab.refusal()).toMatchObject({ code: 'store_foreign' })
      expect(other.prepare('SELECT count(*) AS photos FROM photos').get()).toMatchObject({ photos: 1 })
      expect(other.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()).toMatchObject({ tables: 1 })
    })
  })

  test('a file that was cut in half is left as it is', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    for (let count = 0; count < 40; count += 1) await put(store)
    await store.close()
    const cut = await lab.copy()
    truncateSync(cut.file, statSync(cut.file).size / 2)
    const bytes = readFileSync(cut.file)
    expect(cut.refusal()).toMatchObject({ code: 'store_corrupt', message: damagedMessage(cut.file) })
    expect(readFileSync(cut.file).equals(bytes)).toBe(true)
  })
})

function damagedMessage(file: string): string {
  return `The task file ${file} is damaged, or no SQLite file. It was left as it is; move it and its -wal away, and restore a copy, or begin with a new file.`
}
