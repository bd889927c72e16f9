import { closeSync, openSync, readFileSync, statSync, truncateSync, writeSync } from 'node:fs'
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
import { RuntimeBench, said } from '../../../../tests/support/runtime-bench.ts'

const pageBytes = 4_096

describe.each(drivers)('a damaged file, %s', (_name, driver) => {
  test('a page that was overwritten is noticed by who reads it; other tasks are read and go on', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const before = await put(store)
    const { id } = await put(store, large(6 * pageBytes))
    const after = await put(store)
    await store.close()
    const damaged = await lab.copy()
    overwrite(damaged.file, pageOf(damaged.file, 'x'.repeat(4_080)))
    const { store: reopened } = damaged.open()
    expect(await rejection(reopened.get(id))).toMatchObject({
      code: 'store_corrupt',
      message: expect.stringContaining(`The task file ${damaged.file} is damaged`),
    })
    for (const other of [before, after]) {
      expect(await reopened.get(other.id)).toEqual(other)
      expect(await reopened.end(other.id, done, ifOpen)).toMatchObject({ kind: 'written' })
    }
    expect(await put(reopened)).toMatchObject({ status: 'working' })
  })

  const spoiled: readonly (readonly [what: string, sql: string, place: (id: string) => string])[] = [
    ['its arguments', "UPDATE requests SET arguments = '{' WHERE seq = ?", (id) => `arguments of task ${id}`],
    ['its request', "UPDATE requests SET context = '{' WHERE seq = ?", (id) => `request of task ${id}`],
    ['its status', "UPDATE tasks SET said = '{' WHERE seq = ?", (id) => `status of task ${id}`],
    ['a question', "UPDATE questions SET params = '{' WHERE seq = ?", (id) => `question ok of task ${id}`],
    ['an answer', "UPDATE questions SET answer = '{' WHERE seq = ?", (id) => `answer to ok of task ${id}`],
    ['its outcome', "UPDATE outcomes SET outcome = '{' WHERE seq = ?", (id) => `outcome of task ${id}`],
  ]
  test.each(spoiled)('of a task, %s: the error says so, and of which task', async (_what, sql, place) => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const { id } = await put(store)
    await store.note(id, { statusMessage: 'on it' }, ifOpen)
    await store.ask(id, question('ok'), ifOpen)
    await store.answer(id, answers('ok'))
    await store.end(id, done, ifOpen)
    lab.raw((other) => other.prepare(sql).run(1))
    expect(await rejection(store.get(id))).toMatchObject({
      code: 'store_corrupt',
      message:
        `The ${place(id)} cannot be read. The task file ${lab.file} is damaged, or no SQLite file. It was left as it is; ` +
        'move it and its -wal away, and restore a copy, or begin with a new file.',
    })
    const other = await put(store)
    expect(await store.get(other.id)).toEqual(other)
  })

  test('a step: the error says which', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const { id } = await put(store)
    await store.saveStep(id, { key: 'plan', value: 1 }, ifOpen)
    lab.raw((other) => other.exec("UPDATE steps SET value = 'plan'"))
    expect(await rejection(store.steps(id))).toMatchObject({
      code: 'store_corrupt',
      message: expect.stringContaining(`The step plan of task ${id} cannot be read. The task file ${lab.file} `),
    })
  })

  test('a task that cannot be read keeps no other from being recovered', async () => {
    const lab = await FileLab.in(driver)
    const { store, engine } = lab.open()
    const once = { onCrash: 'fail', maxAttempts: 1 } as const
    const [bad, lost, waiting] = [await putTaken(store, once), await putTaken(store, once), await put(store)]
    lab.raw((other) => other.prepare("UPDATE requests SET arguments = '{' WHERE seq = ?").run(1))
    await lab.clock.advance(worker.leaseMs)
    const bench = new RuntimeBench({ clock: lab.clock, store, engine })
    bench.define(async () => said('done'))
    await bench.runtime.open()
    expect(await bench.ended(lost.task.id)).toMatchObject({ status: 'failed' })
    expect(await bench.ended(waiting.id)).toMatchObject({ status: 'completed' })
    expect(await rejection(store.get(bad.task.id))).toMatchObject({ code: 'store_corrupt' })
    await bench.runtime.close()
  })

  test('a task that cannot be read is swept when its time has come', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const { id } = await put(store, { ttlMs: 1_000, maxTtlMs: 1_000 })
    lab.raw((other) => other.exec("UPDATE requests SET arguments = '{', context = '{'"))
    await lab.clock.advance(1_000)
    expect((await store.sweep(9)).map((task) => task.id)).toEqual([id])
  })

  test('without its -wal it opens as it was when that was last taken in', async () => {
    const lab = await FileLab.in(driver)
    const { store: first } = lab.open()
    const kept = await put(first)
    await first.close()
    const { store } = lab.open()
    const gone = await put(store)
    const { store: later } = (await lab.copy()).open()
    expect(await later.get(kept.id)).toEqual(kept)
    expect(await later.get(gone.id)).toBeUndefined()
    expect(await put(later)).toMatchObject({ status: 'working' })
  })

  test('when it was closed in good order, it holds everything by itself', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const tasks = [await put(store), await put(store), await put(store, large(100_000))]
    await store.close()
    const { store: later } = (await lab.copy()).open()
    for (const task of tasks) expect(await later.get(task.id)).toEqual(task)
  })

  test('of a -wal whose end is torn, all is there that was whole', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const whole = await put(store)
    const size = statSync(`${lab.file}-wal`).size
    const torn = await put(store, large(20_000))
    const after = await lab.copy('-wal')
    expect(statSync(`${after.file}-wal`).size).toBeGreaterThan(size)
    truncateSync(`${after.file}-wal`, size + 9_000)
    const { store: later } = after.open()
    expect(await later.get(whole.id)).toEqual(whole)
    expect(await later.get(torn.id)).toBeUndefined()
    expect(await put(later)).toMatchObject({ status: 'working' })
  })

  test('what its -shm says does not matter', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const task = await put(store)
    const other = await lab.copy('-wal', '-shm')
    overwrite(`${other.file}-shm`, 0)
    expect(await other.open().store.get(task.id)).toEqual(task)
  })
})

/** The number of the first page that holds nothing but this. */
function pageOf(file: string, text: string): number {
  const bytes = readFileSync(file)
  const at = bytes.indexOf(text)
  if (at === -1) throw new Error('It is not in the file.')
  return Math.floor(at / pageBytes)
}

function overwrite(file: string, page: number): void {
  const handle = openSync(file, 'r+')
  writeSync(handle, Buffer.alloc(pageBytes, 0xa5), 0, pageBytes, page * pageBytes)
  closeSync(handle)
}
