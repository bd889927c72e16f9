import { describe, expect, onTestFinished, test } from 'vitest'
import { Client } from '@longcall/client'
import { startRefusingServer } from '../../peers/recovery/refusing-server.mjs'
import { textOf } from '../../support/answering.ts'
import { freePort, startProcess, type RunningProcess } from '../../support/spawn-peer.ts'
import { everything } from '../../support/third-party.ts'

type Server = Awaited<ReturnType<typeof startRefusingServer>>

async function start(options: { hasSessions?: boolean } = {}): Promise<{ server: Server; client: Client }> {
  const server = await startRefusingServer(options)
  const client = new Client(server.url, { era: 'legacy' })
  onTestFinished(async () => {
    await client.close()
    await server.close()
  })
  await client.connect()
  return { server, client }
}

const rpc = (code: number, message: string): string =>
  JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message } })

describe('a server says that it does not know the session by', () => {
  test.each([
    ['404 alone', 404, ''],
    ['404 and the error -32001', 404, rpc(-32_001, 'Session not found')],
    ['404 and the error -32000', 404, rpc(-32_000, 'Session not found')],
    ['404 and a page', 404, '<html>Not Found</html>'],
    ['400 and that there is no valid session', 400, rpc(-32_000, 'Bad Request: No valid session ID provided')],
    ['400 and that the header is missing', 400, rpc(-32_000, 'Bad Request: Mcp-Session-Id header is required')],
  ])('%s: the request is answered in a new one', async (_, status, body) => {
    const { server, client } = await start()
    server.forget({ status, body })
    server.methods.length = 0
    expect(await client.listTools()).toHaveLength(1)
    expect(server.methods).toEqual(['tools/list', 'initialize', 'notifications/initialized', 'tools/list'])
  })
})

describe('no new session is made, and nothing repeated, for', () => {
  test.each([
    [
      'a 400 that is about something else',
      { status: 400, body: rpc(-32_600, 'Bad Request: Unsupported protocol version') },
      true,
    ],
    ['a 404 of a server without sessions', { status: 404, body: '' }, false],
    ['a 400 of a server without sessions that speaks of one', { status: 400, body: 'No valid session ID' }, false],
    ['a 500', { status: 500, body: 'no session left' }, true],
    ['a 403', { status: 403, body: 'not your session' }, true],
  ] as const)('%s', async (_, refusal, hasSessions) => {
    const { server, client } = await start({ hasSessions })
    server.refuse(refusal)
    server.methods.length = 0
    await expect(client.listTools()).rejects.toMatchObject({
      code: 'request_http',
      failure: { kind: 'http', status: refusal.status },
    })
    expect(server.methods).toEqual(['tools/list'])
  })
})

test('a server that forgets each session at once is asked once more, and no more', async () => {
  const { server, client } = await start()
  server.refuse({ status: 404, body: rpc(-32_001, 'Session not found') })
  server.methods.length = 0
  await expect(client.listTools()).rejects.toMatchObject({ code: expect.stringMatching(/^request_/) })
  expect(server.methods.filter((method) => method === 'tools/list').length).toBeLessThanOrEqual(2)
  expect(server.methods.filter((method) => method === 'initialize')).toHaveLength(1)
})

test('a wrong URL is an error of connecting, and is not tried over and over', async () => {
  const { server } = await start()
  server.refuse({ status: 404, body: 'Cannot POST /mpc' })
  server.methods.length = 0
  await expect(Client.connect(server.url, { era: 'legacy' })).rejects.toMatchObject({ code: 'connect_failed' })
  expect(server.methods).toEqual(['initialize'])
})

describe('server-everything that was restarted', () => {
  async function startEverything(): Promise<{ client: Client; restart: () => Promise<void> }> {
    const port = String(await freePort())
    const options = { command: everything.command, args: everything.args.http ?? [], env: { PORT: port } }
    const launch = (): Promise<RunningProcess> => startProcess(options, /listening/i)
    let running = await launch()
    const client = new Client(`http://127.0.0.1:${port}/mcp`)
    onTestFinished(async () => {
      await client.close()
      await running.stop()
    })
    await client.connect()
    const restart = async (): Promise<void> => {
      await running.stop()
      running = await launch()
    }
    return { client, restart }
  }

  test('answers what may be repeated in a new session, and what may not be, the next time', async () => {
    const { client, restart } = await startEverything()
    const before = client.sessionId
    await restart()
    expect((await client.listTools()).map(({ name }) => name)).toContain('echo')
    expect(client.sessionId).not.toBe(before)
    await restart()
    const [{ uri } = { uri: '' }] = await client.listResources()
    expect(uri).not.toBe('')
    await restart()
    expect(textOf(await client.callTool('echo', { message: 'hi' }))).toBe('Echo: hi')
    await client.listTools()
    await restart()
    // One that its listing calls neither read-only nor idempotent.
    const toggle = (): Promise<unknown> => client.callTool('toggle-simulated-logging')
    await expect(toggle()).rejects.toMatchObject({ code: 'request_lost', failure: { what: 'session' } })
    await expect(toggle()).resolves.toMatchObject({ isError: false })
    await toggle()
  })
})
