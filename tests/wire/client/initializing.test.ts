import { describe, expect, onTestFinished, test } from 'vitest'
import { Client, ConnectError, InvalidOptionError } from '@longcall/client'
import { startSseServer } from '../../peers/sse-server.mjs'
import { failure } from '../../support/failure.ts'
import { gate, textOf } from '../../support/answering.ts'
import {
  CountedTransports,
  legacyReply,
  modernReply,
  type Reply,
  type WireMessage,
} from '../../support/counted-transport.ts'
import { listen } from '../../support/http-targets.ts'
import { freePort } from '../../support/spawn-peer.ts'
import { plainSettings } from '../../support/plain-settings.ts'
import { serveTools } from '../../support/tool-server.ts'
import { unconnected } from '../../support/unconnected.ts'
import { readJsonBody } from '../../peers/http-listener.mjs'
import { createServer } from 'node:http'

describe.each(plainSettings({ generation: '2025-11-25' }))('on a server of $name', ({ setting }) => {
  const era = 'legacy'

  test('a client that does not introduce itself can do so later, and all works then', async () => {
    const client = unconnected((await serveTools(setting)).target(), { era, autoInitialize: false })
    await client.connect()
    expect([client.serverInfo, client.protocolVersion]).toEqual([undefined, undefined])
    expect(await failure(client.listTools())).toMatchObject({
      code: 'not_connected',
      message: expect.stringContaining('Call initialize() first'),
    })
    const introduction = await client.initialize()
    expect(introduction).toMatchObject({
      protocolVersion: '2025-11-25',
      serverInfo: { name: 'tool-server', version: '3.2.1' },
      instructions: 'Use the tools.',
      capabilities: { tools: {} },
    })
    expect((await client.listTools()).length).toBeGreaterThan(0)
  })

  test('initializing again tells the same, and asks nobody', async () => {
    const client = unconnected((await serveTools(setting)).target(), { era })
    await client.connect()
    const { sdk } = client
    const [first, second] = await Promise.all([client.initialize(), client.initialize()])
    expect(second).toEqual(first)
    expect(client.sdk).toBe(sdk)
  })

  test('initializing needs a connection', async () => {
    const client = unconnected((await serveTools(setting)).target(), { era, autoInitialize: false })
    expect(await failure(client.initialize())).toMatchObject({ code: 'not_connected' })
    await client.connect()
    await client.initialize()
    await client.close()
    expect(await failure(client.initialize())).toMatchObject({ code: 'not_connected' })
  })
})

describe.each(plainSettings({ generation: '2026-07-28' }))('on a server of $name', ({ setting }) => {
  test('initializing says what tells the same, and the connection stands', async () => {
    const client = await (await serveTools(setting)).connect()
    const error = await failure(client.initialize())
    expect(error).toMatchObject({ code: 'no_initialize' })
    for (const word of ['2026-07-28', 'serverInfo', 'serverCapabilities', 'instructions', 'protocolVersion'])
      expect((error as Error).message).toContain(word)
    expect((await client.listTools()).length).toBeGreaterThan(0)
  })
})

describe.each(plainSettings())('on a server of $name', ({ setting }) => {
  test('a client that finds the era out works, and remembers it for its copies', async () => {
    const client = unconnected((await serveTools(setting)).target())
    await client.connect()
    // The server speaks both, and the newer one is taken.
    expect(client.protocolVersion).toBe('2026-07-28')
    const copy = client.new()
    onTestFinished(() => copy.close())
    await copy.connect()
    expect(copy.protocolVersion).toBe('2026-07-28')
    expect((await copy.listTools()).length).toBeGreaterThan(0)
  })
})

describe('a client that introduces itself by hand', () => {
  const held = (): { server: CountedTransports; client: Client; asked: Promise<void>; answer: () => void } => {
    const [asked, answer] = [gate(), gate()]
    const server = new CountedTransports(async (message) => {
      if (message.method !== 'initialize') return legacyReply(message)
      asked.open()
      await answer.opened
      return legacyReply(message)
    })
    const client = unconnected(() => server.make(), { era: 'legacy', autoInitialize: false })
    return { server, client, asked: asked.opened, answer: answer.open }
  }

  test('does so once, however many ask for it at the same time', async () => {
    const { server, client, asked, answer } = held()
    await client.connect()
    const introductions = [client.initialize(), client.initialize()]
    await asked
    introductions.push(client.initialize())
    answer()
    const [first, ...others] = await Promise.all(introductions)
    expect(others).toEqual([first, first])
    expect(server.methods.filter((method) => method === 'initialize')).toHaveLength(1)
    expect([server.opened, server.open]).toEqual([1, 1])
  })

  test('is not called off by one of several who gives up', async () => {
    const { server, client, asked, answer } = held()
    await client.connect()
    const abort = new AbortController()
    const leaving = failure(client.initialize({ signal: abort.signal }))
    const staying = client.initialize()
    await asked
    abort.abort(new Error('enough'))
    expect(await leaving).toMatchObject({ code: 'connect_failed', cause: new Error('enough') })
    answer()
    expect(await staying).toMatchObject({ protocolVersion: '2025-11-25' })
    expect(server.opened).toBe(1)
  })

  test('has a time of its own for it, and can try again', async () => {
    const { client, server, answer } = held()
    await client.connect()
    const error = await failure(client.initialize({ signal: AbortSignal.timeout(30) }))
    expect(error).toBeInstanceOf(ConnectError)
    await expect.poll(() => server.open).toBe(0)
    answer()
    expect(await client.initialize()).toMatchObject({ protocolVersion: '2025-11-25' })
    expect((await failure(client.callTool('job'))) as Error).toMatchObject({ rpcCode: -32_601 })
  })

  test('is not connected where introducing failed, and can be closed', async () => {
    const server = new CountedTransports(() => {
      throw Object.assign(new Error('not today'), { code: -32_000 })
    })
    const client = unconnected(() => server.make(), { era: 'legacy', autoInitialize: false })
    await client.connect()
    expect(await failure(client.initialize())).toMatchObject({ message: expect.stringContaining('not today') })
    expect(client.isConnected).toBe(false)
    await client.close()
    expect(server.open).toBe(0)
  })
})

