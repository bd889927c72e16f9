import { describe, expect, test } from 'vitest'
import { leaseMs, Moment, RuntimeBench, said } from '../../../../tests/support/runtime-bench.ts'
import { InProcessEngine } from '../engine/in-process-engine.ts'
import type { EngineTask, EngineWorker } from '../engine/task-engine.ts'
import { RpcError } from '../errors/rpc-error.ts'
import { TaskLimitError, UnknownToolError } from '../errors/runtime-errors.ts'
import { TooLargeError } from '../json/json.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { ManualClock } from '../testing.ts'
import type { TaskBodyContext } from './task-body.ts'
import { TaskRuntime } from './task-runtime.ts'

const day = 86_400_000

describe('starting', () => {
  test('a task is in the store, working, before start resolves', async () => {
    const bench = new RuntimeBench()
    bench.define(() => new Promise(() => {}))
    const task = await bench.start({ arguments: { frames: 9 }, request: { meta: { a: 1 } } })
    expect(task).toMatchObject({ status: 'working', namespace: 'test', owner: 'ann', quota: 'ann', hidden: false })
    expect(task.request).toEqual({ arguments: { frames: 9 }, meta: { a: 1 } })
    expect(await bench.store.get(task.id)).toMatchObject({ id: task.id, createdAtMs: task.createdAtMs })
  })

  test.each([
    [{}, 'fail', 1],
    [{ maxAttempts: 5 }, 'fail', 1],
    [{ onCrash: 'rerun' }, 'rerun', 3],
    [{ onCrash: 'rerun', maxAttempts: 5 }, 'rerun', 5],
  ] as const)(
    'a tool defined with %j makes tasks of policy %s, started %i times at most',
    async (policy, onCrash, times) => {
      const bench = new RuntimeBench()
      bench.define(async () => said('done'), policy)
      expect(await bench.start()).toMatchObject({ onCrash, maxAttempts: times })
    },
  )

  test('a body is given the request as it was started, and nothing that the caller changes afterwards', async () => {
    const bench = new RuntimeBench()
    const seen = new Moment<TaskBodyContext>()
    bench.define(async (context) => {
      seen.now(context)
      return said('done')
    })
    const args = { list: [1] }
    const starting = bench.start({ arguments: args })
    const { id } = await starting
    args.list.push(2)
    expect(await seen.come).toMatchObject({ taskId: id, attempt: 1, request: { arguments: { list: [1] } } })
  })

  test('a name that nothing is defined under is refused', async () => {
    const bench = new RuntimeBench()
    await expect(bench.start({ tool: 'nothing' })).rejects.toBeInstanceOf(UnknownToolError)
  })

  test('a name has one body', () => {
    const bench = new RuntimeBench()
    bench.define(async () => said('one'))
    expect(() => bench.define(async () => said('two'))).toThrow('already')
  })

  test('an id is used once', async () => {
    const bench = new RuntimeBench()
    bench.define(async () => said('done'))
    const { id } = await bench.start({ id: 'mine' })
    expect(id).toBe('mine')
    await expect(bench.start({ id: 'mine' })).rejects.toMatchObject({ code: 'task_exists' })
  })

  test('arguments that are no object or too large are refused, and nothing is stored', async () => {
    const bench = new RuntimeBench({ limits: { maxArgumentBytes: 20 } })
    bench.define(async () => said('done'))
    await expect(bench.start({ arguments: [] })).rejects.toMatchObject({ code: 'not_json' })
    await expect(bench.start({ arguments: { text: 'x'.repeat(20) } })).rejects.toBeInstanceOf(TooLargeError)
    expect((await bench.runtime.list({}, { limit: 9 })).tasks).toEqual([])
  })

  test('an owner has so many open tasks, and may start another when one ends', async () => {
    const bench = new RuntimeBench({ limits: { maxOpenPerOwner: 2 } })
    bench.define(() => new Promise(() => {}))
    const first = await bench.start()
    await bench.start()
    await expect(bench.start()).rejects.toBeInstanceOf(TaskLimitError)
    await bench.start({ owner: 'bob' })
    await bench.start({ owner: '', quota: 'session 1' })
    await bench.runtime.cancel(first.id)
    await bench.start()
    await expect(bench.start()).rejects.toMatchObject({ code: 'task_limit', maxOpen: 2 })
  })

  test.each([
    [{}, undefined, day],
    [{}, 1_000, 1_000],
    [{}, 400 * day, 30 * day],
    [{ ttlMs: null, maxTtlMs: null }, undefined, null],
    [{ ttlMs: null, maxTtlMs: 5_000 }, undefined, 5_000],
    [{}, 0, day],
  ])('with limits %j, who asks for a ttl of %s is granted %s', async (limits, ttlMs, granted) => {
    const bench = new RuntimeBench({ limits })
    bench.define(async () => said('done'))
    const task = await bench.start({ ...(ttlMs !== undefined && { ttlMs }) })
    expect(task.ttlMs).toBe(granted)
  })
})

