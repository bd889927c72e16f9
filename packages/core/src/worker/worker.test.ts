import { describe, expect, test } from 'vitest'
import { failingStore } from '../../../../tests/support/failing-store.ts'
import { Moment } from '../../../../tests/support/runtime-bench.ts'
import { RpcError } from '../errors/rpc-error.ts'
import { LeaseLostError } from '../errors/runtime-errors.ts'
import { TaskCancelledError } from '../errors/task-errors.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { TaskStatus } from '../task/task-status.ts'
import { openStatuses } from '../task/task-status.ts'
import { ManualClock } from '../testing.ts'
import { cancelTask } from './cancel-task.ts'
import { createTask, type CreateTaskOptions } from './create-task.ts'
import { executeTask } from './execute-task.ts'

const clock = new ManualClock()
const hour = 3_600_000

async function put(
  options: Partial<CreateTaskOptions> = {},
): Promise<{ readonly store: MemoryStore; readonly id: string }> {
  const store = new MemoryStore({ clock })
  const task = createTask({ ttlMs: hour, ...options })
  await store.create(task)
  return { store, id: task.id }
}

describe('createTask', () => {
  test('builds what a store makes a working task of', async () => {
    const task = createTask({ ttlMs: 60_000 })
    expect(task).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      namespace: 'default',
      owner: '',
      quota: '',
      tool: 'task',
      request: { arguments: {} },
      ttlMs: 60_000,
      maxTtlMs: 60_000,
      pollIntervalMs: 500,
      onCrash: 'fail',
      maxAttempts: 1,
      hidden: false,
    })
    expect(await new MemoryStore().create(task)).toMatchObject({
      kind: 'created',
      task: { ...task, status: 'working' },
    })
  })

  test('gives every task an id of its own', () => {
    const ids = Array.from({ length: 1_000 }, () => createTask({ ttlMs: null }).id)
    expect(new Set(ids).size).toBe(1_000)
  })

  test('takes over what it is told', () => {
    const told = { id: 'mine', owner: 'ann', tool: 'render', ttlMs: null, maxTtlMs: 5, pollIntervalMs: 50 }
    const task = createTask({ ...told, arguments: { frames: 9 }, onCrash: 'rerun' })
    expect(task).toMatchObject({ ...told, quota: 'ann', maxAttempts: 3, request: { arguments: { frames: 9 } } })
  })
})

describe('cancelTask', () => {
  test.each<TaskStatus>(['working', 'input_required'])('cancels a task that is %s', async (status) => {
    const { store, id } = await put()
    if (status === 'input_required') {
      const question = { key: 'ok', identity: 'x', method: 'roots/list', params: {} } as const
      await store.ask(id, question, { from: openStatuses })
    }
    const snapshot = await cancelTask(store, id)
    expect(snapshot).toMatchObject({ id, status: 'cancelled', ttlMs: hour, pollIntervalMs: 500 })
    expect(await store.get(id)).toMatchObject({ status: 'cancelled' })
  })

  test('of a task that is not there is refused, in exactly these words', async () => {
    const error = await cancelTask(new MemoryStore(), 'nobody').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(RpcError)
    expect(error).toMatchObject({ rpcError: { code: -32_602, message: 'Task not found: nobody' } })
  })

  test.each(['completed', 'failed', 'cancelled'] as const)(
    'of a task that is %s is refused, in exactly these words',
    async (status) => {
      const { store, id } = await put()
      await store.end(id, { status, retentionMs: hour }, { from: openStatuses })
      const before = await store.get(id)
      const error = await cancelTask(store, id).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(RpcError)
      const message = `Cannot cancel task in terminal state '${status}'`
      expect(error).toMatchObject({ message, rpcError: { code: -32_602, message } })
      expect(await store.get(id)).toEqual(before)
    },
  )

  test('and what its work still brings is dropped', async () => {
    const { store, id } = await put()
    const [began, go] = [new Moment(), new Moment()]
    const executed = executeTask(
      store,
      id,
      async () => {
        began.now()
        await go.come
        return { late: true }
      },
      { clock },
    )
    await began.come
    await cancelTask(store, id)
    go.now()
    await executed
    const task = await store.get(id)
    expect(task).toMatchObject({ status: 'cancelled' })
    expect(task).not.toHaveProperty('outcome')
  })
})

