import { describe, expect, test } from 'vitest'
import { leaseMs, Moment, rerun, RuntimeBench, said } from '../../../../tests/support/runtime-bench.ts'
import { LeaseLostError } from '../errors/runtime-errors.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { LeaseState } from '../store/task-store.ts'
import { ManualClock } from '../testing.ts'
import { openStatuses } from '../task/task-status.ts'
import type { TaskBodyContext } from './task-body.ts'

const worker = { namespace: 'test', tools: ['work'], leaseMs: 60_000 }

describe('when the process that ran a task is gone', () => {
  test('a task of policy fail fails, and says why', async () => {
    const bench = new RuntimeBench()
    bench.define(async () => said('never'))
    const id = await bench.crashed()
    await bench.runtime.open()
    const task = await bench.ended(id)
    const message = 'The process that ran this task is gone, and the tool does not allow it to run again.'
    expect(task).toMatchObject({
      status: 'failed',
      attempt: 1,
      statusMessage: message,
      outcome: { kind: 'error', error: { code: -32_603, message } },
    })
    expect(bench.kinds).toEqual(['ended'])
  })

  test('a task of policy fail that waits for a person fails, and its question is withdrawn', async () => {
    const bench = new RuntimeBench()
    bench.define(async () => said('never'))
    const question = { key: 'ok', identity: 'x', method: 'elicitation/create', params: {} } as const
    const id = await bench.crashed(
      {},
      {
        before: async (task, token) => void (await bench.store.ask(task, question, { from: openStatuses, token })),
      },
    )
    await bench.runtime.open()
    expect(await bench.ended(id)).toMatchObject({ status: 'failed', questions: [{ state: 'withdrawn' }] })
  })

  test('a task of policy rerun runs again, with the same request and one attempt more', async () => {
    const bench = new RuntimeBench()
    const seen = new Moment<TaskBodyContext>()
    bench.define(async (context) => {
      seen.now(context)
      return said('again')
    }, rerun)
    const id = await bench.crashed({ ...rerun, request: { arguments: { frames: 9 } } })
    await bench.runtime.open()
    expect(await bench.ended(id)).toMatchObject({ status: 'completed', outcome: said('again'), attempt: 2 })
    expect(await seen.come).toMatchObject({ attempt: 2, request: { arguments: { frames: 9 } } })
  })

  test('a task that was never begun is begun, whatever its policy', async () => {
    const bench = new RuntimeBench()
    bench.define(async () => said('at last'))
    const id = await bench.crashed({}, { attempts: 0 })
    await bench.runtime.open()
    expect(await bench.ended(id)).toMatchObject({ status: 'completed', attempt: 1 })
  })

  test('a task that kills every process is given up after its attempts', async () => {
    const bench = new RuntimeBench()
    bench.define(async () => said('never'), rerun)
    const id = await bench.crashed(rerun, { attempts: 3 })
    await bench.runtime.open()
    expect(await bench.ended(id)).toMatchObject({
      status: 'failed',
      attempt: 3,
      statusMessage: 'The process that ran this task is gone; it was started 3 times, which is the most it may be.',
    })
  })

  test('a task is left to the process that holds it until its lease runs out', async () => {
    const bench = new RuntimeBench()
    bench.define(async () => said('again'), rerun)
    const id = await bench.crashed(rerun, { attempts: 0 })
    await bench.store.claim(id, worker)
    await bench.runtime.open()
    await bench.clock.advance(59_000)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'working', attempt: 1 })
    await bench.clock.advance(1_000 + leaseMs / 3)
    expect(await bench.ended(id)).toMatchObject({ attempt: 2 })
  })

  test('tasks of tools and namespaces that this process does not know are left alone', async () => {
    const bench = new RuntimeBench()
    bench.define(async () => said('mine'), rerun)
    const other = await bench.crashed({ ...rerun, tool: 'other' }, { attempts: 0 })
    const away = await bench.crashed({ ...rerun, namespace: 'away' }, { attempts: 0 })
    await bench.runtime.open()
    await bench.clock.advance(60_000)
    expect(await bench.store.get(other)).toMatchObject({ status: 'working', attempt: 0 })
    expect(await bench.store.get(away)).toMatchObject({ status: 'working', attempt: 0 })
  })

  test('more tasks than one sweep touches are all recovered', async () => {
    const bench = new RuntimeBench()
    bench.define(async () => said('done'), rerun)
    const ids = []
    for (let count = 0; count < 120; count += 1) {
      ids.push(await bench.crashed(rerun, { attempts: 0 }))
      ids.push(await bench.crashed({}, { attempts: 0 }))
    }
    await bench.runtime.open()
    await bench.clock.advance(leaseMs)
    expect(await bench.runtime.count()).toMatchObject({ working: 0, completed: ids.length })
  })
})

