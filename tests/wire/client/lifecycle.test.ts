import { describe, expect, onTestFinished, test } from 'vitest'
import { ConnectError, InvalidTargetError, type Client, type ClientOptions } from '@longcall/client'
import { failure } from '../../support/failure.ts'
import { gate, textOf } from '../../support/answering.ts'
import { CountedTransports, hangUp, legacyReply, type Reply } from '../../support/counted-transport.ts'
import { plainSettings, type PlainSetting } from '../../support/plain-settings.ts'
import { serveTools } from '../../support/tool-server.ts'
import { unconnected } from '../../support/unconnected.ts'

const eraOf = ({ generation }: PlainSetting): NonNullable<ClientOptions['era']> =>
  generation === '2026-07-28' ? '2026-07-28' : 'legacy'

const processOf = (client: Client): number => (client.sdk.transport as unknown as { pid: number }).pid

describe.each(plainSettings())('on a server of $name', ({ setting }) => {
  const era = eraOf(setting)

  test('who connects while it is connected shares the connection, and only the last to close ends it', async () => {
    const client = unconnected((await serveTools(setting)).target(), { era })
    await client.connect()
    const { sdk } = client
    await client.connect()
    await client.connect()
    expect(client.sdk).toBe(sdk)
    await client.close()
    await client.close()
    expect(textOf(await client.callTool('give', { result: { content: [{ type: 'text', text: 'hi' }] } }))).toBe('hi')
    await client.close()
    expect(client.isConnected).toBe(false)
  })

  test('many who come and go at once do not disturb each other', async () => {
    const client = unconnected((await serveTools(setting)).target(), { era })
    const visit = async (stay: number): Promise<void> => {
      await client.connect()
      for (let call = 0; call < stay; call += 1) await client.listTools()
      await client.close()
    }
    await Promise.all([3, 1, 2, 1, 4, 1, 1, 2].map(visit))
    expect(client.isConnected).toBe(false)
  })

  test('what the server says of itself is there while connected, and nothing is before and after', async () => {
    const client = unconnected((await serveTools(setting)).target(), { era })
    const seen = () => [
      client.serverInfo?.name,
      client.serverInfo?.version,
      client.instructions,
      client.protocolVersion,
    ]
    const nothing = [undefined, undefined, undefined, undefined]
    expect([client.isConnected, ...seen()]).toEqual([false, ...nothing])
    await client.connect()
    expect([client.isConnected, ...seen()]).toEqual([
      true,
      'tool-server',
      '3.2.1',
      'Use the tools.',
      setting.generation,
    ])
    expect(client.serverCapabilities).toMatchObject({ tools: {}, resources: {} })
    await client.close()
    expect([client.isConnected, client.serverCapabilities, ...seen()]).toEqual([false, undefined, ...nothing])
  })

  test('connecting that is called off leaves nothing behind, and the next one works', async () => {
    const client = unconnected((await serveTools(setting)).target(), { era })
    for (let turns = 0; turns < 3; turns += 1) {
      const abort = new AbortController()
      const connecting = failure(client.connect({ signal: abort.signal }))
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
      abort.abort(new Error('never mind'))
      expect(await connecting).toMatchObject({ code: 'connect_failed' })
      expect(client.isConnected).toBe(false)
    }
    await client.connect()
    expect(client.isConnected).toBe(true)
  })

  test('a signal that aborted before connects nothing', async () => {
    const client = unconnected((await serveTools(setting)).target(), { era })
    const error = await failure(client.connect({ signal: AbortSignal.abort(new Error('before')) }))
    expect(error).toBeInstanceOf(ConnectError)
    expect(error).toMatchObject({ code: 'connect_failed', cause: new Error('before') })
    expect((error as Error).message).toContain('before')
  })

  test('who gives up waiting leaves the others their connection', async () => {
    const client = unconnected((await serveTools(setting)).target(), { era })
    const abort = new AbortController()
    const leaving = failure(client.connect({ signal: abort.signal }))
    const staying = client.connect()
    abort.abort(new Error('enough'))
    expect(await leaving).toBeInstanceOf(ConnectError)
    await staying
    expect(client.isConnected).toBe(true)
    await client.close()
    expect(client.isConnected).toBe(false)
  })

  test('what was closed by force is connected anew by the next one, with a count of its own', async () => {
    const client = unconnected((await serveTools(setting)).target(), { era })
    await Promise.all([client.connect(), client.connect(), client.connect()])
    const forced = client.close({ force: true })
    const again = client.connect()
    await Promise.all([forced, again])
    expect((await client.listTools()).length).toBeGreaterThan(0)
    await client.connect()
    await client.close()
    expect(client.isConnected).toBe(true)
    await client.close()
    expect(client.isConnected).toBe(false)
  })

  test('closing fails the calls that wait, at once', async () => {
    const client = unconnected((await serveTools(setting)).target(), { era })
    await client.connect()
    const begun = gate()
    const call = failure(client.callTool('hang', {}, { onProgress: () => begun.open() }))
    await begun.opened
    await client.close()
    expect(await call).toMatchObject({ code: 'request_closed' })
    expect(await failure(client.callTool('give'))).toMatchObject({ code: 'not_connected' })
  })

  test('a copy is not connected, is called otherwise, and has the handlers and options of its original', async () => {
    const handlers = { onLog: () => {}, onElicitation: () => ({ name: 'Ann' }) }
    const original = await (await serveTools(setting)).connect({ ...handlers, name: 'first', timeoutMs: 300 })
    if (setting.transport === 'memory') original.setHandlers({ onLog: () => {} })
    const copy = original.new()
    onTestFinished(() => copy.close())
    expect(copy.isConnected).toBe(false)
    expect(copy.name).toMatch(/^first:\w+$/)
    expect(original.new({ name: 'second' }).name).toBe('second')
    await copy.connect()
    expect(copy.protocolVersion).toBe(setting.generation)
    expect(copy.sdk).not.toBe(original.sdk)
    expect(await failure(copy.callTool('slow', { ms: 5000 }))).toMatchObject({
      failure: { kind: 'timeout', timeoutMs: 300 },
    })
    await copy.close()
    expect(original.isConnected).toBe(true)
  })
})

