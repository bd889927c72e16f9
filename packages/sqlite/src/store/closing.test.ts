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

describe.each(drivers)('closing a store, %s', (_name, driver) => {
  test('does all writes that were begun first', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const { task, token } = await putTaken(store)
    const writes = [...Array.from({ length: 700 }, () => put(store)), store.end(task.id, done, { ...ifOpen, token })]
    let isClosed = false
    const settled = Promise.allSettled(writes).then((results) => ({ results, isClosed }))
    const closing = store.close().then(() => (isClosed = true))
    const { results } = await settled
    await closing
    expect(results.every(({ status }) => status === 'fulfilled')).toBe(true)
    const { store: later } = lab.open()
    expect(await later.count({})).toMatchObject({ working: 700, completed: 1 })
  })

  test('twice is once', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const task = await put(store)
    await Promise.all([store.close(), store.close()])
    await store.close()
    expect(await lab.open().store.get(task.id)).toEqual(task)
  })

  test('ends it: what comes later is refused, and says so', async () => {
    const lab = await FileLab.in(driver)
    const { store, engine } = lab.open()
    const { task, token } = await putTaken(store)
    const { id } = task
    await store.close()
    const guard = { ...ifOpen, token }
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      create: () => store.create(newTask()),
      get: () => store.get(id),
      end: () => store.end(id, done, guard),
      note: () => store.note(id, { statusMessage: 'on it' }, guard),
      ask: () => store.ask(id, question('ok'), guard),
      answer: () => store.answer(id, answers('ok')),
      withdraw: () => store.withdraw(id, ['ok'], guard),
      saveStep: () => store.saveStep(id, { key: 'a', value: 1 }, guard),
      steps: () => store.steps(id),
      claim: () => store.claim(id, worker),
      claimable: () => store.claimable(worker, { limit: 9 }),
      claimLost: () => store.claimLost(worker, 9),
      heartbeat: () => store.heartbeat([{ id, token }], 15_000),
      release: () => store.release(id, token),
      list: () => store.list({}, { limit: 9 }),
      count: () => store.count({}),
      history: () => store.history(id),
      sweep: () => store.sweep(9),
      submit: () => engine.submit(task),
    }
    for (const [name, call] of Object.entries(calls)) {
      const { code, message } = await rejection(call())
      expect({ name, code, message }).toEqual({
        name,
        code: 'store_closed',
        message: `The task file ${lab.file} was closed here, and takes nothing any more. Open it again to go on.`,
      })
    }
  })

  test('leaves whoever watches in peace, before and after', async () => {
    const lab = await FileLab.in(driver)
    const { store, engine } = lab.open()
    const other = lab.open().store
    const { id } = await put(store)
    let hints = 0
    const unwatch = store.watch(id, () => void (hints += 1))
    await engine.start({ namespace: 'test', tools: () => ['work'], run: async () => {} })
    await store.close()
    const unwatchLate = store.watch(id, () => void (hints += 1))
    await other.note(id, { statusMessage: 'on it' }, ifOpen)
    const heard = new Promise<void>((resolve) => {
      const stop = lab.open().store.watch(id, () => (stop(), resolve()))
    })
    await other.note(id, { statusMessage: 'still on it' }, ifOpen)
    await heard
    unwatch()
    unwatchLate()
    await engine.stop()
    expect(hints).toBe(0)
  })

  test('puts all that was written into the file itself', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open()
    const { id } = await put(store)
    await store.close()
    expect(readFileSync(lab.file, 'latin1')).toContain(id)
  })

  test('leaves others that have the file open alone', async () => {
    const lab = await FileLab.in(driver)
    const [{ store: one }, { store: other }] = [lab.open(), lab.open()]
    const task = await put(one)
    await one.close()
    expect(await other.get(task.id)).toEqual(task)
    expect(await other.end(task.id, done, ifOpen)).toMatchObject({ kind: 'written' })
  })
})