describe('steps', () => {
  test('give decoded JSON on the first run too, and run once', async () => {
    const bench = new RuntimeBench()
    let runs = 0
    const results: unknown[] = []
    bench.define(async (context) => {
      results.push(
        await context.step('plan', () => {
          runs += 1
          return { at: new Date(0) as never, gone: undefined as never }
        }),
      )
      return said('done')
    })
    const { id } = await bench.start()
    await bench.ended(id)
    expect([runs, results]).toEqual([1, [{ at: '1970-01-01T00:00:00.000Z' }]])
    expect([...(await bench.store.steps(id))]).toEqual([['plan', { at: '1970-01-01T00:00:00.000Z' }]])
  })

  test('that were finished before a crash are not run again, others are', async () => {
    const bench = new RuntimeBench()
    const runs: string[] = []
    bench.define(async (context) => {
      const step = (name: string) =>
        context.step(name, () => {
          runs.push(name)
          return `${name} ${context.attempt}`
        })
      return { kind: 'result', result: { said: [await step('a'), await step('b'), await step('a'), await step('a')] } }
    }, rerun)
    const id = await bench.crashed(rerun, {
      before: async (task, token) => {
        for (const [key, value] of [
          ['a', 'a 1'],
          ['b', null],
          ['a#2', 'a 1 again'],
        ] as const)
          await bench.store.saveStep(task, { key, value }, { from: openStatuses, token })
      },
    })
    await bench.runtime.open()
    expect(await bench.ended(id)).toMatchObject({ outcome: { result: { said: ['a 1', null, 'a 1 again', 'a 2'] } } })
    expect(runs).toEqual(['a'])
  })

  test('with names that look like those of this runtime are not mistaken for each other', async () => {
    const bench = new RuntimeBench()
    bench.define(async (context) => {
      for (const name of ['a', 'a', 'a#2', 'a%232']) await context.step(name, () => name)
      return said('done')
    })
    const { id } = await bench.start()
    await bench.ended(id)
    expect([...(await bench.store.steps(id)).values()]).toEqual(['a', 'a', 'a#2', 'a%232'])
  })

  test('that fail reject as they did, and keep nothing', async () => {
    const bench = new RuntimeBench()
    bench.define(async (context) => {
      await context.step('bad', async () => {
        throw new Error('no network')
      })
      return said('never')
    })
    const { id } = await bench.start()
    expect(await bench.ended(id)).toMatchObject({ status: 'failed', statusMessage: 'no network' })
    expect((await bench.store.steps(id)).size).toBe(0)
  })

  test.each([
    [10n, /^What step "big" gave cannot be kept as JSON: /],
    [undefined, /^What step "big" gave cannot be kept as JSON: it is undefined\.$/],
    ['x'.repeat(100), /^What step "big" gave takes 102 bytes; 50 are allowed\.$/],
  ])('that give %s fail, naming the step', async (value, message) => {
    const bench = new RuntimeBench({ limits: { maxStepBytes: 50 } })
    bench.define(async (context) => {
      await context.step('big', () => value as never)
      return said('never')
    })
    const { id } = await bench.start()
    expect(await bench.ended(id)).toMatchObject({ status: 'failed', statusMessage: expect.stringMatching(message) })
  })

  test('of a body that lost its task reject, and are not kept', async () => {
    const bench = new RuntimeBench()
    const [go, failed] = [new Moment(), new Moment<unknown>()]
    bench.define(async (context) => {
      await go.come
      await context.step('late', () => 1).catch((error: unknown) => failed.now(error))
      return said('late')
    })
    const { id } = await bench.start()
    await bench.store.end(id, { status: 'cancelled', retentionMs: 60_000 }, { from: openStatuses })
    go.now()
    expect(await failed.come).toBeInstanceOf(LeaseLostError)
    expect((await bench.store.steps(id)).size).toBe(0)
  })
})

