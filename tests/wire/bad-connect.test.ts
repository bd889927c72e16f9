import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Client, ConnectError, InvalidTargetError, type Era } from '@longcall/client'
import { badServer, badSettings, clearError } from '../support/bad.ts'
import { freePort } from '../support/spawn-peer.ts'
import { PidFile, serverByHand } from '../support/stdio-peers.ts'

const stdio = badSettings.filter(({ setting }) => setting.transport === 'stdio')

/** What it cannot be connected with, as a clear error. */
async function expectRefused(...connect: Parameters<typeof Client.connect>): Promise<ConnectError> {
  const error = await clearError(Client.connect(...connect))
  expect(error).toBeInstanceOf(ConnectError)
  return error as ConnectError
}

describe.each(stdio)('a server of $name that exits at start', ({ setting }) => {
  test.each<Era>(['auto', 'legacy', '2026-07-28'])('is named with the last words of its stderr: %s', async (era) => {
    const context = { onTestFinished }
    const error = await expectRefused(await badServer(context, setting, 'exit-at-start'), { era })
    expect(error.message).toMatch(/^Could not connect to \S*node \S*bad-stdio\.mjs: /)
    expect(error.message).toMatch(/Its stderr ended with: fatal: configuration not found$/)
    expect(error.cause).toBeInstanceOf(Error)
  })
})

describe.concurrent.each(badSettings)('on a server of $name', ({ setting }) => {
  const modern = setting.generation === '2026-07-28'
  const first = modern ? 'server/discover' : 'initialize'
  const era = modern ? '2026-07-28' : 'legacy'

  test('connecting to one that never answers ends when its time is up', async (context) => {
    const target = await badServer(context, setting, modern ? 'silent-discover' : 'silent-initialize')
    const error = await expectRefused(target, { era, connectTimeoutMs: 700 })
    expect(error.message).toMatch(/did not answer within 700 ms|timed out|did not offer/)
  })

  test.for(['result-null', 'result-string', 'result-missing', 'wrong-id', 'foreign-id', 'id-null', 'not-json'])(
    'a first answer that cannot be read is no connection: %s',
    async (mode, context) => {
      await expectRefused(await badServer(context, setting, mode, first), { era, connectTimeoutMs: 1000 })
    },
  )

  test('a server that lacks the era that is insisted on is not connected to', async (context) => {
    const target = await badServer(context, setting, 'none')
    const error = await expectRefused(target, { era: modern ? 'legacy' : '2026-07-28' })
    expect(error.message).toMatch(modern ? /Method not found: initialize/ : /2026-07-28/)
  })

  test('a client whose connecting failed can try again, and fails again, before it may succeed', async (context) => {
    const client = new Client(await badServer(context, setting, 'result-null', first), { era, connectTimeoutMs: 500 })
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect(await clearError(client.connect())).toBeInstanceOf(ConnectError)
      expect(client.isConnected).toBe(false)
      await expect(client.callTool('job')).rejects.toMatchObject({ code: 'not_connected' })
    }
    await client.close()
  })
})

test('a command that does not exist is named', async () => {
  for (const era of ['auto', 'legacy', '2026-07-28'] as const) {
    const error = await expectRefused({ command: 'longcall-no-such-command', args: ['--now'] }, { era })
    expect(error.message).toMatch(/^Could not connect to longcall-no-such-command: .*ENOENT/)
  }
})

test('a program that is no MCP server, and ends, is a clear error', async () => {
  const error = await expectRefused({
    command: process.execPath,
    args: ['-e', 'console.log("hi"); console.error("bye")'],
    stderr: 'ignore',
  })
  expect(error.message).toContain('Its stderr ended with: bye')
})

test('of a long stderr the end is kept', async () => {
  const script = 'for (let i = 0; i < 5000; i++) console.error("line " + i)'
  const error = await expectRefused({ command: process.execPath, args: ['-e', script], stderr: 'ignore' })
  expect(error.message).toMatch(/line 4998\nline 4999$/)
  expect(error.message).not.toContain('line 4000\n')
})

test('a port where nobody listens is a clear error', async () => {
  const error = await expectRefused(`http://127.0.0.1:${await freePort()}/mcp`)
  expect(error.message).toMatch(/^Could not connect to http:\/\/127\.0\.0\.1:\d+\/mcp: .*ECONNREFUSED/)
})

test.each([200, 401, 404, 405, 500, 503])(
  'a web page with status %i is no server, and is not quoted whole',
  async (status) => {
    const page = `<html>${'x'.repeat(100_000)}</html>`
    const server = createServer((_request, response) => {
      response.writeHead(status, { 'content-type': 'text/html' }).end(page)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    await expectRefused(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`)
  },
)

test('a server factory that throws, or makes nothing, is an error of connecting', async () => {
  const boom = new Error('no database')
  const error = await expectRefused(() => Promise.reject(boom))
  expect(error.message).toContain('no database')
  expect(error.cause).toBe(boom)
  for (const nothing of [undefined, null, {}, 7]) {
    expect(await clearError(Client.connect(() => nothing as never))).toMatchObject({
      code: expect.stringMatching(/^(connect_failed|invalid_target)$/),
    })
  }
})

test('a key in the query of a URL does not show in messages', async () => {
  const error = await expectRefused(`http://127.0.0.1:${await freePort()}/mcp?key=s3cret`)
  expect(error.message).not.toContain('s3cret')
})

test('a used transport is not used again', async () => {
  const { InMemoryTransport } = await import('@modelcontextprotocol/client')
  const [ours] = InMemoryTransport.createLinkedPair()
  const client = new Client(ours, { connectTimeoutMs: 100 })
  await clearError(client.connect())
  expect(await clearError(client.connect())).toBeInstanceOf(InvalidTargetError)
})

describe('a cache of eras that is broken', () => {
  test.for([
    ['rejects', () => Promise.reject(new Error('disk'))],
    [
      'throws',
      () => {
        throw new Error('disk')
      },
    ],
    ['never settles', () => new Promise<never>(() => {})],
  ] as const)('costs no connection, and leaves no process: it %s', async ([, act], context) => {
    const pids = new PidFile(context)
    const startedAt = performance.now()
    const client = await Client.connect(
      { ...serverByHand(), env: { PIDS: pids.path }, stderr: 'ignore' },
      { eraCache: { get: act, set: act } },
    )
    expect(performance.now() - startedAt).toBeLessThan(4500)
    expect(client.isConnected).toBe(true)
    await client.close()
    expect(pids.pids.length).toBeGreaterThan(0)
    await expect.poll(() => pids.living()).toEqual([])
  })
})
