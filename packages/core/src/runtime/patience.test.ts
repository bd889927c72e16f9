import { expect, test } from 'vitest'
import { failingStore, type Trouble } from '../../../../tests/support/failing-store.ts'
import { capabilities, leaseMs, Moment, rerun, RuntimeBench, said } from '../../../../tests/support/runtime-bench.ts'
import { InProcessEngine } from '../engine/in-process-engine.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { TaskStore } from '../store/task-store.ts'
import { ManualClock } from '../testing.ts'
import type { Question, TaskBodyContext } from './task-body.ts'
import { TaskRuntime } from './task-runtime.ts'

const question: Question & { readonly key: string } = {
  key: 'ok',
  method: 'elicitation/create',
  params: { message: 'Ok?' },
}

/** A bench whose store fails in the methods that the test says. */
function unreliable(): { readonly bench: RuntimeBench; readonly troubles: Map<keyof TaskStore, Trouble> } {
  const clock = new ManualClock()
  const troubles = new Map<keyof TaskStore, Trouble>()
  const store = failingStore(new MemoryStore({ clock }), (method) => troubles.get(method) ?? 'none')
  return { bench: new RuntimeBench({ clock, store }), troubles }
}

test.each([
  ['before', 'saveStep'],
  ['after', 'saveStep'],
  ['before', 'ask'],
  ['after', 'ask'],
] as const)(
  'a store that fails for a moment, %s it did what %s is for, costs a body nothing',
  async (trouble, method) => {
    const { bench, troubles } = unreliable()
    let runs = 0
    bench.define(async (context) => {
      const step = await context.step('count', () => (runs += 1))
      return { kind: 'result', result: { step, ...(await context.ask(question)) } }
    })
    troubles.set(method, trouble)
    const { id } = await bench.start({ request: { capabilities } })
    await bench.clock.untilSleeping(2)
    troubles.clear()
    for (;;) {
      await bench.clock.advance(100)
      if ((await bench.runtime.get(id))?.status === 'input_required') break
    }
    await bench.runtime.answer(id, new Map([['ok', { kind: 'result', result: { action: 'accept' } }]]))
    expect(await bench.ended(id)).toMatchObject({ outcome: { result: { step: 1, action: 'accept' } } })
    expect(runs).toBe(1)
    expect((await bench.runtime.get(id))?.questions.map(({ key }) => key)).toEqual(['ok'])
  },
)

test('a store that stays away fails the body without a word of where it is', async () => {
  const { bench, troubles } = unreliable()
  bench.define(async (context) => said(`${Number(await context.step('one', () => 1))}`))
  troubles.set('saveStep', 'before')
  const { id } = await bench.start()
  await bench.clock.advance(120_000)
  expect(await bench.ended(id)).toMatchObject({ status: 'failed', statusMessage: expect.not.stringContaining('disk') })
})

test('a body that lost its task to a silent store is begun anew, although it threw', async () => {
  const { bench, troubles } = unreliable()
  const began = new Moment<TaskBodyContext>()
  bench.define(async (context) => {
    if (context.attempt > 1) return said('second')
    began.now(context)
    await new Promise((_resolve, reject) =>
      context.signal.addEventListener('abort', () => reject(new Error('The operation was aborted'))),
    )
    return said('first')
  }, rerun)
  const { id } = await bench.start()
  const { signal } = await began.come
  troubles.set('heartbeat', 'before')
  await bench.clock.advance(leaseMs * 1.5)
  expect(signal.aborted).toBe(true)
  troubles.clear()
  await bench.clock.advance(leaseMs * 3)
  expect(await bench.ended(id)).toMatchObject({ status: 'completed', outcome: said('second') })
})

test('the same question asked twice at once from outside is asked once, and both get its answer', async () => {
  const { bench } = unreliable()
  bench.define(async () => await new Promise(() => {}))
  const { id } = await bench.start({ request: { capabilities } })
  const asking = [bench.runtime.ask(id, question), bench.runtime.ask(id, question)]
  await bench.until(id, 'input_required')
  await bench.clock.advance(0)
  await bench.runtime.answer(id, new Map([['ok', { kind: 'result', result: { action: 'decline' } }]]))
  expect(await Promise.all(asking)).toEqual([{ action: 'decline' }, { action: 'decline' }])
  await bench.runtime.cancel(id)
})

test('an engine that could not be started is started when the next task comes', async () => {
  const clock = new ManualClock()
  const engine = new InProcessEngine()
  const start = engine.start.bind(engine)
  let isDown = true
  engine.start = async (worker) => {
    if (isDown) throw new Error('redis is down')
    await start(worker)
  }
  const store = new MemoryStore({ clock })
  const runtime = new TaskRuntime({ backend: { store, engine }, namespace: 'test', clock })
  runtime.define('work', { body: async () => said('done') })
  const request = { tool: 'work', owner: '', arguments: {}, pollIntervalMs: 500 }
  await expect(runtime.start(request)).rejects.toThrow('redis is down')
  isDown = false
  const { id } = await runtime.start(request)
  expect(await runtime.until(id, (task) => task?.outcome)).toEqual(said('done'))
  await runtime.close()
})

test('a clock that jumps does not use up the time of a body that waits for a person', async () => {
  const { bench } = unreliable()
  bench.define(
    async (context) => {
      const { action } = await context.ask(question)
      return said(JSON.stringify(action))
    },
    { timeoutMs: 60_000 },
  )
  const { id } = await bench.start({ request: { capabilities } })
  await bench.until(id, 'input_required')
  bench.clock.set(bench.clock.now() + 3_600_000)
  await bench.runtime.answer(id, new Map([['ok', { kind: 'result', result: { action: 'accept' } }]]))
  expect(await bench.ended(id)).toMatchObject({ status: 'completed' })
})

test.each([[{ maxOpenPerOwner: -1 }], [{ retentionMs: Number.NaN }], [{ maxArgumentBytes: null as never }]])(
  'limits of %j are refused, and one that is left undefined is the default',
  (limits) => {
    const backend = { store: new MemoryStore(), engine: new InProcessEngine() }
    expect(() => new TaskRuntime({ backend, namespace: 'test', limits })).toThrow(RangeError)
    const given = { maxOpenPerOwner: undefined as never }
    expect(new TaskRuntime({ backend, namespace: 'test', limits: given }).limits.maxOpenPerOwner).toBe(100)
  },
)