describe('an engine', () => {
  test('that does not take a task leaves it to the sweep, which submits it again', async () => {
    const engine = new WatchedEngine()
    engine.isDown = true
    const bench = new RuntimeBench({ engine })
    bench.define(async () => said('done'))
    const { id } = await bench.start()
    expect(bench.events.at(-1)).toMatchObject({ kind: 'trouble', error: { message: 'no queue' } })
    engine.isDown = false
    await bench.clock.advance(leaseMs / 3)
    expect(await bench.ended(id)).toMatchObject({ status: 'completed' })
  })

  test('that hands a task out twice has it run once', async () => {
    const bench = new RuntimeBench()
    let runs = 0
    bench.define(() => {
      runs += 1
      return new Promise(() => {})
    })
    const { id } = await bench.start()
    await bench.engine.submit({ id, tool: 'work', namespace: 'test' })
    await bench.clock.advance(leaseMs)
    expect(runs).toBe(1)
  })

  test('is started once, however many tasks begin at once', async () => {
    const engine = new WatchedEngine()
    const bench = new RuntimeBench({ engine })
    bench.define(async () => said('done'))
    await Promise.all([bench.runtime.open(), bench.start(), bench.start(), bench.runtime.open()])
    expect(engine.starts).toBe(1)
  })
})

describe('ending', () => {
  test('what a body returns is how its task ends', async () => {
    const bench = new RuntimeBench()
    bench.define(async ({ request }) => ({ kind: 'result', result: { frames: request.arguments['frames'] } }))
    const { id } = await bench.start({ arguments: { frames: 9 } })
    const task = await bench.ended(id)
    expect(task).toMatchObject({ status: 'completed', outcome: { kind: 'result', result: { frames: 9 } } })
    expect(task).not.toHaveProperty('statusMessage')
    expect(bench.kinds).toEqual(['created', 'started', 'ended'])
  })

  test("a tool's error is a result, and its text the status", async () => {
    const bench = new RuntimeBench()
    const result = { isError: true, content: [{ type: 'text', text: 'no such city' }] }
    bench.define(async () => ({ kind: 'result', result }))
    const task = await bench.ended((await bench.start()).id)
    expect(task).toMatchObject({ status: 'completed', statusMessage: 'no such city', outcome: { result } })
  })

  test('a protocol error that a body throws is kept as it is', async () => {
    const bench = new RuntimeBench()
    bench.define(async () => {
      throw new RpcError(-32_042, 'not today', { until: 'tomorrow' })
    })
    expect(await bench.ended((await bench.start()).id)).toMatchObject({
      status: 'failed',
      statusMessage: 'not today',
      outcome: { kind: 'error', error: { code: -32_042, message: 'not today', data: { until: 'tomorrow' } } },
    })
  })

  test.each([
    [new Error('no disk'), 'no disk'],
    [new Error(''), 'The task failed without a reason.'],
    ['a string', 'The task failed without a reason.'],
    [undefined, 'The task failed without a reason.'],
    [null, 'The task failed without a reason.'],
  ])('a body that throws %s fails its task as an internal error', async (thrown, message) => {
    const bench = new RuntimeBench()
    bench.define(async () => {
      throw thrown
    })
    expect(await bench.ended((await bench.start()).id)).toMatchObject({
      status: 'failed',
      statusMessage: message,
      outcome: { error: { code: -32_603, message } },
    })
  })

  test('a body that throws before it is a promise fails its task no differently', async () => {
    const bench = new RuntimeBench()
    bench.define(() => {
      throw new Error('at once')
    })
    expect(await bench.ended((await bench.start()).id)).toMatchObject({ status: 'failed', statusMessage: 'at once' })
  })

  test('a result that is too large, or no JSON, fails its task and says so', async () => {
    const bench = new RuntimeBench({ limits: { maxResultBytes: 50 } })
    bench.define(async ({ request }) => ({
      kind: 'result',
      result: request.arguments['large'] === true ? { text: 'x'.repeat(100) } : { big: 1n },
    }))
    const [large, big] = [await bench.start({ arguments: { large: true } }), await bench.start()]
    expect(await bench.ended(large.id)).toMatchObject({
      status: 'failed',
      statusMessage: expect.stringMatching(/^The result of "work" takes \d+ bytes; 50 are allowed\.$/),
    })
    expect(await bench.ended(big.id)).toMatchObject({
      status: 'failed',
      statusMessage: expect.stringMatching(/^The result of "work" cannot be kept as JSON: /),
    })
  })

  test('an ended task is kept for an hour at least, and says so', async () => {
    const bench = new RuntimeBench()
    bench.define(async () => said('done'))
    const { id } = await bench.start({ ttlMs: 1_000 })
    const task = await bench.ended(id)
    expect(task.ttlMs).toBeGreaterThanOrEqual(3_600_000)
    await bench.clock.advance(3_500_000)
    expect(await bench.runtime.get(id)).toEqual(task)
    await bench.clock.advance(101_000)
    expect(await bench.runtime.get(id)).toBeUndefined()
  })

  test('what a body reports is written, the last of it for good', async () => {
    const bench = new RuntimeBench()
    const seen = new Moment()
    bench.define(async (context) => {
      for (let step = 1; step <= 100; step += 1) {
        context.updateStatus(`step ${step}`)
        context.progress({ progress: step, total: 100 })
      }
      await seen.come
      return said('done')
    })
    const { id } = await bench.start()
    await bench.clock.advance(1_000)
    expect(await bench.runtime.get(id)).toMatchObject({
      status: 'working',
      statusMessage: 'step 100',
      progress: { progress: 100, total: 100 },
    })
    seen.now()
    expect(await bench.ended(id)).toMatchObject({ status: 'completed', progress: { progress: 100 } })
  })
})