describe('which era is spoken', () => {
  /** A server over HTTP that replies so, and the methods that it saw. */
  async function overHttp(reply: Reply): Promise<{ url: string; methods: string[] }> {
    const methods: string[] = []
    const url = await listen(
      createServer((request, response) => {
        void (async () => {
          if (request.method !== 'POST') return response.writeHead(405).end()
          const message = (await readJsonBody(request)) as WireMessage
          methods.push(message.method ?? '')
          if (message.id === undefined) return response.writeHead(202).end()
          const answer = await Promise.resolve(message)
            .then(reply)
            .then(
              (result) => ({ result }),
              ({ code, message: said }: { code: number; message: string }) => ({ error: { code, message: said } }),
            )
          response.writeHead(200, { 'content-type': 'application/json' })
          return response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, ...answer }))
        })()
      }),
    )
    return { url: `${url}/mcp`, methods }
  }

  test('is the old one, without a word of it, where the server refuses the question', async () => {
    const { url, methods } = await overHttp(legacyReply)
    const errors: Error[] = []
    const client = unconnected(url, { onError: (error) => void errors.push(error) })
    await client.connect()
    expect(client.protocolVersion).toBe('2025-11-25')
    expect(methods.slice(0, 2)).toEqual(['server/discover', 'initialize'])
    expect(errors).toEqual([])
  })

  test.each([
    ['lacks the versions', { capabilities: {}, ttlMs: 0, cacheScope: 'private' }],
    ['has wrong types', { supportedVersions: 'all', capabilities: 7, ttlMs: 0, cacheScope: 'private' }],
    ['is nothing', {}],
  ])('is the old one where the answer to the question %s', async (_how, answer) => {
    const { url } = await overHttp((message) => (message.method === 'server/discover' ? answer : legacyReply(message)))
    const client = unconnected(url)
    await client.connect()
    expect(client.protocolVersion).toBe('2025-11-25')
  })

  test('is not asked for where the old one is insisted on', async () => {
    const { url, methods } = await overHttp(legacyReply)
    await unconnected(url, { era: 'legacy' }).connect()
    expect(methods).not.toContain('server/discover')
  })

  test('is the new one or none where that is insisted on', async () => {
    const modern = await overHttp(modernReply)
    const client = unconnected(modern.url, { era: '2026-07-28' })
    await client.connect()
    expect(client.protocolVersion).toBe('2026-07-28')
    expect(modern.methods).not.toContain('initialize')
    const legacy = await overHttp(legacyReply)
    expect(await failure(unconnected(legacy.url, { era: '2026-07-28' }).connect())).toBeInstanceOf(ConnectError)
    expect(legacy.methods).not.toContain('initialize')
  })

  test.each(['2025-11-25', '2025-06-18', 'modern'])('is never %s by name: the error says what it can be', (era) => {
    expect(() => new Client('https://example.com/mcp', { era: era as 'legacy' })).toThrow(InvalidOptionError)
    expect(() => new Client('https://example.com/mcp', { era: era as 'legacy' })).toThrow(/auto, 2026-07-28, legacy/)
  })

  test('is never asked of a server over SSE', async () => {
    const server = await startSseServer()
    onTestFinished(() => server.close())
    const client = unconnected(server.url)
    await client.connect()
    // The stream, the introduction, and its end.
    expect(server.headers).toHaveLength(3)
    expect(client.protocolVersion).toBe('2025-11-25')
    expect(textOf(await client.callTool('echo', { text: 'hi' }))).toBe('hi')
  })
})

describe('an error of connecting', () => {
  test.each([401, 403, 404, 500, 503])('keeps the HTTP status %i as its cause', async (status) => {
    const url = await listen(createServer((_request, response) => response.writeHead(status).end('no')))
    const error = await failure(unconnected(`${url}/mcp`, { era: 'legacy' }).connect())
    expect(error).toBeInstanceOf(ConnectError)
    const { cause } = error as ConnectError
    expect(cause).toBeInstanceOf(Error)
    expect(cause).toMatchObject({ data: { status } })
    expect((error as Error).message).toContain(`HTTP status ${status}`)
  })

  test('keeps the JSON-RPC error of the server as its cause', async () => {
    const server = new CountedTransports(() => {
      throw Object.assign(new Error('licence expired'), { code: -32_010 })
    })
    const error = await failure(unconnected(() => server.make(), { era: 'legacy' }).connect())
    expect(error).toMatchObject({ code: 'connect_failed', cause: { code: -32_010 } })
    expect((error as Error).message).toContain('licence expired')
  })

  test('keeps as its cause why a command did not start, or a port did not answer', async () => {
    const error = (await failure(
      unconnected({ command: 'longcall-no-such-command' }, { era: 'legacy' }).connect(),
    )) as Error
    expect(error).toBeInstanceOf(ConnectError)
    expect(error.cause).toMatchObject({ code: 'server_start_failed' })
    const nobody = (await failure(unconnected(`http://127.0.0.1:${await freePort()}/mcp`).connect())) as Error
    expect(nobody.message).toContain('ECONNREFUSED')
    expect(nobody.cause).toBeInstanceOf(Error)
  })
})
