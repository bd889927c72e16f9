import { describe, expect, test } from 'vitest'
import { ToolError, type Client, type TaskSnapshot } from '@longcall/client'
import { expectSoon, textOf } from '../support/answering.ts'
import { ScriptedServer, wireText, type Wire } from '../support/scripted-server.ts'
import { serve, settings } from '../support/servers.ts'

describe.each(settings())('on the $name', ({ setting }) => {
  // The one server answers a tool that may be a task at once, the other has one that may not.
  const [tool, args, says] =
    setting.peer === 'v1' ? ['immediate', {}, 'at once'] : ['greet', { name: 'Bo' }, 'Hello, Bo!']

  test('a call that is answered at once gives a handle that is completed, and on which all works', async () => {
    const client = await (await serve(setting)).connect()
    const task = await client.callTool(tool, args, { task: true })
    expect(task.returnedImmediately).toBe(true)
    expect(task.created).toBeUndefined()
    const ended = { id: task.id, status: 'completed' }
    expect(task.latest).toMatchObject(ended)
    expect(await task.status()).toMatchObject(ended)
    expect(await task.wait()).toMatchObject(ended)
    expect(await task.cancel()).toMatchObject(ended)
    const seen: TaskSnapshot[] = []
    for await (const snapshot of task.updates()) seen.push(snapshot)
    expect(seen).toMatchObject([ended])
    const told: TaskSnapshot[] = []
    const stop = task.onStatusChange((snapshot) => void told.push(snapshot))
    await expectSoon(() => told).toMatchObject([ended])
    stop()
    expect(task.questions()).toEqual([])
    await expect(task.answer('q', {})).rejects.toMatchObject({ code: 'unknown_question' })
    await expect(task.wait({ until: 'failed' })).rejects.toMatchObject({ code: 'wait_ended', snapshot: ended })
    const result = await task.result()
    expect(textOf(result)).toBe(says)
    expect(await task.result()).toBe(result)
  })

  test('its result survives the connection, and its reference the process', async () => {
    const served = await serve(setting)
    const client = await served.connect()
    const task = await client.callTool(tool, args, { task: true })
    const kept = JSON.stringify(task)
    await client.close()
    expect(textOf(await task.result())).toBe(says)
    const other = await served.connect()
    const same = other.tasks.resume(JSON.parse(kept))
    expect(same.returnedImmediately).toBe(true)
    expect(same.id).toBe(task.id)
    expect(await same.result()).toEqual(await task.result())
  })
})

describe.each(['2025-11-25', '2026-07-28'] as const)('an immediate answer of a %s server', (generation) => {
  async function connect(result: Wire): Promise<Client> {
    return new ScriptedServer(generation, { 'tools/call': () => result }).connect()
  }

  test('keeps everything that the tool returned', async () => {
    const client = await connect(
      wireText('7', { structuredContent: { n: 7 }, _meta: { trace: 'abc' }, isError: false }),
    )
    const task = await client.callTool<{ n: number }>('job', {}, { task: true })
    expect(await task.result()).toMatchObject({
      content: [{ type: 'text', text: '7' }],
      structuredContent: { n: 7 },
      data: { n: 7 },
      meta: { trace: 'abc' },
      isError: false,
    })
  })

  test('throws when it is a failure, as every other does, unless that is not wanted', async () => {
    const client = await connect(wireText('broken', { isError: true, _meta: { trace: 'abc' } }))
    const task = await client.callTool('job', {}, { task: true })
    await expect(task.result()).rejects.toBeInstanceOf(ToolError)
    await expect(task.result()).rejects.toMatchObject({ result: { meta: { trace: 'abc' }, isError: true } })
    await expect(client.tasks.resume(JSON.parse(JSON.stringify(task))).result()).rejects.toBeInstanceOf(ToolError)
    const quiet = await client.callTool('job', {}, { task: true, throwOnError: false })
    expect(await quiet.result()).toMatchObject({ isError: true, data: undefined })
  })
})

describe('a server that has no tasks', () => {
  const initialize = (protocolVersion: string, tasks?: Wire) => () => ({
    protocolVersion,
    capabilities: { tools: {}, ...(tasks && { tasks }) },
    serverInfo: { name: 'old', version: '1' },
  })

  test.each([
    ['declares none', initialize('2025-11-25')],
    ['declares none for tools', initialize('2025-11-25', { list: {}, cancel: {} })],
    ['speaks an older protocol', initialize('2025-06-18', { requests: { tools: { call: {} } } })],
  ])('because it %s is not asked for one', async (_, answer) => {
    const server = new ScriptedServer('2025-11-25', { initialize: answer, 'tools/call': () => wireText('plain') })
    const client = await server.connect({ preferTasks: true })
    const task = await client.callTool('job', {}, { task: true })
    expect(task.returnedImmediately).toBe(true)
    expect(textOf(await task.result())).toBe('plain')
    expect(textOf(await client.callTool('job'))).toBe('plain')
    for (const { params } of server.requests('tools/call')) expect(params).not.toHaveProperty('task')
  })
})