describe('telling', () => {
  test('a listener that throws is its own affair', async () => {
    const clock = new ManualClock()
    const backend = { store: new MemoryStore({ clock }), engine: new InProcessEngine() }
    const onEvent = (): never => {
      throw new Error('no log')
    }
    const runtime = new TaskRuntime({ backend, namespace: 'test', clock, onEvent })
    runtime.define('work', { body: async () => said('done') })
    const { id } = await runtime.start({ tool: 'work', owner: '', arguments: {}, pollIntervalMs: 500 })
    const task = await runtime.until(id, (seen) => (seen?.status === 'completed' ? seen : undefined))
    expect(task).toMatchObject({ outcome: said('done') })
    await runtime.close()
  })

  test('a listener hears who did what and when, and no contents', async () => {
    const clock = new ManualClock(1_000)
    const bench = new RuntimeBench({ clock })
    bench.define(async () => said('secret'))
    const { id } = await bench.start({ arguments: { secret: 'secret' } })
    await bench.ended(id)
    const common = { atMs: 1_000, taskId: id, tool: 'work', owner: 'ann' }
    expect(bench.events).toEqual([
      { ...common, kind: 'created' },
      { ...common, kind: 'started', attempt: 1 },
      { ...common, kind: 'ended', status: 'completed', statusMessage: undefined },
    ])
  })

  test('lists and counts show the tasks of this namespace only', async () => {
    const bench = new RuntimeBench()
    bench.define(async () => said('done'))
    const { id } = await bench.start()
    await bench.ended(id)
    await bench.crashed({ namespace: 'other', tool: 'other' }, { attempts: 0 })
    const { tasks } = await bench.runtime.list({ namespace: 'other' }, { limit: 9 })
    expect(tasks.map((task) => task.id)).toEqual([id])
    expect(await bench.runtime.count()).toMatchObject({ working: 0, completed: 1 })
    expect((await bench.runtime.history(id)).map(({ event }) => event)).toEqual(['created', 'claimed', 'completed'])
  })
})

/** Runs tasks in this process, unless its queue is down. */
class WatchedEngine extends InProcessEngine {
  isDown = false
  starts = 0

  override async start(worker: EngineWorker): Promise<void> {
    this.starts += 1
    await super.start(worker)
  }

  override async submit(task: EngineTask): Promise<void> {
    if (this.isDown) throw new Error('no queue')
    await super.submit(task)
  }
}
