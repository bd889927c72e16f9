import { describe, expect, test } from 'vitest'
import { TaskCancelledError } from '@longcall/client'
import { expectSoon, gate } from '../support/answering.ts'
import {
  RpcFault,
  ScriptedServer,
  silence,
  wireCreated,
  wireTask,
  wireText,
  type Wire,
} from '../support/scripted-server.ts'
import { jobs, serve, settings } from '../support/servers.ts'

describe.each(settings())('on the $name', ({ setting }) => {
  test('cancel stops a working task, and says so', async () => {
    const client = await (await serve(setting)).connect()
    const task = await client.callTool('hang', {}, { task: true })
    const waiting = task.result().catch((thrown: unknown) => thrown)
    expect(await task.cancel()).toMatchObject({
      id: task.id,
      status: 'cancelled',
      createdAt: expect.any(String),
      lastUpdatedAt: expect.any(String),
      ttlMs: expect.any(Number),
    })
    expect(await waiting).toBeInstanceOf(TaskCancelledError)
    await expect(task.result()).rejects.toMatchObject({ code: 'task_cancelled', taskId: task.id })
    expect(await task.status()).toMatchObject({ status: 'cancelled' })
    expect(await client.tasks.get(task.id)).toMatchObject({ status: 'cancelled' })
  })

  test('cancel closes an open question, and tells its handler to stop', async () => {
    const asked = gate<AbortSignal>()
    const answer = gate<string>()
    const client = await (
      await serve(setting)
    ).connect({
      onElicitation: async (_request, { signal }) => {
        asked.open(signal)
        return { action: 'accept', content: { name: await answer.opened } }
      },
    })
    const { asks } = jobs(setting)
    const task = await client.callTool(asks.tool, asks.args, { task: true })
    const waiting = task.result().catch((thrown: unknown) => thrown)
    const signal = await asked.opened
    expect(signal.aborted).toBe(false)
    expect(await task.cancel()).toMatchObject({ status: 'cancelled' })
    expect(signal.aborted).toBe(true)
    expect(task.questions()).toEqual([])
    // The answer comes all the same, and changes nothing.
    answer.open('Ann')
    expect(await waiting).toMatchObject({ code: 'task_cancelled' })
    expect(await client.tasks.get(task.id)).toMatchObject({ status: 'cancelled' })
  })

  test('cancel of a task that has ended leaves it as it is', async () => {
    const client = await (await serve(setting)).connect()
    const { typed } = jobs(setting)
    const task = await client.callTool(typed.tool, typed.args, { task: true })
    await task.wait()
    expect(await task.cancel()).toMatchObject({ status: 'completed' })
    expect((await task.result()).data).toEqual({ n: 7 })
  })

  test('cancel by id of a task that has ended is what the server makes of it', async () => {
    const client = await (await serve(setting)).connect()
    const { typed } = jobs(setting)
    const task = await client.callTool(typed.tool, typed.args, { task: true })
    await task.wait()
    const cancelling = client.tasks.cancel(task.id)
    if (setting.generation === '2026-07-28') expect(await cancelling).toMatchObject({ status: 'completed' })
    else await expect(cancelling).rejects.toMatchObject({ code: 'rpc_error', rpcCode: -32_602 })
  })

  test('cancel by id reaches who waits for the task', async () => {
    const client = await (await serve(setting)).connect()
    const task = await client.callTool('hang', {}, { task: true })
    const waiting = task.wait()
    expect(await client.tasks.cancel(task.id)).toMatchObject({ status: 'cancelled' })
    expect(await waiting).toMatchObject({ status: 'cancelled' })
  })
})

describe.each(settings({ peer: 'dual', transport: 'memory' }))('on the $name', ({ setting }) => {
  test('a task that the server cancels has its question withdrawn from the person', async () => {
    const asked = gate<AbortSignal>()
    const served = await serve(setting)
    const client = await served.connect({
      onElicitation: (_request, { signal }) => {
        asked.open(signal)
        return new Promise(() => {})
      },
    })
    const task = await client.callTool('confirm', { filename: 'f' }, { task: true })
    const waiting = task.result().catch((thrown: unknown) => thrown)
    const signal = await asked.opened
    served.dual.control.cancel(task.id)
    expect(await waiting).toBeInstanceOf(TaskCancelledError)
    expect(signal.aborted).toBe(true)
  })

  test('to stop waiting for a plain call does not cancel its task', async () => {
    const asked = gate()
    const served = await serve(setting)
    const client = await served.connect({
      preferTasks: true,
      onElicitation: () => {
        asked.open()
        return new Promise(() => {})
      },
    })
    const abort = new AbortController()
    const call = client.callTool('confirm', {}, { signal: abort.signal }).catch((thrown: unknown) => thrown)
    await asked.opened
    abort.abort()
    const error = (await call) as { reference: { taskId: string } }
    expect(error).toMatchObject({ code: 'wait_aborted' })
    const { taskId } = error.reference
    expect(await client.tasks.get(taskId)).toMatchObject({ status: 'input_required' })
    expect(served.dual.log.requestsOf(taskId)['tasks/cancel']).toBeUndefined()
  })
})

