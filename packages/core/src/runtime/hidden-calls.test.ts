import { describe, expect, test } from 'vitest'
import { failingStore } from '../../../../tests/support/failing-store.ts'
import { capabilities, leaseMs, RuntimeBench, said } from '../../../../tests/support/runtime-bench.ts'
import { LeaseLostError, ShutdownError, TaskLimitError } from '../errors/runtime-errors.ts'
import { openStatuses } from '../task/task-status.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { ManualClock } from '../testing.ts'
import type { TaskExecution } from './task-execution.ts'

const ttlMs = 600_000

/** A call that turned out to have to wait. */
async function adopt(bench: RuntimeBench, owner: string = 'ann'): Promise<TaskExecution> {
  const request = { tool: 'work', owner, arguments: { city: 'Paris' }, request: { capabilities }, pollIntervalMs: 500 }
  return await bench.runtime.adopt(request, { ttlMs })
}

describe('a call that has to wait', () => {
  test('is held from the start, and neither listed nor counted nor run by anybody', async () => {
    const bench = new RuntimeBench()
    bench.define(async () => said('never'))
    const { taskId, attempt } = await adopt(bench)
    expect(attempt).toBe(1)
    expect(await bench.store.get(taskId)).toMatchObject({ hidden: true, status: 'working', owner: 'ann', ttlMs })
    expect((await bench.runtime.list({}, { limit: 9 })).tasks).toEqual([])
    expect(await bench.runtime.count()).toMatchObject({ working: 0 })
    await bench.clock.advance(ttlMs - 1)
    expect(await bench.store.get(taskId)).toMatchObject({ status: 'working', attempt: 1 })
    expect(bench.kinds).not.toContain('started')
  })

  test('asks, is answered, and ends like any other', async () => {
    const bench = new RuntimeBench()
    const execution = await adopt(bench)
    const asking = execution.ask({ method: 'elicitation/create', params: { message: 'Which?' } })
    await bench.until(execution.taskId, 'input_required')
    await bench.clock.advance(10 * leaseMs)
    await bench.runtime.answer(execution.taskId, new Map([['question-1', { kind: 'result', result: { n: 1 } }]]), 'ann')
    expect(await asking).toEqual({ n: 1 })
    await bench.runtime.finish(execution, said('done'))
    expect(await bench.store.get(execution.taskId)).toMatchObject({ status: 'completed', outcome: said('done') })
    await bench.clock.advance(0)
    expect(execution.signal.aborted).toBe(false)
  })

  test('that has ended otherwise drops what its body brings', async () => {
    const bench = new RuntimeBench()
    const execution = await adopt(bench)
    expect(await bench.runtime.cancel(execution.taskId)).toEqual({ kind: 'missing' })
    await bench.store.end(execution.taskId, { status: 'cancelled', retentionMs: 1_000 }, { from: openStatuses })
    await bench.runtime.finish(execution, said('late'))
    expect(await bench.store.get(execution.taskId)).toMatchObject({ status: 'cancelled' })
    expect(bench.kinds.at(-1)).toBe('late')
  })

  test('whose process died is ended by another', async () => {
    const clock = new ManualClock()
    const store = new MemoryStore({ clock })
    const here = new RuntimeBench({
      clock,
      store: failingStore(store, (method) => (method === 'heartbeat' ? 'before' : 'none')),
    })
    const there = new RuntimeBench({ clock, store })
    const request = { tool: 'work', owner: 'ann', arguments: {}, pollIntervalMs: 500 }
    const { taskId } = await here.runtime.adopt(request, { ttlMs })
    await there.runtime.open()
    await here.clock.advance(leaseMs * 2)
    expect(await there.store.get(taskId)).toMatchObject({
      status: 'failed',
      statusMessage: expect.stringContaining('is gone'),
    })
  })

  test('that expires tells its body', async () => {
    const bench = new RuntimeBench()
    const { signal } = await adopt(bench)
    await bench.clock.advance(ttlMs + leaseMs)
    expect(signal.reason).toBeInstanceOf(LeaseLostError)
  })

  test('counts as open', async () => {
    const bench = new RuntimeBench({ limits: { maxOpenPerOwner: 2 } })
    bench.define(() => new Promise(() => {}))
    await adopt(bench)
    await bench.start()
    await expect(adopt(bench)).rejects.toBeInstanceOf(TaskLimitError)
    await expect(bench.start()).rejects.toBeInstanceOf(TaskLimitError)
    await adopt(bench, 'bob')
  })

  test('is stopped when the process shuts down, and is not begun afterwards', async () => {
    const bench = new RuntimeBench()
    const { signal } = await adopt(bench)
    const closed = bench.runtime.close()
    await bench.clock.advance(15_000)
    await closed
    expect(signal.reason).toBeInstanceOf(ShutdownError)
    await expect(adopt(bench)).rejects.toMatchObject({ rpcError: { code: -32_603 } })
  })
})
