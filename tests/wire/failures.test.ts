import { describe, expect, test } from 'vitest'
import { TaskFailedError, ToolError } from '@longcall/client'
import { expectSoon, textOf } from '../support/answering.ts'
import { RpcFault, ScriptedServer, silence, wireTask } from '../support/scripted-server.ts'
import { jobs, serve, settings } from '../support/servers.ts'

describe.each(settings())('on the $name', ({ setting }) => {
  const { toolError, slow } = jobs(setting)

  test('a tool that reports a failure throws, with all that it said', async () => {
    const client = await (await serve(setting)).connect()
    const task = await client.callTool(toolError.tool, toolError.args, { task: true })
    const error = await task.result().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ToolError)
    expect(error).toMatchObject({
      code: 'tool_error',
      tool: toolError.tool,
      message: expect.stringContaining(toolError.says),
      result: { isError: true, content: [{ type: 'text', text: toolError.says }], data: undefined },
    })
    // The same failure, in the words of each generation.
    expect(task.latest?.status).toBe(setting.generation === '2025-11-25' ? 'failed' : 'completed')
    await expect(client.tasks.result(task.id)).rejects.toBeInstanceOf(ToolError)
  })

  test('a tool that reports a failure gives it as a result where that is wanted', async () => {
    const client = await (await serve(setting)).connect()
    const task = await client.callTool(toolError.tool, toolError.args, { task: true, throwOnError: false })
    const result = await task.result()
    expect(result).toMatchObject({ isError: true, data: undefined })
    expect(textOf(result)).toBe(toolError.says)
  })

  test('the failure of one task leaves the others alone', async () => {
    const client = await (await serve(setting)).connect()
    const calls = [slow, toolError, slow].map((job) => client.callTool(job.tool, job.args, { task: true }))
    const tasks = await Promise.all(calls)
    const results = await Promise.allSettled(tasks.map((task) => task.result()))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  test('who waits when the client is closed is told how to get the task back', async () => {
    const served = await serve(setting)
    const client = await served.connect()
    const task = await client.callTool('hang', {}, { task: true })
    const feed = (async () => {
      for await (const _ of task.updates());
    })()
    const waits = [task.wait(), task.result(), feed].map((wait) => wait.catch((thrown: unknown) => thrown))
    await task.status()
    await client.close()
    for (const error of await Promise.all(waits)) {
      expect(error).toMatchObject({ code: 'task_unreachable', reference: { taskId: task.id, kind: 'task' } })
    }
    await expect(task.wait()).rejects.toMatchObject({ code: 'task_unreachable', reference: { taskId: task.id } })
    await expect(task.status()).rejects.toMatchObject({ code: 'task_unreachable' })
    await expect(client.tasks.get(task.id)).rejects.toMatchObject({ code: 'not_connected' })
  })
})

describe.each(settings({ peer: 'dual', transport: 'memory' }))('on the $name', ({ setting }) => {
  test('a task that ends in a JSON-RPC error keeps its code and data', async () => {
    const client = await (await serve(setting)).connect({ preferTasks: true })
    const task = await client.callTool('protocol_error_job', {}, { task: true, throwOnError: false })
    const error = await task.result().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TaskFailedError)
    const kept = {
      code: 'task_failed',
      rpcError: { code: -32_050, message: expect.stringContaining('kaboom'), data: { where: 'worker-3' } },
      snapshot: { status: 'failed', statusMessage: 'kaboom' },
    }
    expect(error).toMatchObject({ ...kept, taskId: task.id })
    await expect(client.callTool('protocol_error_job')).rejects.toMatchObject(kept)
  })

  test('a task that is gone before its time is not found, and after its time has expired', async () => {
    const served = await serve(setting)
    const client = await served.connect()
    const purged = await client.callTool('hang', {}, { task: true })
    served.dual.control.purge(purged.id)
    await expect(purged.result()).rejects.toMatchObject({ code: 'task_not_found', taskId: purged.id })
    await expect(purged.status()).rejects.toMatchObject({ code: 'task_not_found' })
    const expired = await client.callTool('expire', { ttlMs: 150 }, { task: true })
    await expect(expired.result()).rejects.toMatchObject({
      code: 'task_expired',
      taskId: expired.id,
      snapshot: { status: 'working', ttlMs: 150 },
    })
  })

  test('a task that expired is told from one that never was also by its reference', async () => {
    const served = await serve(setting)
    const client = await served.connect()
    const task = await client.callTool('expire', { ttlMs: 50 }, { task: true })
    const reference = JSON.parse(JSON.stringify(task))
    await expectSoon(() => served.dual.store.tasks.has(task.id)).toBe(false)
    const other = await served.connect()
    await expect(other.tasks.resume(reference).result()).rejects.toMatchObject({ code: 'task_expired' })
  })
})