describe('executeTask', () => {
  test('completes a task with what its work returns', async () => {
    const { store, id } = await put()
    await executeTask(
      store,
      id,
      async ({ taskId, signal }) => {
        expect([taskId, signal.aborted]).toEqual([id, false])
        expect(await store.get(id)).toMatchObject({ status: 'working', attempt: 1 })
        return { frames: 9 }
      },
      { clock },
    )
    expect(await store.get(id)).toMatchObject({
      status: 'completed',
      outcome: { kind: 'result', result: { frames: 9 } },
    })
  })

  test('completes a task whose work returns nothing', async () => {
    const { store, id } = await put()
    await executeTask(store, id, async () => {}, { clock })
    expect(await store.get(id)).toMatchObject({ status: 'completed', outcome: { result: {} } })
  })

  test('fails a task with what its work throws, which goes no further', async () => {
    const { store, id } = await put()
    await executeTask(
      store,
      id,
      async () => {
        throw new Error('no disk')
      },
      { clock },
    )
    expect(await store.get(id)).toMatchObject({
      status: 'failed',
      statusMessage: 'no disk',
      outcome: { kind: 'error', error: { code: -32_603, message: 'no disk' } },
    })
  })

  test('fails a task whose work throws before it is a promise, or throws no error', async () => {
    const { store, id } = await put()
    const work = (): never => {
      throw 'just a string' as unknown as Error
    }
    await executeTask(store, id, work, { clock })
    expect(await store.get(id)).toMatchObject({ status: 'failed', statusMessage: 'The task failed without a reason.' })
  })

  test('fails a task whose result is no JSON, and says so', async () => {
    const { store, id } = await put({ tool: 'render' })
    await executeTask(store, id, async () => ({ big: 1n }), { clock })
    expect(await store.get(id)).toMatchObject({
      status: 'failed',
      statusMessage: expect.stringContaining('The result of "render" cannot be kept as JSON'),
    })
  })

  test('shows what the work says of itself', async () => {
    const { store, id } = await put()
    await executeTask(
      store,
      id,
      async (context) => {
        context.updateStatus('half way')
        await clock.advance(0)
        expect(await store.get(id)).toMatchObject({ status: 'working', statusMessage: 'half way' })
      },
      { clock },
    )
  })

  test.each([
    ['returns', async () => ({ late: true })],
    [
      'throws',
      async () => {
        throw new Error('late')
      },
    ],
  ])('leaves a task as its work completed it, whatever it %s afterwards', async (_how, after) => {
    const { store, id } = await put()
    await executeTask(
      store,
      id,
      async (context) => {
        await context.complete({ early: true })
        context.updateStatus('late')
        await context.complete({ again: true })
        await context.fail('late')
        return await after()
      },
      { clock },
    )
    const task = await store.get(id)
    expect(task).toMatchObject({ status: 'completed', outcome: { result: { early: true } } })
    expect(task).not.toHaveProperty('statusMessage')
  })

  test('leaves a task as its work failed it', async () => {
    const { store, id } = await put()
    await executeTask(
      store,
      id,
      async (context) => {
        await context.fail('no disk')
        return { late: true }
      },
      { clock },
    )
    expect(await store.get(id)).toMatchObject({ status: 'failed', statusMessage: 'no disk' })
  })

  test('refuses an unknown task before its work is called', async () => {
    const error = await executeTask(new MemoryStore(), 'nobody', () => expect.unreachable()).catch((e: unknown) => e)
    expect(error).toMatchObject({ rpcError: { code: -32_602, message: 'Task not found: nobody' } })
  })

  test('refuses a task that has ended, or that another worker has, before its work is called', async () => {
    const { store, id } = await put()
    const [began, go] = [new Moment(), new Moment()]
    const first = executeTask(
      store,
      id,
      async () => {
        began.now()
        await go.come
      },
      { clock },
    )
    await began.come
    const second = executeTask(store, id, () => expect.unreachable(), { clock })
    await expect(second).rejects.toMatchObject({ code: 'task_not_runnable' })
    go.now()
    await first
    const third = executeTask(store, id, () => expect.unreachable(), { clock })
    await expect(third).rejects.toMatchObject({ code: 'task_not_runnable' })
    expect(await store.get(id)).toMatchObject({ status: 'completed' })
  })

  test('holds the task for as long as its work takes, and tells the work when it is cancelled', async () => {
    const { store, id } = await put({ ttlMs: 24 * hour })
    const [began, told] = [new Moment<AbortSignal>(), new Moment()]
    const executed = executeTask(
      store,
      id,
      async ({ signal }) => {
        began.now(signal)
        await told.come
        signal.throwIfAborted()
      },
      { clock, leaseMs: 3_000 },
    )
    const signal = await began.come
    await clock.advance(hour)
    expect([signal.aborted, await store.claimLost({ namespace: 'default', leaseMs: 1 }, 9)]).toEqual([false, []])
    await cancelTask(store, id)
    await clock.advance(1_000)
    expect(signal.reason).toBeInstanceOf(TaskCancelledError)
    told.now()
    await executed
    expect(await store.get(id)).toMatchObject({ status: 'cancelled' })
  })

  test('tells the work when the task expires', async () => {
    const { store, id } = await put({ ttlMs: 10_000 })
    const [began, told] = [new Moment<AbortSignal>(), new Moment()]
    const executed = executeTask(
      store,
      id,
      async ({ signal }) => {
        began.now(signal)
        await told.come
      },
      { clock },
    )
    const signal = await began.come
    await clock.advance(15_000)
    expect(signal.reason).toBeInstanceOf(LeaseLostError)
    told.now()
    await executed
    expect(await store.get(id)).toBeUndefined()
  })

  test('runs a task of policy rerun again when its process was lost, as often as it may', async () => {
    const { store, id } = await put({ onCrash: 'rerun', maxAttempts: 2, tool: 'render' })
    await store.claim(id, { namespace: 'default', tools: ['render'], leaseMs: 1_000 })
    await clock.advance(1_000)
    await executeTask(store, id, async () => ({ again: true }), { clock })
    expect(await store.get(id)).toMatchObject({ status: 'completed', attempt: 2 })
  })

  test('keeps the result although the store fails for a while', async () => {
    const { store: memory, id } = await put()
    let failures = 5
    const store = failingStore(memory, (method) => (method === 'end' && (failures -= 1) >= 0 ? 'before' : 'none'))
    const executed = executeTask(store, id, async () => ({ frames: 9 }), { clock })
    await clock.advance(10_000)
    await executed
    expect(await memory.get(id)).toMatchObject({ status: 'completed', outcome: { result: { frames: 9 } } })
  })

  test('leaves no timer behind', async () => {
    const quiet = new ManualClock()
    const store = new MemoryStore({ clock: quiet })
    const task = createTask({ ttlMs: hour })
    await store.create(task)
    await executeTask(store, task.id, async () => {}, { clock: quiet })
    expect(quiet.sleepers).toBe(0)
  })
})
