import { describe, expect, test } from 'vitest'
import { Moment, RuntimeBench, said } from '../../../../tests/support/runtime-bench.ts'
import { LeaseLostError } from '../errors/runtime-errors.ts'
import { TaskCancelledError } from '../errors/task-errors.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { ManualClock } from '../testing.ts'
import { workElsewhere, type TaskBodyContext } from './task-body.ts'

describe('cancelling', () => {
  test('the body is told before cancel resolves, and what it brings afterwards is dropped', async () => {
    const bench = new RuntimeBench()
    const [began, late] = [new Moment<TaskBodyContext>(), new Moment()]
    bench.define(async (context) => {
      began.now(context)
      await late.come
      return said('too late')
    })
    const { id } = await bench.start()
    const { signal } = await began.come
    expect(await bench.runtime.cancel(id)).toMatchObject({ kind: 'written', task: { status: 'cancelled' } })
    expect(signal.reason).toBeInstanceOf(TaskCancelledError)
    late.now()
    await bench.clock.advance(1_000)
    const task = await bench.runtime.get(id)
    expect(task).toMatchObject({ status: 'cancelled', statusMessage: 'The task was cancelled.' })
    expect(task).not.toHaveProperty('outcome')
    expect(bench.kinds).toEqual(['created', 'started', 'ended', 'late'])
  })

  test('a task that has not begun never begins', async () => {
    const bench = new RuntimeBench({ concurrency: 1 })
    const [began, done] = [[] as string[], new Moment()]
    bench.define(async ({ taskId }) => {
      began.push(taskId)
      await done.come
      return said('done')
    })
    const [first, second, third] = [await bench.start(), await bench.start(), await bench.start()]
    await bench.runtime.cancel(second.id)
    done.now()
    await bench.ended(third.id)
    expect(began).toEqual([first.id, third.id])
  })

  test('a task that has ended cannot be cancelled', async () => {
    const bench = new RuntimeBench()
    bench.define(async () => said('done'))
    const { id } = await bench.start()
    const ended = await bench.ended(id)
    expect(await bench.runtime.cancel(id)).toEqual({ kind: 'refused', task: ended })
    expect(await bench.runtime.cancel('nobody')).toEqual({ kind: 'missing' })
  })

  test.each([
    ['soon', true],
    ['at its next heartbeat where no hint comes', false],
  ])('a body that runs in another process is told, %s', async (_when, isHinted) => {
    const clock = new ManualClock()
    const store = new MemoryStore({ clock })
    if (!isHinted) store.watch = () => () => {}
    const here = new RuntimeBench({ clock, store })
    const there = here.another()
    const began = new Moment<TaskBodyContext>()
    here.define((context) => {
      began.now(context)
      return new Promise(() => {})
    })
    const { id } = await here.start()
    const { signal } = await began.come
    await there.runtime.cancel(id)
    expect(signal.aborted).toBe(false)
    await here.clock.advance(0)
    expect(signal.aborted).toBe(isHinted)
    await here.clock.advance(5_000)
    expect(signal.reason).toBeInstanceOf(TaskCancelledError)
  })

  test('a body that listens to its signal makes place at once, one that does not after a while', async () => {
    const bench = new RuntimeBench({ concurrency: 1 })
    const began: string[] = []
    const last = new Moment()
    bench.define(async ({ taskId, signal, request }) => {
      began.push(taskId)
      const mode = request.arguments['mode']
      if (mode === 'last') last.now()
      else if (mode === 'deaf') await new Promise(() => {})
      else await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      return said('done')
    })
    const listening = await bench.start()
    const deaf = await bench.start({ arguments: { mode: 'deaf' } })
    const next = await bench.start({ arguments: { mode: 'last' } })
    await bench.runtime.cancel(listening.id)
    await bench.clock.advance(0)
    expect(began).toEqual([listening.id, deaf.id])
    await bench.runtime.cancel(deaf.id)
    await bench.clock.advance(4_999)
    expect(began).toHaveLength(2)
    await bench.clock.advance(1)
    await last.come
    expect(began).toEqual([listening.id, deaf.id, next.id])
  })
})

describe('ending from outside', () => {
  test('a task whose work goes on elsewhere stays open, is held by nobody, and is completed from outside', async () => {
    const bench = new RuntimeBench()
    bench.define(async () => workElsewhere)
    const { id } = await bench.start()
    const open = await bench.runtime.until(id, (task) => (task?.elsewhere === true ? task : undefined))
    expect(open.status).toBe('working')
    await bench.clock.advance(10 * 60_000)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'working', attempt: 1 })
    const result = await bench.runtime.complete(id, said('from outside'))
    expect(result).toMatchObject({ kind: 'written', task: { status: 'completed', outcome: said('from outside') } })
    expect(await bench.runtime.complete(id, said('again'))).toMatchObject({ kind: 'refused' })
    expect(bench.kinds).toEqual(['created', 'started', 'ended'])
  })

  test('a task that is completed before its body says that the work is elsewhere stays completed', async () => {
    const bench = new RuntimeBench()
    bench.define(async ({ taskId }) => {
      await bench.runtime.complete(taskId, said('quick'))
      return workElsewhere
    })
    const { id } = await bench.start()
    await bench.ended(id)
    await bench.clock.advance(60_000)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'completed', elsewhere: false })
  })

  test('a running body is told that its task was ended from outside', async () => {
    const bench = new RuntimeBench()
    const began = new Moment<TaskBodyContext>()
    bench.define((context) => {
      began.now(context)
      return new Promise(() => {})
    })
    const { id } = await bench.start()
    const { signal } = await began.come
    await bench.runtime.complete(id, { kind: 'error', error: { code: 1, message: 'gave up' } })
    expect(signal.reason).toBeInstanceOf(LeaseLostError)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'failed', statusMessage: 'gave up' })
  })

  test("somebody else's task is neither seen, cancelled, completed nor answered", async () => {
    const bench = new RuntimeBench()
    bench.define(() => new Promise(() => {}))
    const { id } = await bench.start({ owner: 'ann' })
    expect(await bench.runtime.get(id, 'bob')).toBeUndefined()
    expect(await bench.runtime.cancel(id, { owner: 'bob' })).toEqual({ kind: 'missing' })
    expect(await bench.runtime.complete(id, said('x'), { owner: 'bob' })).toEqual({ kind: 'missing' })
    expect(await bench.runtime.answer(id, new Map(), 'bob')).toEqual({ kind: 'missing' })
    expect(await bench.runtime.get(id, 'ann')).toMatchObject({ status: 'working' })
    expect(await bench.runtime.cancel(id, { owner: 'ann', statusMessage: 'mine' })).toMatchObject({ kind: 'written' })
  })
})
