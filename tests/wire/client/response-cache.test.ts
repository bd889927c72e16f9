import { describe, expect, test } from 'vitest'
import type { Client, Generation } from '@longcall/client'
import { ManualClock } from '@longcall/core/testing'
import { expectSoon } from '../../support/answering.ts'
import { ScriptedServer } from '../../support/scripted-server.ts'
import { plainSettings } from '../../support/plain-settings.ts'
import { reportOf, serveTools } from '../../support/tool-server.ts'

async function timesAsked(client: Client, method: string): Promise<number> {
  return (await reportOf(client)).asked[method] ?? 0
}

describe.each(plainSettings())('on a server of $name', ({ setting }) => {
  test('what a server does not let be kept is asked for each time', async () => {
    const client = await (await serveTools(setting)).connect()
    for (let round = 0; round < 2; round += 1) {
      await client.listResources()
      await client.readResource('memo:one')
    }
    const { asked } = await reportOf(client)
    expect([asked['resources/list'], asked['resources/read']]).toEqual([2, 2])
  })
})

describe.each(plainSettings({ generation: '2026-07-28' }))(
  'on a server of $name, which lets lists be kept',
  ({ setting }) => {
    const ttlMs = 60_000

    test('a list is asked for once, and all calls give the same, each its own', async () => {
      const client = await (await serveTools(setting, { ttlMs, pageSize: 100 })).connect()
      const first = (await client.listTools()) as unknown[]
      first.length = 0
      const second = await client.listTools()
      expect(second.length).toBeGreaterThan(5)
      expect(await client.listTools()).toEqual(second)
      expect(await timesAsked(client, 'tools/list')).toBe(1)
    })

    test('refresh asks anew and keeps that; bypass asks, and leaves what is kept alone', async () => {
      const client = await (await serveTools(setting, { ttlMs })).connect()
      await client.listResources()
      await client.listResources({ cacheMode: 'refresh' })
      expect(await timesAsked(client, 'resources/list')).toBe(2)
      await client.listResources({ cacheMode: 'bypass' })
      expect(await timesAsked(client, 'resources/list')).toBe(3)
      await client.listResources()
      expect(await timesAsked(client, 'resources/list')).toBe(3)
    })

    test('what is asked for with meta, a version or a number of pages is asked for each time, and not kept', async () => {
      const client = await (await serveTools(setting, { ttlMs })).connect()
      await client.listResources({ meta: { who: 'me' } })
      await client.listResources({ maxPages: 5 })
      await client.readResource('memo:one', { meta: { who: 'me' } })
      await client.readResource('memo:one', { version: '2' })
      await client.readResource('memo:one')
      await client.listResources()
      const { asked } = await reportOf(client)
      expect([asked['resources/list'], asked['resources/read']]).toEqual([3, 3])
    })

    test('each client keeps its own', async () => {
      const served = await serveTools(setting, { ttlMs })
      const client = await served.connect()
      await client.listResources()
      const copy = client.new()
      await copy.connect()
      await copy.listResources()
      await copy.close()
      const here = await timesAsked(client, 'resources/list')
      // Over stdio each has a server of its own.
      expect(here).toBe(setting.transport === 'stdio' ? 1 : 2)
    })

    test('what is kept is gone with the connection', async () => {
      const client = await (await serveTools(setting, { ttlMs })).connect()
      await client.listResources()
      await client.close()
      await client.connect()
      await client.listResources()
      expect(await timesAsked(client, 'resources/list')).toBe(setting.transport === 'stdio' ? 1 : 2)
    })

    test('a list that the server says has changed is asked for anew', async () => {
      let changes = 0
      const onMessage = { onToolsChanged: () => void (changes += 1) }
      const client = await (await serveTools(setting, { ttlMs, pageSize: 100 })).connect({ onMessage })
      await client.listTools()
      // Its stream may take a moment to be open.
      await expectSoon(async () => {
        await client.callTool('change')
        return changes
      }).toBeGreaterThan(0)
      const before = await timesAsked(client, 'tools/list')
      const edition = (await client.listTools()).find(({ name }) => name === 'edition')
      expect(JSON.stringify(edition?.outputSchema)).not.toContain('"edition1"')
      expect(await timesAsked(client, 'tools/list')).toBe(before + 1)
    })

    test('a resource is read once while it may be kept, and anew after its update', async () => {
      const updated: string[] = []
      const onMessage = { onResourceUpdated: (uri: string) => void updated.push(uri) }
      const client = await (await serveTools(setting, { ttlMs })).connect({ onMessage })
      await client.subscribeResource('memo:one')
      const read = async (): Promise<unknown> => (await client.readResource('memo:one'))[0]
      expect([await read(), await read()]).toEqual([
        { uri: 'memo:one', text: 'one' },
        { uri: 'memo:one', text: 'one' },
      ])
      expect(await timesAsked(client, 'resources/read')).toBe(1)
      await client.callTool('write', { uri: 'memo:one', text: 'two' })
      await expectSoon(() => updated).toEqual(['memo:one'])
      expect(await read()).toEqual({ uri: 'memo:one', text: 'two' })
    })
  },
)

describe.each(plainSettings())('on a server of $name, whose tools change', ({ setting }) => {
  test('a result is read by the schema of its time: the new one as a whole, once the server has said so', async () => {
    let changes = 0
    const onMessage = { onToolsChanged: () => void (changes += 1) }
    const client = await (await serveTools(setting, { pageSize: 1 })).connect({ onMessage })
    expect(await client.callTool('edition')).toMatchObject({ data: { edition1: 1 }, dataError: undefined })
    await expectSoon(async () => {
      await client.callTool('change')
      return changes
    }).toBeGreaterThan(0)
    await expectSoon(async () => (await client.callTool('edition')).dataError).toBeUndefined()
    const { data, structuredContent } = await client.callTool('edition')
    expect(data).toEqual(structuredContent)
    expect(data).not.toHaveProperty('edition1')
  })
})

describe.each<Generation>(['2025-11-25', '2026-07-28'])('of a %s server', (generation) => {
  test('a list is kept for the shortest time that one of its pages names', async () => {
    const clock = new ManualClock()
    const server = new ScriptedServer(generation, {
      'tools/list': ({ cursor }) => ({
        tools: [{ name: cursor === undefined ? 'a' : 'b', inputSchema: { type: 'object' } }],
        ttlMs: cursor === undefined ? 5000 : 2000,
        cacheScope: 'private',
        ...(cursor === undefined && { nextCursor: 'next' }),
      }),
    })
    const client = await server.connect({ clock })
    await client.listTools()
    await clock.advance(1999)
    expect((await client.listTools()).map(({ name }) => name)).toEqual(['a', 'b'])
    expect(server.requests('tools/list')).toHaveLength(2)
    await clock.advance(1)
    await client.listTools()
    expect(server.requests('tools/list')).toHaveLength(4)
  })
})
