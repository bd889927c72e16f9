import { describe, expect, test } from 'vitest'
import type { ServerMessage } from '@longcall/client'
import { expectSoon } from '../../support/answering.ts'
import { plainSettings } from '../../support/plain-settings.ts'
import { receivedBy, serveFull, told } from '../../support/full-peer.ts'

const plain = { uri: 'note://plain' }
const pixel = { uri: 'note://pixel' }

describe.each(plainSettings())('updates of resources ($name)', ({ setting }) => {
  test('reach a hook from when they are subscribed to, and only those that are', async () => {
    const updated: string[] = []
    const client = await (
      await serveFull(setting)
    ).connect({ onMessage: { onResourceUpdated: (uri) => void updated.push(uri) } })
    await told(client, 'announce', { changes: [plain] })
    await client.subscribeResource(plain.uri)
    await told(client, 'announce', { changes: [pixel, plain] })
    await expectSoon(() => updated).toEqual([plain.uri])
    await client.subscribeResource(pixel.uri)
    await told(client, 'announce', { changes: [pixel, plain] })
    await expectSoon(() => updated).toEqual([plain.uri, pixel.uri, plain.uri])
  })

  test('reach a function for all messages', async () => {
    const messages: ServerMessage[] = []
    const client = await (await serveFull(setting)).connect({ onMessage: (message) => void messages.push(message) })
    await client.subscribeResource(plain.uri)
    await told(client, 'announce', { changes: [plain] })
    await expectSoon(() => messages.filter(({ method }) => method === 'notifications/resources/updated')).toMatchObject(
      [{ params: plain }],
    )
  })

  test('stop when they are not wanted any more, while others go on', async () => {
    const updated: string[] = []
    const client = await (
      await serveFull(setting)
    ).connect({ onMessage: { onResourceUpdated: (uri) => void updated.push(uri) } })
    await Promise.all([client.subscribeResource(plain.uri), client.subscribeResource(pixel.uri)])
    await client.unsubscribeResource(plain.uri)
    await told(client, 'announce', { changes: [plain, pixel] })
    await expectSoon(() => updated).toContain(pixel.uri)
    // Those that were announced before it came before it.
    expect(updated).toEqual([pixel.uri])
    await client.subscribeResource(plain.uri)
    await told(client, 'announce', { changes: [plain] })
    await expectSoon(() => updated).toEqual([pixel.uri, plain.uri])
  })

  test('that are subscribed to twice come once', async () => {
    const updated: string[] = []
    const client = await (
      await serveFull(setting)
    ).connect({ onMessage: { onResourceUpdated: (uri) => void updated.push(uri) } })
    await Promise.all([client.subscribeResource(plain.uri), client.subscribeResource(plain.uri)])
    await client.subscribeResource(plain.uri)
    await client.subscribeResource(pixel.uri)
    await told(client, 'announce', { changes: [plain, pixel] })
    await expectSoon(() => updated).toEqual([plain.uri, pixel.uri])
  })

  test('are subscribed to by the very URI that was given', async () => {
    const updated: string[] = []
    const client = await (
      await serveFull(setting)
    ).connect({ onMessage: { onResourceUpdated: (uri) => void updated.push(uri) } })
    const uri = 'raw://Host/A%20b?q=1#part'
    await client.subscribeResource(uri)
    await told(client, 'announce', { changes: [{ uri }] })
    await expectSoon(() => updated).toEqual([uri])
  })

  test('take what was kept of the resource away', async () => {
    const updated: string[] = []
    const client = await (
      await serveFull(setting)
    ).connect({ onMessage: { onResourceUpdated: (uri) => void updated.push(uri) } })
    await client.subscribeResource(plain.uri)
    await client.readResource(plain.uri)
    await told(client, 'announce', { changes: [plain] })
    await expectSoon(() => updated).toEqual([plain.uri])
    await client.readResource(plain.uri)
    expect(await receivedBy(client, 'resources/read')).toHaveLength(2)
  })

  test('that the server does not push are an error, again and again, and all else works', async () => {
    const client = await (await serveFull(setting, { subscribe: false })).connect()
    const expected =
      setting.generation === '2026-07-28' ? { code: 'not_supported' } : { code: 'rpc_error', rpcCode: -32_601 }
    await expect(client.subscribeResource(plain.uri)).rejects.toMatchObject(expected)
    await expect(client.subscribeResource(plain.uri)).rejects.toMatchObject(expected)
    await expect(client.subscribeResource(pixel.uri)).rejects.toMatchObject(expected)
    expect(await client.readResource(plain.uri)).toHaveLength(1)
  })
})

describe.each(plainSettings().filter(({ setting }) => setting.transport !== 'stdio'))(
  'updates of resources ($name)',
  ({ setting }) => {
    test('reach each client that wants them, and go on for one when another has left', async () => {
      const server = await serveFull(setting)
      const heard: Record<string, string[]> = { one: [], other: [] }
      const connect = (who: string) =>
        server.connect({ onMessage: { onResourceUpdated: (uri) => void heard[who]?.push(uri) } })
      const [one, other] = await Promise.all([connect('one'), connect('other')])
      await Promise.all([one.subscribeResource(plain.uri), other.subscribeResource(plain.uri)])
      await told(one, 'announce', { changes: [plain] })
      await expectSoon(() => heard).toEqual({ one: [plain.uri], other: [plain.uri] })
      await one.close()
      await told(other, 'announce', { changes: [plain] })
      await expectSoon(() => heard).toEqual({ one: [plain.uri], other: [plain.uri, plain.uri] })
    })
  },
)

describe.each(plainSettings({ generation: '2026-07-28' }))('updates of resources ($name)', ({ setting }) => {
  test('and changes of lists come on one stream', async () => {
    const heard: string[] = []
    const client = await (
      await serveFull(setting)
    ).connect({
      onMessage: {
        onToolsChanged: () => void heard.push('tools'),
        onResourceUpdated: (uri) => void heard.push(uri),
      },
    })
    await client.subscribeResource(plain.uri)
    await told(client, 'announce', { changes: [plain, 'tools'] })
    await expectSoon(() => heard).toEqual([plain.uri, 'tools'])
    const listens = await receivedBy(client, 'subscriptions/listen')
    expect(listens.at(-1)?.params?.notifications).toEqual({
      resourceSubscriptions: [plain.uri],
      toolsListChanged: true,
    })
  })
})