describe.each(plainSettings({ transport: 'stdio' }))('on a server of $name', ({ setting }) => {
  test('each copy has a process of its own', async () => {
    const original = await (await serveTools(setting)).connect()
    const copy = original.new()
    onTestFinished(() => copy.close())
    await copy.connect()
    expect(processOf(copy)).not.toBe(processOf(original))
  })
})

describe('a server that is made up', () => {
  const clientOf = (reply: Reply, close?: () => Promise<void>) => {
    const server = new CountedTransports(reply, close)
    return { server, client: unconnected(() => server.make(), { era: 'legacy' }) }
  }

  test('is introduced to once, however many connect', async () => {
    const { server, client } = clientOf(legacyReply)
    await Promise.all([client.connect(), client.connect()])
    await client.connect()
    expect(server.methods.filter((method) => method === 'initialize')).toHaveLength(1)
  })

  test('that is called off while it introduces itself is closed, and asked anew by the next one', async () => {
    const asked = gate()
    let isMute = true
    const { server, client } = clientOf((message) => {
      if (message.method !== 'initialize' || !isMute) return legacyReply(message)
      asked.open()
      return undefined
    })
    const abort = new AbortController()
    const connecting = failure(client.connect({ signal: abort.signal }))
    await asked.opened
    isMute = false
    abort.abort(new Error('never mind'))
    expect(await connecting).toMatchObject({ code: 'connect_failed', cause: new Error('never mind') })
    await client.connect()
    expect([client.isConnected, server.opened, server.open]).toEqual([true, 2, 1])
  })

  test('whose transport takes for ever to close does not hold up who closes, nor who connects then', async () => {
    const { client } = clientOf(legacyReply, () => new Promise(() => {}))
    await client.connect()
    const startedAt = performance.now()
    await client.close()
    await client.connect()
    expect(client.isConnected).toBe(true)
    expect(performance.now() - startedAt).toBeLessThan(15_000)
  })

  test('that cannot be connected to again takes no hold of who tries', async () => {
    let isAway = false
    const server = new CountedTransports((message) => {
      if (message.method === 'ping') throw hangUp
      return legacyReply(message)
    })
    const client = unconnected(
      () => {
        if (isAway) throw new Error('away')
        return server.make()
      },
      { era: 'legacy' },
    )
    await client.connect()
    isAway = true
    await failure(client.ping())
    expect(await failure(client.connect())).toMatchObject({ message: expect.stringContaining('away') })
    isAway = false
    await client.connect()
    await client.close()
    expect(client.isConnected, 'one of two is left').toBe(true)
    await client.close()
    expect([client.isConnected, server.open]).toEqual([false, 0])
  })

  test('that ends the connection fails the calls that wait, and those that come then are answered anew', async () => {
    const asked = gate()
    let fails = true
    const { client, server } = clientOf((message) => {
      if (message.method !== 'tools/call') return legacyReply(message)
      if (!fails) return { content: [{ type: 'text', text: 'here' }] }
      asked.open()
      fails = false
      throw hangUp
    })
    await client.connect()
    expect(await failure(client.callTool('job'))).toMatchObject({ code: 'request_lost', failure: { kind: 'lost' } })
    expect(textOf(await client.callTool('job'))).toBe('here')
    expect(server.open).toBe(1)
  })

  test('over a transport that was given made cannot be copied, and is gone for good once it ends', async () => {
    const server = new CountedTransports((message) => {
      if (message.method === 'tools/call') throw hangUp
      return legacyReply(message)
    })
    const client = unconnected(server.make(), { era: 'legacy' })
    await client.connect()
    expect(() => client.new()).toThrow(InvalidTargetError)
    expect(await failure(client.callTool('job'))).toMatchObject({ code: 'request_closed' })
    expect(await failure(client.callTool('job'))).toMatchObject({ code: 'request_closed', cause: expect.any(Error) })
    expect(await failure(client.connect())).toBeInstanceOf(InvalidTargetError)
  })
})
