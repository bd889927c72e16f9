import { systemClock, TaskRuntime, type TaskRecord, type TaskStore } from '@longcall/core'
import { describe, expect, test } from 'vitest'
import { answers, done, drivers, FileLab, ifOpen, put, question, worker } from '../../../../tests/support/file-lab.ts'
import { FileProcess } from '../../../../tests/support/file-process.ts'
import { Moment, RuntimeBench, said } from '../../../../tests/support/runtime-bench.ts'

const clock = systemClock

/** Resolves with the task when a hint came and it is as wanted. */
function heard(store: TaskStore, id: string, isWanted: (task: TaskRecord) => boolean): Promise<TaskRecord> {
  return new Promise((resolve, reject) => {
    const stop = store.watch(id, () => {
      const read = async (): Promise<void> => {
        const task = await store.get(id)
        if (task === undefined || !isWanted(task)) return
        stop()
        resolve(task)
      }
      read().catch(reject)
    })
  })
}

describe.each(drivers)('several processes on one file, %s', (_name, driver) => {
  test('whoever watches a task hears of every write of another process', async () => {
    const lab = await FileLab.in(driver)
    const { store } = lab.open({ clock })
    const { id } = await put(store)
    const other = await FileProcess.start(driver)
    await other.open(lab.file)
    const writes: readonly (() => Promise<unknown>)[] = [
      () => other.call('note', id, { statusMessage: 'on it' }, ifOpen),
      () => other.call('claim', id, worker),
      () => other.call('ask', id, question('ok'), ifOpen),
      () => other.call('answer', id, answers('ok')),
      () => other.call('end', id, done, ifOpen),
    ]
    let last = (await store.get(id))!.updatedAtMs
    for (const write of writes) {
      const written = heard(store, id, ({ updatedAtMs }) => updatedAtMs > last)
      await write()
      last = (await written).updatedAtMs
    }
    expect(await store.get(id)).toMatchObject({ status: 'completed', updatedAtMs: last })
  })

  test('whoever watches a task that does not change is left in peace', async () => {
    const lab = await FileLab.in(driver)
    const [{ store: one }, { store: other }] = [lab.open(), lab.open()]
    const [quiet, loud] = [await put(one), await put(one)]
    const say = async (statusMessage: string): Promise<void> => {
      const isHeard = heard(one, loud.id, (task) => task.statusMessage === statusMessage)
      await other.note(loud.id, { statusMessage }, ifOpen)
      await isHeard
    }
    let hints = 0
    const stop = one.watch(quiet.id, () => void (hints += 1))
    // How the task is, it learns with the first look.
    await say('once')
    hints = 0
    for (const word of ['twice', 'three times', 'often']) await say(word)
    expect(hints).toBe(0)
    stop()
  })

  test('work that is submitted in one while it is full is run by another', async () => {
    const lab = await FileLab.in(driver)
    const runtime = new TaskRuntime({ backend: lab.open({ clock, concurrency: 1 }), namespace: 'test' })
    const begun = new Moment()
    const over = new Moment()
    runtime.define('work', {
      body: async ({ request }) => {
        if (request.arguments['hold'] !== true) return { kind: 'result', result: { by: process.pid } }
        begun.now()
        await over.come
        return said('held')
      },
    })
    const start = { tool: 'work', owner: 'ann', pollIntervalMs: 500 } as const
    const held = await runtime.start({ ...start, arguments: { hold: true } })
    await begun.come
    const waiting = await Promise.all(Array.from({ length: 5 }, () => runtime.start({ ...start, arguments: {} })))
    const other = await FileProcess.start(driver)
    await other.open(lab.file)
    await other.ask('run')
    const later = await runtime.start({ ...start, arguments: {} })
    for (const { id } of [...waiting, later]) {
      const ended = await runtime.until(id, (task) => (task?.status === 'completed' ? task : undefined))
      expect(ended).toMatchObject({ attempt: 1, outcome: { result: { by: other.child.pid } } })
    }
    over.now()
    await runtime.until(held.id, (task) => (task?.status === 'completed' ? task : undefined))
    await runtime.close()
  })

  test('a body hears at once that another process cancelled its task', async () => {
    const lab = await FileLab.in(driver)
    const bench = new RuntimeBench(lab.open({ clock }))
    const [begun, aborted] = [new Moment(), new Moment<unknown>()]
    bench.define(
      ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => (aborted.now(signal.reason), reject(signal.reason as Error)))
          begun.now()
        }),
    )
    const { id } = await bench.start()
    await begun.come
    const other = await FileProcess.start(driver)
    await other.open(lab.file)
    await other.call('end', id, { status: 'cancelled', retentionMs: 3_600_000 }, ifOpen)
    // The clock of the runtime stands still: no heartbeat says so.
    expect(await aborted.come).toMatchObject({ name: 'TaskCancelledError' })
    await bench.runtime.close()
  })
})