describe('on the 2025-11-25 wire', () => {
  const generation = '2025-11-25'

  test('a failed task gives the error that its result is answered with', async () => {
    const server = new ScriptedServer(generation, {
      'tasks/get': () => wireTask(generation, 'failed', { statusMessage: 'no luck' }),
      'tasks/result': () => {
        throw new RpcFault(-32_050, 'kaboom', { at: 3 })
      },
    })
    const task = await (await server.connect()).callTool('job', {}, { task: true })
    await expect(task.result()).rejects.toMatchObject({
      code: 'task_failed',
      rpcError: { code: -32_050, message: 'kaboom', data: { at: 3 } },
      message: expect.stringMatching(/kaboom.*no luck/),
    })
  })

  test.each(settings({ peer: 'v1' }))(
    'a failure of which nothing was kept has its status message ($name)',
    async ({ setting }) => {
      const client = await (await serve(setting)).connect()
      const task = await client.callTool('fail_no_result', {}, { task: true })
      await expect(task.result()).rejects.toMatchObject({
        code: 'task_failed',
        message: expect.stringContaining('worker lost'),
        snapshot: { status: 'failed', statusMessage: 'worker lost' },
      })
    },
  )

  test('the result of a cancelled task is not asked for', async () => {
    const server = new ScriptedServer(generation, {
      'tasks/get': () => wireTask(generation, 'cancelled', { statusMessage: 'by the operator' }),
    })
    const task = await (await server.connect()).callTool('job', {}, { task: true })
    await expect(task.result()).rejects.toThrow(/cancelled: by the operator/)
    expect(server.requests('tasks/result')).toEqual([])
  })
})

describe.each(['2025-11-25', '2026-07-28'] as const)('when a %s server hangs up', (generation) => {
  test('calls, waits and looks are rejected, and nothing is left running', async () => {
    const server = new ScriptedServer(generation, {
      'tools/call': ({ arguments: args }) =>
        (args as { slow?: boolean }).slow
          ? silence
          : generation === '2025-11-25'
            ? { task: wireTask(generation, 'working') }
            : { resultType: 'task', ...wireTask(generation, 'working') },
      'tasks/get': () => silence,
    })
    const client = await server.connect()
    const task = await client.callTool('job', {}, { task: true })
    const waits = [task.wait(), task.result(), task.status()]
    const call = client.callTool('job', { slow: true }, { task: true })
    const failures = [...waits, call].map((wait: Promise<unknown>) => wait.catch((thrown: unknown) => thrown))
    await expectSoon(() => server.requests('tools/call').length).toBe(2)
    await server.hangUp()
    const errors = await Promise.all(failures)
    for (const error of errors.slice(0, 3))
      expect(error).toMatchObject({ code: 'task_unreachable', reference: { taskId: 't1' } })
    expect(errors[3]).toMatchObject({ failure: { kind: 'closed' } })
    expect(client.isConnected).toBe(false)
  })
})

test('a result by id is read by the schema that is given, or refused by it', async () => {
  const { z } = await import('zod')
  const client = await (await serve({ peer: 'dual', transport: 'memory', generation: '2026-07-28' })).connect()
  const { id } = await client.callTool('typed', {}, { task: true })
  const fits = z.object({ structuredContent: z.object({ n: z.number() }) })
  expect((await client.tasks.result(id, fits)).structuredContent.n).toBe(7)
  const refuses = z.object({ structuredContent: z.object({ n: z.string() }) })
  await expect(client.tasks.result(id, refuses)).rejects.toMatchObject({ code: 'invalid_result' })
})
