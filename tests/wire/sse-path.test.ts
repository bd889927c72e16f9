import { createServer } from 'node:http'
import { Client as SdkClient } from '@modelcontextprotocol/client'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { httpTarget } from '../../packages/client/src/target/http-target.ts'
import type { ResolvedTarget } from '../../packages/client/src/target/resolved-target.ts'
import { startSseServer } from '../peers/sse-server.mjs'
import { connect, failure, listen, open } from '../support/http-targets.ts'

describe('a server over SSE', () => {
  async function sse(...args: Parameters<typeof startSseServer>): ReturnType<typeof startSseServer> {
    const started = await startSseServer(...args)
    onTestFinished(() => started.close())
    return started
  }

  const expectEcho = async ({ client }: { client: SdkClient }): Promise<void> =>
    expect(await client.callTool({ name: 'echo', arguments: { text: 'héllo' } })).toMatchObject({
      content: [{ text: 'héllo' }],
    })

  test.each([
    ['', '/sse'],
    ['/some/where', '/sse'],
    ['', '/sse/'],
    ['/mount', '/sse/v1'],
  ])('is known by its path, also under another: %s%s', async (mount, path) => {
    const server = await sse(mount, path)
    const { client, transport } = await connect({ url: server.url, token: 't0ken', headers: { 'x-key': 'k1' } })
    await expectEcho({ client })
    for (const headers of server.headers)
      expect(headers).toMatchObject({ authorization: 'Bearer t0ken', 'x-key': 'k1' })
    expect(server.sessions.size).toBe(1)
    await transport.close()
    await vi.waitFor(() => expect(server.sessions.size).toBe(0))
  })

  test('is found to speak no newer version where both are tried', async () => {
    const { url } = await sse()
    const transport = await httpTarget(url).open()
    const client = new SdkClient({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } })
    onTestFinished(() => client.close())
    await client.connect(transport)
    await expectEcho({ client })
  })

  test('at any other path is known by what it says to Streamable HTTP', async () => {
    const server = await sse('', '/mcp')
    const target = httpTarget({ url: server.url, token: 't0ken' })
    const refused: unknown = await open(target).catch((error: unknown) => error)
    const older = target.fallback?.(refused)
    expect(older).toBeDefined()
    await expectEcho(await open(older as ResolvedTarget))
    expect(server.headers.every(({ authorization }) => authorization === 'Bearer t0ken')).toBe(true)
  })

  test('that ends the stream has ended the session: the transport is closed, and no other is opened', async () => {
    const server = await sse()
    const { client } = await connect(server.url)
    const closed = new Promise<void>((resolve) => {
      client.onclose = resolve
    })
    const before = server.headers.length
    for (const { transport } of server.sessions.values()) await transport.close()
    await closed
    expect(server.headers).toHaveLength(before)
    await expect(client.callTool({ name: 'echo', arguments: { text: 'a' } })).rejects.toThrow('Not connected')
  })

  test('that knows the session no more says so with its status', async () => {
    const server = await sse()
    const { transport } = await connect(server.url)
    server.sessions.clear()
    await expect(transport.send({ jsonrpc: '2.0', method: 'notifications/any' })).rejects.toMatchObject({
      data: { status: 404 },
    })
  })

  test('that is not there, or is no such server, is an error', async () => {
    expect(await failure('http://127.0.0.1:65535/sse')).toMatch(/ECONNREFUSED/)
    const url = await listen(createServer((_, response) => response.writeHead(404).end()))
    expect(await failure(`${url}/sse`)).toMatch(/404/)
  })
})
