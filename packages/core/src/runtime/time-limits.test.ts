import { describe, expect, test } from 'vitest'
import { capabilities, Moment, rerun, RuntimeBench, said } from '../../../../tests/support/runtime-bench.ts'
import { LeaseLostError, TaskTimeoutError } from '../errors/runtime-errors.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { WriteResult } from '../store/task-store.ts'
import { ManualClock } from '../testing.ts'
import type { TaskBodyContext } from './task-body.ts'

describe('a body with a time limit', () => {
  test('that takes longer fails, listening or not, and its signal says so', async () => {
    const bench = new RuntimeBench()
    const began = new Moment<TaskBodyContext>()
    bench.define(
      (context) => {
        began.now(context)
        return new Promise(() => {})
      },
      { timeoutMs: 60_000 },
    )
    const { id } = await bench.start()
    const { signal } = await began.come
    await bench.clock.advance(59_999)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'working' })
    await bench.clock.advance(1)
    expect(signal.reason).toBeInstanceOf(TaskTimeoutError)
    expect(await bench.runtime.get(id)).toMatchObject({
      status: 'failed',
      statusMessage: expect.stringContaining('ran longer than its timeoutMs of 60000 ms'),
      outcome: { error: { code: -32_603 } },
    })
    expect(bench.kinds).toEqual(['created', 'started', 'ended'])
  })

  test('that ends in time is not stopped', async () => {
    const bench = new RuntimeBench()
    const go = new Moment()
    bench.define(
      async () => {
        await go.come
        return said('done')
      },
      { timeoutMs: 60_000 },
    )
    const { id } = await bench.start()
    await bench.clock.advance(59_999)
    go.now()
    const task = await bench.ended(id)
    await bench.clock.advance(120_000)
    expect(await bench.runtime.get(id)).toEqual(task)
    expect(task).toMatchObject({ status: 'completed' })
  })

  test('that has ended is not stopped while its outcome waits for the store', async () => {
    const clock = new ManualClock()
    let isFull = true
    class FullStore extends MemoryStore {
      override async end(...args: Parameters<MemoryStore['end']>): Promise<WriteResult> {
        if (isFull && args[1].status === 'completed') throw new Error('no disk')
        return await super.end(...args)
      }
    }
    const bench = new RuntimeBench({ clock, store: new FullStore({ clock }) })
    bench.define(async () => said('done'), { timeoutMs: 1_000 })
    const { id } = await bench.start()
    await clock.advance(5_000)
    isFull = false
    await clock.advance(5_000)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'completed', outcome: said('done') })
  })

  test('is not charged for what it waits for people', async () => {
    const bench = new RuntimeBench()
    const go = new Moment()
    bench.define(
      async (context) => {
        await context.ask({ method: 'elicitation/create', params: {} })
        await Promise.all([
          context.ask({ method: 'elicitation/create', params: { message: 'a' } }),
          context.ask({ method: 'elicitation/create', params: { message: 'b' } }),
        ])
        await go.come
        return said('done')
      },
      { timeoutMs: 60_000 },
    )
    const { id } = await bench.start({ request: { capabilities } })
    const answer = async (key: string, count: number): Promise<void> => {
      await bench.runtime.until(id, (task) => (task?.questions.length === count ? task : undefined))
      await bench.clock.advance(3_600_000)
      await bench.runtime.answer(id, new Map([[key, { kind: 'result', result: {} }]]))
    }
    await answer('question-1', 1)
    await answer('question-2', 3)
    await answer('question-3', 3)
    await bench.until(id, 'working')
    await bench.clock.advance(59_999)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'working' })
    await bench.clock.advance(1)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'failed' })
  })

  test('makes place although it never returns', async () => {
    const bench = new RuntimeBench({ concurrency: 1 })
    let runs = 0
    bench.define(
      () => {
        runs += 1
        return runs === 1 ? new Promise(() => {}) : Promise.resolve(said('next'))
      },
      { timeoutMs: 1_000 },
    )
    const [stuck, next] = [await bench.start(), await bench.start()]
    await bench.clock.advance(1_000)
    expect(await bench.runtime.get(stuck.id)).toMatchObject({ status: 'failed' })
    await bench.clock.advance(5_000)
    expect(await bench.runtime.get(next.id)).toMatchObject({ status: 'completed' })
  })

  test('has it anew in each attempt', async () => {
    const bench = new RuntimeBench()
    const go = new Moment()
    bench.define(
      async () => {
        await go.come
        return said('done')
      },
      { ...rerun, timeoutMs: 60_000 },
    )
    const id = await bench.crashed(rerun, { attempts: 2 })
    await bench.runtime.open()
    await bench.clock.advance(59_999)
    go.now()
    expect(await bench.ended(id)).toMatchObject({ status: 'completed', attempt: 3 })
  })
})

describe('an open task', () => {
  test('that expires is gone, and its body is told', async () => {
    const bench = new RuntimeBench({ limits: { maxTtlMs: 60_000 } })
    const began = new Moment<TaskBodyContext>()
    bench.define((context) => {
      began.now(context)
      return new Promise(() => {})
    })
    const { id } = await bench.start()
    const { signal } = await began.come
    await bench.clock.advance(59_999)
    expect(signal.aborted).toBe(false)
    await bench.clock.advance(1 + 5_000)
    expect(signal.reason).toBeInstanceOf(LeaseLostError)
    expect(await bench.runtime.get(id)).toBeUndefined()
  })

  test('that expires while it waits for a person lets its body go', async () => {
    const bench = new RuntimeBench({ limits: { maxTtlMs: 60_000 } })
    const failed = new Moment<unknown>()
    bench.define(async (context) => {
      await context.ask({ method: 'elicitation/create', params: {} }).catch((error: unknown) => failed.now(error))
      return said('late')
    })
    const { id } = await bench.start({ request: { capabilities } })
    await bench.until(id, 'input_required')
    await bench.clock.advance(70_000)
    expect(await failed.come).toBeInstanceOf(LeaseLostError)
  })

  test('outlives the ttl that was asked for, up to the longest', async () => {
    const bench = new RuntimeBench({ limits: { maxTtlMs: 3_600_000 } })
    bench.define(() => new Promise(() => {}))
    const { id } = await bench.start({ ttlMs: 1_000 })
    await bench.clock.advance(3_599_999)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'working', ttlMs: 1_000 })
    await bench.clock.advance(1)
    expect(await bench.runtime.get(id)).toBeUndefined()
  })
})