describe('on the 2025-11-25 wire', () => {
  const generation = '2025-11-25'

  test('to give up a call that is to be a task cancels no request, and its task should it still come', async () => {
    const arrived = gate()
    const reply = gate()
    const server = new ScriptedServer(generation, {
      'tools/call': async () => {
        arrived.open()
        await reply.opened
        return wireCreated(generation)
      },
      'tasks/cancel': () => wireTask(generation, 'cancelled'),
    })
    const client = await server.connect()
    const abort = new AbortController()
    const call = client.callTool('job', {}, { task: true, signal: abort.signal })
    await arrived.opened
    abort.abort()
    await expect(call).rejects.toMatchObject({ failure: { kind: 'aborted' } })
    await client.sdk.ping()
    expect(server.requests('tasks/cancel')).toEqual([])
    reply.open()
    await expectSoon(() => server.requests('tasks/cancel')).toMatchObject([{ params: { taskId: 't1' } }])
    expect(server.requests('notifications/cancelled')).toEqual([])
  })

  test('to give up a call that is no task cancels its request', async () => {
    const arrived = gate()
    const server = new ScriptedServer(generation, {
      'tools/call': () => {
        arrived.open()
        return silence
      },
    })
    const client = await server.connect()
    const abort = new AbortController()
    const call = client.callTool('job', {}, { signal: abort.signal })
    await arrived.opened
    abort.abort()
    await expect(call).rejects.toMatchObject({ failure: { kind: 'aborted' } })
    const [request] = server.requests('tools/call')
    await expectSoon(() => server.requests('notifications/cancelled')).toMatchObject([
      { params: { requestId: request?.id } },
    ])
    expect(server.requests('tasks/cancel')).toEqual([])
  })

  test('to cancel a task cancels no request', async () => {
    const server = new ScriptedServer(generation, {
      'tasks/get': () => wireTask(generation, 'working'),
      'tasks/cancel': () => wireTask(generation, 'cancelled'),
    })
    const client = await server.connect()
    const task = await client.callTool('job', {}, { task: true })
    await task.cancel()
    expect(server.requests('notifications/cancelled')).toEqual([])
  })

  test('the server that waits for an answer is told that none will come', async () => {
    const answered = gate<Wire>()
    const asked = gate()
    const server = new ScriptedServer(generation, {
      'tools/call': () => ({ task: wireTask(generation, 'input_required') }),
      'tasks/get': () => wireTask(generation, 'input_required'),
      'tasks/cancel': () => wireTask(generation, 'cancelled'),
      'tasks/result': () => {
        const _meta = { 'io.modelcontextprotocol/related-task': { taskId: 't1' } }
        const requestedSchema = { type: 'object', properties: {} }
        void server.ask('elicitation/create', { message: 'ok?', requestedSchema, _meta }).then(answered.open)
        return silence
      },
    })
    const client = await server.connect({
      onElicitation: () => {
        asked.open()
        return new Promise(() => {})
      },
    })
    const task = await client.callTool('job', {}, { task: true })
    const waiting = task.wait()
    await asked.opened
    await task.cancel()
    expect(await waiting).toMatchObject({ status: 'cancelled' })
    expect(await answered.opened).toMatchObject({ action: 'cancel' })
  })

  test('a cancel that comes too late gives the task as it ended', async () => {
    const server = new ScriptedServer(generation, {
      'tasks/get': () => wireTask(generation, 'completed'),
      'tasks/result': () => wireText('done'),
      'tasks/cancel': () => {
        throw new RpcFault(-32_602, 'Cannot cancel task: already completed')
      },
    })
    const task = await (await server.connect()).callTool('job', {}, { task: true })
    expect(await task.cancel()).toMatchObject({ status: 'completed' })
    expect(await task.result()).toMatchObject({ content: [{ text: 'done' }] })
  })

  test('a refusal to cancel a task that runs stands', async () => {
    const server = new ScriptedServer(generation, { 'tasks/get': () => wireTask(generation, 'working') })
    const task = await (await server.connect()).callTool('job', {}, { task: true })
    await expect(task.cancel()).rejects.toMatchObject({ code: 'rpc_error', rpcCode: -32_601 })
    expect(task.latest).toMatchObject({ status: 'working' })
  })
})
