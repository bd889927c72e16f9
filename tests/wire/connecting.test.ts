import { describe, expect, onTestFinished, test } from 'vitest'
import { Client, InvalidReferenceError, NotConnectedError, type RunningReference } from '@longcall/client'
import { textOf } from '../support/answering.ts'
import { ScriptedServer } from '../support/scripted-server.ts'
import { eraOf, jobs, serve, settings } from '../support/servers.ts'

const reference: RunningReference = {
  longcall: 1,
  kind: 'task',
  taskId: 't1',
  endpoint: 'memory:elsewhere',
  operation: { method: 'tools/call', name: 'job' },
  generation: '2025-11-25',
}

/** Everything that needs a connection, by the name that an error gives it. */
const needy: readonly [name: string, use: (client: Client) => unknown][] = [
  ['callTool("job")', (client) => client.callTool('job')],
  ['callTool("job")', (client) => client.callTool('job', {}, { task: true })],
  ['listTools', (client) => client.listTools()],
  ['tasks.get', (client) => client.tasks.get('t1')],
  ['tasks.list', (client) => client.tasks.list()],
  ['tasks.result', (client) => client.tasks.result('t1')],
  ['tasks.cancel', (client) => client.tasks.cancel('t1')],
  ['tasks.poll', (client) => client.tasks.poll('t1').next()],
  ['the task', (client) => client.tasks.resume(reference).status()],
  ['sdk', (client) => client.sdk],
]

async function use(client: Client, call: (client: Client) => unknown): Promise<unknown> {
  return call(client)
}

describe.each(settings())('on the $name', ({ setting }) => {
  test.each(needy)('%s says that there is no connection, yet or any more', async (name, call) => {
    const server = await serve(setting)
    const client = new Client(server.target(), { era: eraOf(setting) })
    const early = await use(client, call).catch((thrown: unknown) => thrown)
    expect(early).toBeInstanceOf(NotConnectedError)
    expect(early).toMatchObject({
      code: 'not_connected',
      message: `${name} needs a connection, and the client is not connected yet. Call connect() first, or use Client.connect().`,
    })
    await client.connect()
    await client.close()
    const late = await use(client, call).catch((thrown: unknown) => thrown)
    expect(late).toMatchObject({ code: 'not_connected', message: expect.stringMatching(/ the client is closed\./) })
    expect((late as Error).message.startsWith(name)).toBe(true)
  })

  test('what the server is shows while there is a connection, and only then', async () => {
    const server = await serve(setting)
    const client = new Client(server.target(), { era: eraOf(setting) })
    const nothing = [false, undefined, undefined, undefined, undefined]
    const seen = (): unknown[] => [
      client.isConnected,
      client.serverInfo,
      client.serverCapabilities,
      client.protocolVersion,
      client.instructions,
    ]
    expect(seen()).toEqual(nothing)
    await client.connect()
    expect(seen()).toEqual([
      true,
      expect.objectContaining({ name: expect.any(String), version: expect.any(String) }),
      expect.objectContaining({ tools: expect.any(Object) }),
      setting.generation,
      undefined,
    ])
    await client.close()
    expect(seen()).toEqual(nothing)
  })

  test('connecting twice at once is one connection, and connecting again none: the last one to close ends it', async () => {
    const server = await serve(setting)
    const client = new Client(server.target(), { era: eraOf(setting) })
    await Promise.all([client.connect(), client.connect(), client.connect()])
    const { sdk } = client
    await client.connect()
    expect(client.sdk).toBe(sdk)
    for (let holds = 4; holds > 0; holds -= 1) {
      expect(client.isConnected).toBe(true)
      await client.close()
    }
    expect(client.isConnected).toBe(false)
    await client.close()
  })

  test('a client that is closed while it connects is closed, and connecting says so', async () => {
    const server = await serve(setting)
    const client = new Client(server.target(), { era: eraOf(setting) })
    const connecting = client.connect().catch((thrown: unknown) => thrown)
    await client.close()
    expect(await connecting).toMatchObject({
      code: 'connect_failed',
      message: expect.stringContaining('the client was closed'),
    })
    expect(client.isConnected).toBe(false)
    await expect(client.listTools()).rejects.toMatchObject({ code: 'not_connected' })
  })

  test('a client is closed when its block is left', async () => {
    const server = await serve(setting)
    const left: Client[] = []
    {
      await using client = await Client.connect(server.target(), { era: eraOf(setting) })
      left.push(client)
      expect(client.isConnected).toBe(true)
    }
    expect(left.map((client) => client.isConnected)).toEqual([false])
  })
})

describe.each(settings().filter(({ setting }) => setting.transport !== 'memory' || setting.peer === 'v1'))(
  'on the $name',
  ({ setting }) => {
    test('a client that was closed connects anew, and works', async () => {
      const { slow } = jobs(setting)
      const client = await (await serve(setting)).connect({ preferTasks: true })
      for (let round = 0; round < 2; round += 1) {
        expect(textOf(await client.callTool(slow.tool, { ...slow.args, ms: 20 }))).toBe(slow.says)
        await client.close()
        expect(client.isConnected).toBe(false)
        await client.connect()
      }
      expect((await client.listTools()).length).toBeGreaterThan(1)
    })
  },
)

describe.each(['2025-11-25', '2026-07-28'] as const)('on a %s server', (generation) => {
  const about = { instructions: 'Be gentle.' }

  test('instructions reach the client', async () => {
    const serverInfo = { name: 'scripted', version: '2.0.0', title: 'Scripted' }
    const server = new ScriptedServer(generation, {
      initialize: () => ({ protocolVersion: generation, capabilities: { tools: {} }, serverInfo, ...about }),
      'server/discover': () => ({
        supportedVersions: [generation],
        capabilities: { tools: {} },
        _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo },
        ttlMs: 0,
        cacheScope: 'private',
        ...about,
      }),
    })
    const client = await server.connect()
    expect(client).toMatchObject({ ...about, serverInfo, protocolVersion: generation })
    expect(client.serverCapabilities).toMatchObject({ tools: {} })
  })

  test('a connection that the server ends is seen to be gone', async () => {
    const server = new ScriptedServer(generation, {})
    const client = await server.connect()
    await server.hangUp()
    await expect.poll(() => client.isConnected).toBe(false)
    expect([client.serverInfo, client.serverCapabilities, client.protocolVersion]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    await expect(client.callTool('job')).rejects.toMatchObject({ code: 'request_closed' })
    await expect(client.listTools()).rejects.toMatchObject({ code: 'request_closed' })
  })
})

test('a server object serves one client after the other', async () => {
  const { McpServer } = await import('@modelcontextprotocol/server')
  const client = new Client(() => new McpServer({ name: 'here', version: '1.0.0' }, { capabilities: { tools: {} } }))
  onTestFinished(() => client.close())
  for (let round = 0; round < 2; round += 1) {
    await client.connect()
    expect(client.serverInfo?.name).toBe('here')
    await client.close()
  }
})

test('a reference of another server is an error on its first use, and what is no reference at once', async () => {
  const client = await new ScriptedServer('2025-11-25', {}).connect()
  const task = client.tasks.resume(reference)
  await expect(task.status()).rejects.toBeInstanceOf(InvalidReferenceError)
  await expect(task.result()).rejects.toMatchObject({ message: expect.stringContaining('memory:elsewhere') })
  expect(() => client.tasks.resume({ ...reference, longcall: 2 } as never)).toThrow(InvalidReferenceError)
})
