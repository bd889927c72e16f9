import { describe, expect, test } from 'vitest'
import { failingStore } from '../../../../tests/support/failing-store.ts'
import { capabilities, leaseMs, Moment, rerun, RuntimeBench, said } from '../../../../tests/support/runtime-bench.ts'
import { ShutdownError } from '../errors/runtime-errors.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { Claim } from '../store/task-store.ts'
import { ManualClock } from '../testing.ts'
import type { TaskBodyContext } from './task-body.ts'

/** A body that ends when its signal aborts, with the reason. */
function listening(began: Moment<TaskBodyContext>) {
  return (context: TaskBodyContext): Promise<never> => {
    began.now(context)
    return new Promise((_resolve, reject) => {
      context.signal.addEventListener('abort', () => reject(context.signal.reason))
    })
  }
}

/** Closes, and lets so much time pass. */
async function close(bench: RuntimeBench, ms: number): Promise<'closed' | 'closing'> {
  let state: 'closed' | 'closing' = 'closing'
  void bench.runtime.close().then(() => (state = 'closed'))
  await bench.clock.advance(ms)
  return state
}

describe('closing', () => {
  test('waits for bodies that run, and begins no other', async () => {
    const bench = new RuntimeBench({ concurrency: 1 })
    const [began, go] = [new Moment<TaskBodyContext>(), new Moment()]
    bench.define(async (context) => {
      began.now(context)
      await go.come
      return said('done')
    })
    const [running, queued] = [await bench.start(), await bench.start()]
    await began.come
    const closed = bench.runtime.close()
    await bench.clock.advance(9_999)
    go.now()
    await closed
    expect(await bench.store.get(running.id)).toMatchObject({ status: 'completed' })
    expect(await bench.store.get(queued.id)).toMatchObject({ status: 'working', attempt: 0 })
    expect(bench.clock.sleepers).toBe(0)
  })

  test('gives a body the grace that was about to begin', async () => {
    const clock = new ManualClock()
    const [claiming, claimed] = [new Moment(), new Moment()]
    class SlowStore extends MemoryStore {
      override async claim(...args: Parameters<MemoryStore['claim']>): Promise<Claim | undefined> {
        claiming.now()
        await claimed.come
        return await super.claim(...args)
      }
    }
    const bench = new RuntimeBench({ clock, store: new SlowStore({ clock }) })
    const [began, go] = [new Moment<TaskBodyContext>(), new Moment()]
    bench.define(async (context) => {
      began.now(context)
      await go.come
      return said('done')
    })
    const { id } = await bench.start()
    await claiming.come
    const closed = bench.runtime.close()
    await clock.advance(1_000)
    claimed.now()
    const { signal } = await began.come
    await clock.advance(8_000)
    expect(signal.aborted).toBe(false)
    go.now()
    await closed
    expect(await bench.store.get(id)).toMatchObject({ status: 'completed' })
  })

  test('takes no new tasks', async () => {
    const bench = new RuntimeBench()
    bench.define(async () => said('done'))
    await bench.start()
    await bench.runtime.close()
    await expect(bench.start()).rejects.toMatchObject({ rpcError: { code: -32_603 } })
  })

  test('stops a body of policy fail after the grace, and its task says why it failed', async () => {
    const bench = new RuntimeBench()
    const began = new Moment<TaskBodyContext>()
    bench.define(listening(began))
    const { id } = await bench.start()
    const { signal } = await began.come
    expect(await close(bench, 9_999)).toBe('closing')
    expect(signal.aborted).toBe(false)
    await bench.clock.advance(1)
    expect(signal.reason).toBeInstanceOf(ShutdownError)
    expect(await bench.store.get(id)).toMatchObject({
      status: 'failed',
      statusMessage: expect.stringContaining('its process shuts down'),
    })
  })

  test('hands a body of policy rerun back, and another process runs it at once', async () => {
    const here = new RuntimeBench()
    const there = here.another()
    const began = new Moment<TaskBodyContext>()
    here.define(listening(began), rerun)
    there.define(async ({ attempt }) => ({ kind: 'result', result: { attempt } }), rerun)
    const { id } = await here.start()
    await began.come
    expect(await close(here, 10_000)).toBe('closed')
    expect(await here.store.get(id)).toMatchObject({ status: 'working', attempt: 1 })
    await there.runtime.open()
    await there.clock.advance(0)
    expect(await there.store.get(id)).toMatchObject({ status: 'completed', outcome: { result: { attempt: 2 } } })
  })

  test('hands back a task on its last attempt, too: to shut down is no crash', async () => {
    const bench = new RuntimeBench()
    const began = new Moment<TaskBodyContext>()
    bench.define(listening(began), rerun)
    const id = await bench.crashed(rerun, { attempts: 2 })
    await bench.runtime.open()
    await began.come
    expect(await close(bench, 10_000)).toBe('closed')
    expect(await bench.store.get(id)).toMatchObject({ status: 'working', attempt: 3, releases: 1 })
  })

  test('a task of policy fail that is cut off says so, not what its body said of it', async () => {
    const bench = new RuntimeBench()
    const began = new Moment<TaskBodyContext>()
    bench.define(async (context) => {
      began.now(context)
      await new Promise((resolve) => context.signal.addEventListener('abort', resolve))
      throw new Error('socket hang up')
    })
    const { id } = await bench.start()
    await began.come
    expect(await close(bench, 10_000)).toBe('closed')
    expect(await bench.store.get(id)).toMatchObject({
      status: 'failed',
      statusMessage: expect.stringContaining('its process shuts down'),
    })
  })

  test('keeps what a stopped body still completes', async () => {
    const bench = new RuntimeBench()
    bench.define(async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      return said('just in time')
    }, rerun)
    const { id } = await bench.start()
    await bench.clock.advance(0)
    expect(await close(bench, 10_000)).toBe('closed')
    expect(await bench.store.get(id)).toMatchObject({ status: 'completed', outcome: said('just in time') })
  })

  test.each([
    [{}, { status: 'failed', statusMessage: expect.stringContaining('its process shuts down') as string }],
    [rerun, { status: 'working', attempt: 1 }],
  ] as const)(
    'does not wait for a body of %j that does not listen, whose task is not left behind',
    async (policy, left) => {
      const bench = new RuntimeBench()
      bench.define(() => new Promise(() => {}), policy)
      const { id } = await bench.start()
      await bench.clock.advance(0)
      expect(await close(bench, 12_000)).toBe('closed')
      expect(await bench.store.get(id)).toMatchObject(left)
      // Nobody has to wait for its lease to run out.
      const claim = { namespace: 'test', tools: ['work'], leaseMs }
      expect((await bench.store.claimable(claim, { limit: 9 })).tasks.map((task) => task.id)).toEqual(
        policy === rerun ? [id] : [],
      )
      expect(bench.clock.sleepers).toBe(0)
    },
  )

  test('hands back a rerun body that waits for a person, whose question stays open', async () => {
    const here = new RuntimeBench()
    const there = here.another()
    for (const { runtime } of [here, there]) {
      runtime.define('work', {
        ...rerun,
        body: async (context) => ({
          kind: 'result',
          result: await context.ask({ method: 'elicitation/create', params: {} }),
        }),
      })
    }
    const { id } = await here.start({ request: { capabilities } })
    await here.until(id, 'input_required')
    // Nobody waits for a person who may take any time.
    expect(await close(here, 0)).toBe('closed')
    expect(await here.store.get(id)).toMatchObject({ status: 'input_required', questions: [{ state: 'open' }] })
    await there.runtime.open()
    await there.runtime.answer(id, new Map([['question-1', { kind: 'result', result: { ok: true } }]]))
    expect(await there.ended(id)).toMatchObject({ attempt: 2, outcome: { result: { ok: true } } })
  })

  test('gives what came of a stopped body a moment to be stored, and then closes the store', async () => {
    const clock = new ManualClock()
    const calls: string[] = []
    const store = failingStore(new MemoryStore({ clock }), (method) => {
      calls.push(method)
      return method === 'release' && calls.filter((call) => call === 'release').length < 4 ? 'before' : 'none'
    })
    const bench = new RuntimeBench({ clock, store })
    bench.define(() => new Promise(() => {}), rerun)
    const { id } = await bench.start()
    await bench.clock.advance(0)
    expect(await close(bench, 12_000)).toBe('closed')
    expect(calls.slice(-2)).toEqual(['release', 'close'])
    expect(
      (await store.claimable({ namespace: 'test', tools: ['work'] }, { limit: 9 })).tasks.map((task) => task.id),
    ).toEqual([id])
  })

  test('does not wait for ever for a store that fails', async () => {
    const clock = new ManualClock()
    const store = failingStore(new MemoryStore({ clock }), (method) => (method === 'end' ? 'before' : 'none'))
    const bench = new RuntimeBench({ clock, store })
    bench.define(async () => said('done'))
    await bench.start()
    expect(await close(bench, 12_000)).toBe('closed')
    // What still tries to write gives up as well.
    await clock.advance(leaseMs)
    expect(clock.sleepers).toBe(0)
  })

  test('waits for a body only until it waits for a person', async () => {
    const bench = new RuntimeBench()
    const go = new Moment()
    bench.define(async (context) => {
      await go.come
      return { kind: 'result', result: await context.ask({ method: 'elicitation/create', params: {} }) }
    }, rerun)
    const { id } = await bench.start({ request: { capabilities } })
    await bench.clock.advance(0)
    expect(await close(bench, 3_000)).toBe('closing')
    const asked = bench.until(id, 'input_required')
    go.now()
    await asked
    await bench.clock.advance(100)
    await bench.runtime.close()
    expect(await bench.store.get(id)).toMatchObject({ status: 'input_required', attempt: 1 })
  })

  test('twice is closing once, and before anything began is nothing', async () => {
    const bench = new RuntimeBench()
    bench.define(async () => said('done'))
    const closed = bench.runtime.close()
    expect(bench.runtime.close()).toBe(closed)
    await closed
    expect(bench.clock.sleepers).toBe(0)
  })

  test('with a grace of its own waits that long', async () => {
    const bench = new RuntimeBench()
    const began = new Moment<TaskBodyContext>()
    bench.define(listening(began))
    await bench.start()
    const { signal } = await began.come
    const closed = bench.runtime.close({ graceMs: 50 })
    await bench.clock.advance(49)
    expect(signal.aborted).toBe(false)
    await bench.clock.advance(1)
    await closed
    expect(signal.aborted).toBe(true)
  })
})
