import { describe, expect, test } from 'vitest'
import { failingStore, type Trouble } from '../../../../tests/support/failing-store.ts'
import { capabilities, leaseMs, Moment, rerun, RuntimeBench, said } from '../../../../tests/support/runtime-bench.ts'
import { LeaseLostError } from '../errors/runtime-errors.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { TaskStore } from '../store/task-store.ts'
import { ManualClock } from '../testing.ts'
import { workElsewhere, type TaskBodyContext } from './task-body.ts'

/** A bench whose store fails in the methods that the test says. */
function unreliable(): {
  readonly bench: RuntimeBench
  readonly fail: (kind: Trouble, ...methods: readonly (keyof TaskStore)[]) => void
} {
  const clock = new ManualClock()
  const troubles = new Map<keyof TaskStore, Trouble>()
  const store = failingStore(new MemoryStore({ clock }), (method) => troubles.get(method) ?? 'none')
  const fail = (kind: Trouble, ...methods: readonly (keyof TaskStore)[]): void => {
    for (const method of methods) troubles.set(method, kind)
  }
  return { bench: new RuntimeBench({ clock, store }), fail }
}

describe('a store that rejects for a while', () => {
  test('takes the outcome of a body when it can again', async () => {
    const { bench, fail } = unreliable()
    bench.define(async () => said('done'))
    fail('before', 'end')
    const { id } = await bench.start()
    await bench.clock.advance(leaseMs / 2)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'working' })
    fail('none', 'end')
    await bench.clock.advance(1_000)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'completed', outcome: said('done') })
  })

  test('keeps an outcome that it said it did not', async () => {
    const { bench, fail } = unreliable()
    bench.define(async () => said('done'))
    fail('after', 'end')
    const { id } = await bench.start()
    await bench.clock.advance(100)
    fail('none', 'end')
    await bench.clock.advance(1_000)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'completed', outcome: said('done') })
  })

  test('takes later that the work goes on elsewhere', async () => {
    const { bench, fail } = unreliable()
    bench.define(async () => workElsewhere)
    fail('before', 'release')
    const { id } = await bench.start()
    await bench.clock.advance(leaseMs / 2)
    fail('none', 'release')
    await bench.clock.advance(10 * leaseMs)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'working', elsewhere: true })
    expect(await bench.runtime.complete(id, said('done'))).toMatchObject({ kind: 'written' })
  })

  test('is waited for with the outcome of a body, however long it takes, and the trouble is told', async () => {
    const { bench, fail } = unreliable()
    bench.define(async () => said('done'))
    fail('before', 'end')
    const { id } = await bench.start()
    await bench.clock.advance(leaseMs * 20)
    expect(bench.kinds).toEqual(['created', 'started', 'trouble'])
    fail('none', 'end')
    await bench.clock.advance(leaseMs)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'completed', outcome: { kind: 'result' } })
  })

  test('that another process could reach gets no outcome of a body that lost its task meanwhile', async () => {
    const { bench, fail } = unreliable()
    bench.define(async () => said('done'))
    fail('before', 'end', 'heartbeat')
    const { id } = await bench.start()
    await bench.clock.advance(leaseMs - 1)
    const there = bench.clock.now() + 1
    bench.clock.set(there)
    const finder = { namespace: 'test', leaseMs }
    expect((await bench.store.claimLost(finder, 1)).map(({ task }) => task.id)).toEqual([id])
    fail('none', 'end', 'heartbeat')
    await bench.clock.advance(1_000)
    expect(bench.kinds).toContain('late')
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'working' })
  })

  test('loses reports, and nothing else', async () => {
    const { bench, fail } = unreliable()
    const go = new Moment()
    bench.define(async (context) => {
      context.updateStatus('lost')
      await go.come
      context.updateStatus('kept')
      return new Promise(() => {})
    })
    fail('before', 'note')
    const { id } = await bench.start()
    await bench.clock.advance(1_000)
    fail('none', 'note')
    go.now()
    await bench.clock.advance(1_000)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'working', statusMessage: 'kept' })
  })

  test('does not disturb a body that waits for a person', async () => {
    const { bench, fail } = unreliable()
    bench.define(async (context) => ({
      kind: 'result',
      result: await context.ask({ method: 'elicitation/create', params: {} }),
    }))
    const { id } = await bench.start({ request: { capabilities } })
    await bench.until(id, 'input_required')
    fail('before', 'get', 'note', 'heartbeat')
    await bench.clock.advance(leaseMs - 2_000)
    fail('none', 'get', 'note', 'heartbeat')
    await bench.clock.advance(leaseMs)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'input_required', questions: [{ state: 'open' }] })
    await bench.runtime.answer(id, new Map([['question-1', { kind: 'result', result: { ok: true } }]]))
    expect(await bench.ended(id)).toMatchObject({ status: 'completed', outcome: { result: { ok: true } } })
  })

  test('is swept when it can be, and each failure is told', async () => {
    const { bench, fail } = unreliable()
    bench.define(async () => said('done'), rerun)
    const id = await bench.crashed(rerun)
    fail('before', 'sweep')
    await bench.runtime.open()
    await bench.clock.advance(leaseMs)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'working' })
    expect(bench.events.filter(({ kind }) => kind === 'trouble')).toMatchObject([
      { error: { message: 'No disk for sweep.' } },
      {},
      {},
      {},
    ])
    fail('none', 'sweep')
    await bench.clock.advance(leaseMs / 3)
    expect(await bench.ended(id)).toMatchObject({ status: 'completed' })
  })

  test('that cannot be claimed from leaves a task to the next sweep', async () => {
    const { bench, fail } = unreliable()
    bench.define(async () => said('done'))
    fail('before', 'claim')
    const { id } = await bench.start()
    await bench.clock.advance(0)
    expect(new Set(bench.kinds)).toEqual(new Set(['created', 'trouble']))
    fail('none', 'claim')
    await bench.clock.advance(leaseMs / 3)
    expect(await bench.ended(id)).toMatchObject({ status: 'completed', attempt: 1 })
  })

  test('that took a claim and did not say so costs an attempt, or the task, but never two runs at once', async () => {
    const { bench, fail } = unreliable()
    let runs = 0
    bench.define(async () => {
      runs += 1
      return said('done')
    }, rerun)
    fail('after', 'claim')
    const { id } = await bench.start()
    await bench.clock.advance(0)
    fail('none', 'claim')
    await bench.clock.advance(leaseMs * 2)
    expect(await bench.ended(id)).toMatchObject({ status: 'completed', attempt: 2 })
    expect(runs).toBe(1)
  })

  test('that did not take a new task says so, and there is none', async () => {
    const { bench, fail } = unreliable()
    bench.define(async () => said('done'))
    fail('before', 'create')
    await expect(bench.start()).rejects.toThrow('No disk for create.')
    expect((await bench.runtime.list({}, { limit: 9 })).tasks).toEqual([])
  })
})

describe('heartbeats', () => {
  test('that fail abort the body when its lease has run out, and not before', async () => {
    const { bench, fail } = unreliable()
    const began = new Moment<TaskBodyContext>()
    bench.define((context) => {
      began.now(context)
      return new Promise(() => {})
    })
    await bench.start()
    const { signal } = await began.come
    fail('before', 'heartbeat')
    await bench.clock.advance(leaseMs - 1)
    expect(signal.aborted).toBe(false)
    await bench.clock.advance(1)
    expect(signal.reason).toBeInstanceOf(LeaseLostError)
  })

  test('that fail now and then do no harm', async () => {
    const { bench, fail } = unreliable()
    const began = new Moment<TaskBodyContext>()
    bench.define((context) => {
      began.now(context)
      return new Promise(() => {})
    })
    await bench.start()
    const { signal } = await began.come
    for (let round = 0; round < 20; round += 1) {
      fail(round % 2 === 0 ? 'before' : 'none', 'heartbeat')
      await bench.clock.advance(leaseMs / 3)
    }
    expect(signal.aborted).toBe(false)
  })
})