describe('a lease', () => {
  test('is kept for as long as the body runs', async () => {
    const [here, began] = [new RuntimeBench(), new Moment<TaskBodyContext>()]
    here.define((context) => {
      began.now(context)
      return new Promise(() => {})
    }, rerun)
    const there = here.another()
    there.define(async () => said('stolen'), rerun)
    const { id } = await here.start()
    const { signal } = await began.come
    await there.runtime.open()
    await here.clock.advance(3_600_000)
    expect(await here.runtime.get(id)).toMatchObject({ status: 'working', attempt: 1 })
    expect(signal.aborted).toBe(false)
  })

  test('is kept for a body that begins after a time in which nothing ran', async () => {
    const bench = new RuntimeBench()
    bench.define(
      async ({ request }) => (request.arguments['short'] === true ? said('short') : new Promise<never>(() => {})),
      rerun,
    )
    await bench.ended((await bench.start({ arguments: { short: true } })).id)
    await bench.clock.advance(10 * leaseMs)
    const { id } = await bench.start()
    await bench.clock.advance(0)
    const other = bench.another()
    other.define(async () => said('stolen'), rerun)
    await other.runtime.open()
    await bench.clock.advance(10 * leaseMs)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'working', attempt: 1 })
  })

  test('that was lost aborts the body, and its outcome is dropped', async () => {
    const bench = new RuntimeBench()
    const [began, late] = [new Moment<TaskBodyContext>(), new Moment()]
    bench.define(async (context) => {
      began.now(context)
      await late.come
      return said('too late')
    }, rerun)
    const { id } = await bench.start()
    const { signal } = await began.come
    // The process sleeps, and another one takes its task before it wakes.
    bench.clock.set(bench.clock.now() + 60_000)
    expect(await bench.store.claim(id, worker)).toMatchObject({ task: { attempt: 2 } })
    await bench.clock.advance(0)
    expect(signal.reason).toBeInstanceOf(LeaseLostError)
    late.now()
    await bench.clock.advance(0)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'working', attempt: 2 })
    expect(bench.kinds).toEqual(['created', 'started', 'late'])
  })

  test.each(['fail', 'rerun'] as const)(
    'that ran out while this process slept is held again, and the body of policy %s goes on',
    async (onCrash) => {
      const bench = new RuntimeBench()
      const [began, go] = [new Moment<TaskBodyContext>(), new Moment()]
      bench.define(
        async (context) => {
          began.now(context)
          await go.come
          return said('slow')
        },
        { onCrash },
      )
      // So that the sweep is due before the heartbeat.
      await bench.runtime.open()
      await bench.clock.advance(1_000)
      const { id } = await bench.start()
      const { signal } = await began.come
      // The machine slept, or something kept the event loop busy: nobody else was there to take the task.
      bench.clock.set(bench.clock.now() + 3_600_000)
      await bench.clock.advance(leaseMs)
      expect(signal.aborted).toBe(false)
      go.now()
      expect(await bench.ended(id)).toMatchObject({ status: 'completed', attempt: 1, outcome: said('slow') })
    },
  )

  test('that this process took twice belongs to the later run, whatever becomes of the earlier one', async () => {
    const clock = new ManualClock()
    const store = new LateStore({ clock })
    const bench = new RuntimeBench({ clock, store })
    const runs: TaskBodyContext[] = []
    const [second, firstIsOver] = [new Moment(), new Moment()]
    bench.define(async (context) => {
      runs.push(context)
      if (context.attempt > 1) second.now()
      await new Promise((resolve) => context.signal.addEventListener('abort', resolve))
      firstIsOver.now()
      return said('late')
    }, rerun)
    const { id } = await bench.start()
    await clock.advance(0)
    // The lease ran out, and the engine hands the task out again before the first run learns of it. The store says what
    // became of the first lease, and is heard only when the second run holds another.
    clock.set(clock.now() + leaseMs)
    const claim = await store.claim(id, worker)
    await store.release(id, claim!.token)
    const late = store.holdBack()
    await clock.advance(leaseMs / 3)
    await bench.engine.submit({ id, tool: 'work', namespace: 'test' })
    await second.come
    late.now()
    await firstIsOver.come
    await clock.advance(leaseMs * 4)
    expect(runs.map(({ attempt, signal }) => [attempt, signal.aborted])).toEqual([
      [1, true],
      [3, false],
    ])
    expect(await store.get(id)).toMatchObject({ status: 'working', attempt: 3 })
  })
})

/** Its heartbeats may be answered late. */
class LateStore extends MemoryStore {
  #late: Moment | undefined

  /** The next heartbeats are answered when the test says so. */
  holdBack(): Moment {
    this.#late = new Moment()
    return this.#late
  }

  override async heartbeat(...args: Parameters<MemoryStore['heartbeat']>): Promise<ReadonlyMap<string, LeaseState>> {
    const states = await super.heartbeat(...args)
    await this.#late?.come
    return states
  }
}
