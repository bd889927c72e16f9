import { describe, expect, test } from 'vitest'
import type { Client, TaskListing } from '@longcall/client'
import { ScriptedServer, wireTask, type Wire } from '../support/scripted-server.ts'
import { jobs, serve, settings } from '../support/servers.ts'

async function start(client: Client, count: number, tool = 'hang'): Promise<string[]> {
  const tasks = await Promise.all(Array.from({ length: count }, () => client.callTool(tool, {}, { task: true })))
  return tasks.map(({ id }) => id).toSorted()
}

async function listAll(client: Client, options: { limit?: number } = {}): Promise<{ ids: string[]; pages: number }> {
  const ids: string[] = []
  for (let pages = 1, cursor: string | undefined; ; pages += 1) {
    const page: TaskListing = await client.tasks.list({ ...options, ...(cursor !== undefined && { cursor }) })
    ids.push(...page.tasks.map(({ id }) => id))
    cursor = page.nextCursor
    if (cursor === undefined) return { ids: ids.toSorted(), pages }
  }
}

describe.each(settings())('on the $name', ({ setting }) => {
  const source = setting.generation === '2025-11-25' ? 'server' : 'client'

  test('a client without tasks lists none', async () => {
    const client = await (await serve(setting)).connect()
    expect(await client.tasks.list()).toEqual({ tasks: [], source })
  })

  test('tasks are listed as they are, whoever knows of them', async () => {
    const client = await (await serve(setting)).connect()
    const { typed } = jobs(setting)
    const done = await client.callTool(typed.tool, typed.args, { task: true })
    await done.wait()
    const hanging = await client.callTool('hang', {}, { task: true })
    const { tasks, ...rest } = await client.tasks.list()
    expect(rest).toEqual({ source })
    expect(Object.fromEntries(tasks.map(({ id, status }) => [id, status]))).toEqual({
      [done.id]: 'completed',
      [hanging.id]: 'working',
    })
    expect(await client.tasks.get(hanging.id)).toMatchObject({ id: hanging.id })
  })

  test('a limit makes pages, and every task is on one of them', async () => {
    const client = await (await serve(setting)).connect()
    const ids = await start(client, 5)
    expect(await listAll(client, { limit: 2 })).toEqual({ ids, pages: 3 })
    expect(await listAll(client, { limit: 5 })).toEqual({ ids, pages: 1 })
    expect(await listAll(client)).toEqual({ ids, pages: 1 })
  })

  test('a cursor that nobody gave is refused', async () => {
    const client = await (await serve(setting)).connect()
    await start(client, 1)
    const code = source === 'server' ? 'rpc_error' : 'invalid_option'
    await expect(client.tasks.list({ cursor: 'nonsense' })).rejects.toMatchObject({ code })
    await expect(client.tasks.list({ cursor: 'longcall:nonsense' })).rejects.toMatchObject({ code: 'invalid_option' })
  })

  test.each([0, -1, 1.5, Number.NaN])('a limit of %s is refused', async (limit) => {
    const client = await (await serve(setting)).connect()
    await expect(client.tasks.list({ limit })).rejects.toMatchObject({ code: 'invalid_option' })
  })
})

describe.each(settings({ peer: 'dual', generation: '2025-11-25', transport: 'http' }))(
  'on the $name',
  ({ setting }) => {
    test('many tasks come in the pages that the server makes, or smaller ones', async () => {
      const client = await (await serve(setting, { pageSize: 10 })).connect()
      const ids = await start(client, 35)
      expect(await listAll(client)).toEqual({ ids, pages: 4 })
      expect((await listAll(client, { limit: 3 })).ids).toEqual(ids)
      expect(await listAll(client, { limit: 100 })).toEqual({ ids, pages: 4 })
    })

    test('tasks of the same server that other sessions made are its to list', async () => {
      const served = await serve(setting)
      const [one, other] = [await served.connect(), await served.connect()]
      const ids = await start(one, 2)
      expect((await listAll(other)).ids).toEqual(ids)
    })
  },
)

describe.each(settings({ peer: 'dual', generation: '2026-07-28', transport: 'memory' }))(
  'on the $name',
  ({ setting }) => {
    test('a client lists what it submitted and picked up, and no more', async () => {
      const served = await serve(setting)
      const [one, other] = [await served.connect(), await served.connect()]
      const task = await one.callTool('hang', {}, { task: true })
      expect(await listAll(other)).toMatchObject({ ids: [] })
      await other.tasks.resume(JSON.parse(JSON.stringify(task))).status()
      expect(await listAll(other)).toMatchObject({ ids: [task.id] })
    })

    test('a task that the server does not know any more is left out', async () => {
      const served = await serve(setting)
      const client = await served.connect()
      const ids = await start(client, 4)
      served.dual.control.purge(ids[1]!)
      expect(await listAll(client, { limit: 2 })).toMatchObject({ ids: ids.filter((id) => id !== ids[1]) })
      expect((await listAll(client)).ids).toHaveLength(3)
    })
  },
)

describe('on the 2025-11-25 wire', () => {
  const generation = '2025-11-25'

  test('the first page is asked for without a cursor, and a cursor goes back as it came', async () => {
    const cursor = 'a b/?#é:{"x":1}'
    const server = new ScriptedServer(generation, {
      'tasks/list': (params) => ({
        tasks: [wireTask(generation, 'working', { taskId: params['cursor'] === undefined ? 't1' : 't2' })],
        ...(params['cursor'] === undefined && { nextCursor: cursor }),
      }),
    })
    const client = await server.connect()
    const first = await client.tasks.list()
    expect(first).toMatchObject({ tasks: [{ id: 't1' }], nextCursor: cursor })
    expect(await client.tasks.list({ cursor })).toMatchObject({ tasks: [{ id: 't2' }] })
    const sent = server.requests('tasks/list').map(({ params }) => (params as Wire | undefined)?.['cursor'])
    expect(sent).toEqual([undefined, cursor])
  })

  test('a server that does not offer to list its tasks is not asked to', async () => {
    const server = new ScriptedServer(generation, {
      initialize: () => ({
        protocolVersion: generation,
        capabilities: { tools: {}, tasks: { requests: { tools: { call: {} } } } },
        serverInfo: { name: 'scripted', version: '1' },
      }),
      'tasks/get': () => wireTask(generation, 'working'),
    })
    const client = await server.connect()
    await client.callTool('job', {}, { task: true })
    expect(await client.tasks.list()).toMatchObject({ tasks: [{ id: 't1' }], source: 'client' })
    expect(server.requests('tasks/list')).toEqual([])
  })
})
