import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  answers,
  done,
  drivers,
  FileLab,
  ifOpen,
  newTask,
  put,
  putTaken,
  question,
  rejection,
  worker,
} from '../../../../tests/support/file-lab.ts'
import { Moment, RuntimeBench } from '../../../../tests/support/runtime-bench.ts'

/** What a newer version of the program does to a file. */
const newer = 'BEGIN; ALTER TABLE tasks ADD COLUMN priority INTEGER NOT NULL DEFAULT 1; PRAGMA user_version = 2; COMMIT'

describe.each(drivers)('two versions of the program on one file, %s', (_name, driver) => {
  function message(file: string): string {
    return `The task file ${file} has version 2; this @longcall/sqlite knows versions up to 1. A newer one has opened it: restart this process with that one.`
  }

  test('the older one is refused what a newer one has opened, and leaves it as it was', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    await put(store)
    lab.raw((other) => other.exec(newer))
    await store.close()
    const opened = await lab.copy()
    const bytes = readFileSync(opened.file)
    expect(opened.refusal()).toMatchObject({ code: 'store_newer', message: message(opened.file) })
    expect(readFileSync(opened.file).equals(bytes)).toBe(true)
  })

  test('the older one that has it open writes no more from that moment on', async () => {
    const lab = await FileLab.in(driver)
    const { store, engine } = lab.open()
    const { task, token } = await putTaken(store)
    const { id } = task
    await store.ask(id, question('ok'), ifOpen)
    const free = await put(store)
    lab.raw((other) => other.exec(newer))
    const bytes = readFileSync(`${lab.file}-wal`)
    const guard = { ...ifOpen, token }
    const writes: Readonly<Record<string, () => Promise<unknown>>> = {
      create: () => store.create(newTask()),
      claim: () => store.claim(free.id, worker),
      heartbeat: () => store.heartbeat([{ id, token }], 15_000),
      end: () => store.end(id, done, guard),
      note: () => store.note(id, { statusMessage: 'on it' }, guard),
      ask: () => store.ask(id, question('more'), guard),
      answer: () => store.answer(id, answers('ok')),
      withdraw: () => store.withdraw(id, ['ok'], guard),
      saveStep: () => store.saveStep(id, { key: 'a', value: 1 }, guard),
      release: () => store.release(id, token),
      submit: () => engine.submit(free),
    }
    for (const [name, write] of Object.entries(writes)) {
      const { code, message: said } = await rejection(write())
      expect({ name, code, said }).toEqual({ name, code: 'store_newer', said: message(lab.file) })
    }
    expect(readFileSync(`${lab.file}-wal`).equals(bytes)).toBe(true)
  })

  test('what the older one reads meanwhile is right, with columns that it does not know', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const { task } = await putTaken(store)
    const listed = await store.list({}, { limit: 9 })
    lab.raw((other) => {
      other.exec('ALTER TABLE requests ADD COLUMN origin TEXT DEFAULT 7')
      other.exec(newer)
    })
    expect(await store.get(task.id)).toEqual(task)
    expect(await store.list({}, { limit: 9 })).toEqual(listed)
    expect(await store.count({})).toMatchObject({ working: 1 })
  })

  test('what came in one tick with the newer one is written by neither in part', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const writes = Array.from({ length: 5 }, () => rejection(put(store)))
    lab.raw((other) => other.exec(newer))
    expect((await Promise.all(writes)).map(({ code }) => code)).toEqual(Array.from({ length: 5 }, () => 'store_newer'))
    expect(await store.count({})).toMatchObject({ working: 0 })
  })

  test('a body that the older one runs is stopped when its lease is over, and its task is left for the newer one', async () => {
    const lab = await FileLab.in(driver)
    const bench = new RuntimeBench({ clock: lab.clock, ...lab.open() })
    const begun = new Moment()
    bench.define(
      ({ signal }) => {
        begun.now()
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
        })
      },
      { onCrash: 'rerun', maxAttempts: 3 },
    )
    const { id } = await bench.start()
    await begun.come
    lab.raw((other) => other.exec(newer))
    for (let second = 0; second < 40; second += 1) await bench.clock.advance(1_000)
    expect(bench.events.filter(({ kind }) => kind === 'trouble')).not.toEqual([])
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'working', attempt: 1 })
    // The newer version takes it over.
    lab.raw((other) => other.exec('PRAGMA user_version = 1'))
    expect(await lab.open().store.claim(id, worker)).toMatchObject({ task: { attempt: 2 } })
    await bench.runtime.close()
  })
})
