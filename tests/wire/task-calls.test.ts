import { describe, expect, test } from 'vitest'
import { generateTaskId } from '@longcall/core'
import { textOf } from '../support/answering.ts'
import { ScriptedServer, wireTask, wireText, type Wire } from '../support/scripted-server.ts'
import { jobs, serve, settings } from '../support/servers.ts'

describe.each(settings())('on the $name', ({ setting }) => {
  const { slow, typed } = jobs(setting)

  test('a call as a task gives a working handle at once, and its result later', async () => {
    const client = await (await serve(setting)).connect()
    const task = await client.callTool(slow.tool, slow.args, { task: true })
    expect(task.returnedImmediately).toBe(false)
    expect(task.latest).toMatchObject({ id: task.id, status: 'working' })
    expect(await task.status()).toMatchObject({ id: task.id, status: 'working' })
    const result = await task.result()
    expect(textOf(result)).toBe(slow.says)
    expect(await task.status()).toMatchObject({ status: 'completed' })
  })

  test('tasks that run at the same time have ids and results of their own', async () => {
    const client = await (await serve(setting)).connect()
    const calls = [slow, typed, slow, typed]
    const tasks = await Promise.all(calls.map((job) => client.callTool(job.tool, job.args, { task: true })))
    expect(new Set(tasks.map((task) => task.id)).size).toBe(4)
    const results = await Promise.all(tasks.map((task) => task.result()))
    expect(results.map(textOf)).toEqual(calls.map((job) => job.says))
  })

  test('the result of a task is what the plain call gives', async () => {
    const client = await (await serve(setting)).connect()
    const plain = await client.callTool(typed.tool, typed.args)
    const task = await client.callTool(typed.tool, typed.args, { task: true })
    const { meta: _plain, ...said } = plain
    expect(await task.result()).toMatchObject({ ...said, data: { n: 7 }, isError: false })
  })

  test('a snapshot says when the task was created, how long it is kept, and how often to ask', async () => {
    const client = await (await serve(setting)).connect()
    const task = await client.callTool(slow.tool, slow.args, { task: { ttlMs: 30_000 } })
    const snapshot = await task.status()
    expect(snapshot).toMatchObject({
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      lastUpdatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      // A server of 2026-07-28 decides by itself.
      ttlMs: setting.generation === '2025-11-25' ? 30_000 : 60_000,
      pollIntervalMs: 50,
    })
  })

  test('many looks at one task are all answered', async () => {
    const client = await (await serve(setting)).connect()
    const task = await client.callTool(slow.tool, slow.args, { task: true })
    const looks = [task.status(), client.tasks.get(task.id), task.status(), client.tasks.get(task.id)]
    expect((await Promise.all(looks)).map(({ id }) => id)).toEqual(Array.from(looks, () => task.id))
  })

  test('a task is reached by its id alone', async () => {
    const client = await (await serve(setting)).connect()
    const { id } = await client.callTool(slow.tool, slow.args, { task: true })
    expect(await client.tasks.get(id)).toMatchObject({ id, status: 'working' })
    expect(textOf(await client.tasks.result(id))).toBe(slow.says)
  })

  test('an id that the server never gave is not found', async () => {
    const client = await (await serve(setting)).connect()
    const id = generateTaskId()
    const error = expect.objectContaining({ code: 'task_not_found', taskId: id })
    await expect(client.tasks.get(id)).rejects.toEqual(error)
    await expect(client.tasks.result(id)).rejects.toEqual(error)
    await expect(client.tasks.cancel(id)).rejects.toEqual(error)
  })

  test('a tool that does not exist fails without a task', async () => {
    const client = await (await serve(setting)).connect()
    // The one server refuses the call, the other answers it at once with a result that says so.
    const call = client.callTool('no_such_tool', {}, { task: true }).then((task) => task.result())
    await expect(call).rejects.toThrow('no_such_tool')
    expect(await client.tasks.list()).toMatchObject({ tasks: [] })
  })
})

describe('what is sent', () => {
  const completed = { 'tasks/get': () => wireTask('2025-11-25', 'completed'), 'tasks/result': () => wireText('done') }

  test('the wish for a task stands beside the name, and the metadata is kept', async () => {
    const server = new ScriptedServer('2025-11-25', completed)
    const client = await server.connect()
    const task = await client.callTool('job', { n: 1 }, { task: { ttlMs: 5000 }, meta: { trace: 'abc' } })
    await task.result()
    expect(server.requests('tools/call')[0]?.params).toEqual({
      name: 'job',
      arguments: { n: 1 },
      task: { ttl: 5000 },
      _meta: { trace: 'abc', progressToken: expect.anything() },
    })
  })

  test('requests about a task name it and say no more', async () => {
    const server = new ScriptedServer('2025-11-25', {
      ...completed,
      'tasks/cancel': () => wireTask('2025-11-25', 'cancelled'),
    })
    const client = await server.connect()
    const task = await client.callTool('job', {}, { task: true })
    await task.result()
    await client.tasks.cancel('t1')
    for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel'])
      expect(server.requests(method).map(({ params }) => params)).toEqual([{ taskId: 't1' }])
  })

  test('a 2026-07-28 server is told of the extension, and is asked for no task', async () => {
    const server = new ScriptedServer('2026-07-28', { 'tools/call': () => wireText('at once') })
    const client = await server.connect()
    await client.callTool('job', {}, { task: true })
    const params = server.requests('tools/call')[0]?.params as { _meta: Wire; task?: unknown }
    expect(params.task).toBeUndefined()
    expect(params._meta['io.modelcontextprotocol/clientCapabilities']).toMatchObject({
      extensions: { 'io.modelcontextprotocol/tasks': {} },
    })
  })

  test('the answer that made the task is at hand as it came, with what a model may be told at once', async () => {
    const key = 'io.modelcontextprotocol/model-immediate-response'
    const created = { task: wireTask('2025-11-25', 'working', { vendor: 1 }), _meta: { [key]: 'On it.' } }
    const server = new ScriptedServer('2025-11-25', { 'tools/call': () => created })
    const client = await server.connect()
    const task = await client.callTool('job', {}, { task: true })
    expect(task.created).toEqual(created)
    expect(task.immediateResponse).toBe('On it.')
  })
})
