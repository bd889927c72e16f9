import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
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
  said,
} from '../../../../tests/support/file-lab.ts'

const key = new Uint8Array(32).fill(7)
const keys: readonly (readonly [what: string, key: string | Uint8Array])[] = [
  ['32 bytes', key],
  ['a passphrase', 'correct horse battery staple'],
]

describe.each(drivers)('a task file with an encryptionKey, %s', (_name, driver) => {
  test.each(keys)('of %s is read by whoever has it', async (_what, encryptionKey) => {
    const lab = await FileLab.in(driver)
    const task = await put(lab.open({ encryptionKey }).store)
    expect(await lab.open({ encryptionKey }).store.get(task.id)).toEqual(task)
    const later = await lab.copy('-wal')
    expect(await later.open({ encryptionKey }).store.get(task.id)).toEqual(task)
  })

  test.each(keys)('of %s is opened with no other, and says so', async (_what, encryptionKey) => {
    const lab = await FileLab.in(driver)
    const task = await put(lab.open({ encryptionKey }).store)
    const path = lab.file
    const another = `The task file ${path} was encrypted with another encryptionKey.`
    expect(lab.refusal()).toMatchObject({
      code: 'store_key',
      message: `The task file ${path} is encrypted. Pass its encryptionKey.`,
    })
    for (const wrong of ['wrong', new Uint8Array(32).fill(8)]) {
      expect(lab.refusal({ encryptionKey: wrong })).toMatchObject({ code: 'store_key', message: another })
    }
    expect(await lab.open({ encryptionKey }).store.get(task.id)).toEqual(task)
  })

  test('cannot be encrypted later, and says so', async () => {
    const lab = await FileLab.in(driver)
    const task = await put(lab.open().store)
    expect(lab.refusal({ encryptionKey: key })).toMatchObject({
      code: 'store_key',
      message: `The task file ${lab.file} was made without encryption, and stays so. Begin with a new file to encrypt, or leave encryptionKey out.`,
    })
    expect(await lab.open().store.get(task.id)).toEqual(task)
  })

  test.each([
    ['an empty passphrase', ''],
    ['31 bytes', new Uint8Array(31)],
    ['33 bytes', new Uint8Array(33)],
    ['no bytes', new Uint8Array(0)],
    ['a variable of the environment that nobody set', undefined],
  ])('that is %s is refused, and no file is made', async (_what, encryptionKey) => {
    const lab = await FileLab.in(driver)
    const options: object = { encryptionKey }
    expect(lab.refusal(options)).toMatchObject({
      code: 'store_key',
      message: `The encryptionKey of the task file ${lab.file} must be 32 bytes, or a passphrase that is not empty; leave it out to keep tasks unencrypted.`,
    })
    expect(readdirSync(lab.folder)).toEqual([])
  })

  test('keeps nothing that tools and clients say in the clear, in no file', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open({ encryptionKey: key })
    const request = {
      arguments: { secret: 'argument-4711' },
      meta: { secret: 'meta-4711' },
      auth: { subject: 'auth-4711' },
      capabilities: { secret: 'capability-4711' },
      traceparent: 'trace-4711',
    }
    const { task, token } = await putTaken(store, { request })
    const guard = { ...ifOpen, token }
    await store.note(task.id, { statusMessage: 'status-4711', progress: { progress: 1, message: 'far-4711' } }, guard)
    await store.ask(task.id, question('ok', 'question-4711'), guard)
    await store.answer(task.id, answers('ok', 'answer-4711'))
    await store.ask(task.id, question('more', 'withdrawn-4711'), guard)
    await store.saveStep(task.id, { key: 'plan', value: { secret: 'step-4711' } }, guard)
    const ending = {
      status: 'completed',
      outcome: said('result-4711'),
      statusMessage: 'end-4711',
      retentionMs: 1,
    } as const
    await store.end(task.id, ending, guard)
    await store.create(newTask({ request: { ...request, arguments: { secret: '4711' } } }))
    expect(await store.get(task.id)).toMatchObject({ request, outcome: ending.outcome, statusMessage: 'end-4711' })
    for (const isClosed of [false, true]) {
      if (isClosed) await store.close()
      const copy = await lab.copy('-wal', '-shm')
      const found = readdirSync(copy.folder).flatMap((name) =>
        readFileSync(join(copy.folder, name), 'latin1').includes('4711') ? [name] : [],
      )
      expect(found).toEqual([])
      // They are looked for in the right place: what is no secret is found there.
      const all = readdirSync(copy.folder).map((name) => readFileSync(join(copy.folder, name), 'latin1'))
      expect(all.some((bytes) => bytes.includes(task.id))).toBe(true)
    }
  })

  const swaps: readonly (readonly [place: string, table: string, column: string])[] = [
    ['arguments', 'requests', 'arguments'],
    ['request', 'requests', 'context'],
    ['status', 'tasks', 'said'],
    ['question ok', 'questions', 'params'],
    ['answer to ok', 'questions', 'answer'],
    ['outcome', 'outcomes', 'outcome'],
  ]
  test.each(swaps)('notices that the %s of two tasks was swapped', async (place, table, column) => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open({ encryptionKey: key })
    const tasks = [await put(store), await put(store)]
    for (const { id } of tasks) {
      await store.ask(id, question('ok'), ifOpen)
      await store.answer(id, answers('ok'))
      await store.end(id, { ...done, statusMessage: 'Done.' }, ifOpen)
    }
    lab.raw((other) => {
      const update = other.prepare(`UPDATE ${table} SET ${column} = ? WHERE seq = ?`)
      const rows = other.prepare(`SELECT seq, ${column} AS sealed FROM ${table}`).all()
      for (const { seq, sealed } of rows) update.run(String(sealed), 3 - Number(seq))
    })
    for (const { id } of tasks) {
      expect(await rejection(store.get(id))).toMatchObject({
        code: 'store_corrupt',
        message: expect.stringContaining(`The ${place} of task ${id} cannot be read. `),
      })
    }
  })

  test('notices that a step was taken for another', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open({ encryptionKey: key })
    const { id } = await put(store)
    await store.saveStep(id, { key: 'a', value: 1 }, ifOpen)
    await store.saveStep(id, { key: 'b', value: 2 }, ifOpen)
    lab.raw((other) => other.exec("UPDATE steps SET value = (SELECT value FROM steps WHERE key = 'b')"))
    expect(await rejection(store.steps(id))).toMatchObject({
      code: 'store_corrupt',
      message: expect.stringContaining(`The step a of task ${id} cannot be read. `),
    })
  })
})
