import { resolve } from 'node:path'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Client } from '@longcall/client'
import { serveFullHttp } from '../../peers/full-server.mjs'
import { startSseServer } from '../../peers/sse-server.mjs'
import { textOf } from '../../support/answering.ts'
import { plainSettings } from '../../support/plain-settings.ts'
import { form, receivedBy, serveFull, told } from '../../support/full-peer.ts'
import { serve, settings } from '../../support/servers.ts'

describe.each(['legacy', '2026-07-28', 'auto'] as const)('an HTTP server spoken to as %s', (era) => {
  test('without sessions, which refuses GET and DELETE, is used without them', async () => {
    const server = await serveFullHttp({ sessions: false })
    onTestFinished(() => server.close())
    const errors: Error[] = []
    const client = await Client.connect(server.url, { era, onError: (error) => void errors.push(error) })
    expect(client.sessionId).toBeUndefined()
    expect(textOf(await client.callTool('echo', { text: 'a' }))).toBe('a')
    expect(await client.readResource('note://plain')).toHaveLength(1)
    const steps: number[] = []
    await client.callTool(
      'progress',
      { steps: [{ progress: 1 }] },
      { onProgress: ({ progress }) => void steps.push(progress) },
    )
    expect(steps).toEqual([1])
    await client.close()
    expect(errors).toEqual([])
  })

  test('under a path of its own is asked there and nowhere else', async () => {
    const server = await serveFullHttp({ path: '/teams/a/mcp' })
    onTestFinished(() => server.close())
    const client = await Client.connect(server.url, { era, onElicitation: () => ({ name: 'Ann' }) })
    const answers = await told(client, 'ask', { rounds: [{ who: form({ name: { type: 'string' } }) }] })
    expect(answers).toMatchObject([{ who: { content: { name: 'Ann' } } }])
    await client.close()
    await expect(Client.connect(server.url.replace('/teams/a', ''), { era })).rejects.toMatchObject({
      code: 'connect_failed',
    })
  })
})

test('an SSE server under a path of its own is sent messages where it says, under that path', async () => {
  const server = await startSseServer('/teams/a')
  onTestFinished(() => server.close())
  expect(server.url).toMatch(/\/teams\/a\/sse$/)
  const client = await Client.connect(server.url)
  expect(textOf(await client.callTool('echo', { text: 'a' }))).toBe('a')
  await client.close()
})

test('the session of a 2025-11-25 server over HTTP can be read, and that of others is none', async () => {
  const connect = async (setting: Parameters<typeof serveFull>[0]) => (await serveFull(setting)).connect()
  const client = await connect({ transport: 'http', generation: '2025-11-25' })
  expect(client.sessionId).toMatch(/^[0-9a-f-]{36}$/)
  await client.close()
  expect(client.sessionId).toBeUndefined()
  expect((await connect({ transport: 'http', generation: '2026-07-28' })).sessionId).toBeUndefined()
  expect((await connect({ transport: 'memory', generation: '2025-11-25' })).sessionId).toBeUndefined()
})

describe.each(plainSettings())('a server ($name)', ({ setting }) => {
  test('answers many calls at once, each with its own answer', async () => {
    const client = await (await serveFull(setting)).connect()
    const texts = Array.from({ length: 50 }, (_, call) => `call ${call}`)
    const answers = await Promise.all(
      // Later calls are answered earlier.
      texts.map(async (text, call) => textOf(await client.callTool('echo', { text, ms: 50 - call }))),
    )
    expect(answers).toEqual(texts)
  })

  test('is not spoken to by a client that is closed', async () => {
    const client = await (await serveFull(setting)).connect()
    await client.close()
    const uses: readonly [string, () => unknown][] = [
      ['listResources', () => client.listResources()],
      ['listResourceTemplates', () => client.listResourceTemplates()],
      ['listPrompts', () => client.listPrompts()],
      ['readResource', () => client.readResource('note://plain')],
      ['getPrompt', () => client.getPrompt('bare')],
      ['complete', () => client.complete({ type: 'ref/prompt', name: 'visit' }, { name: 'city', value: '' })],
      ['subscribeResource', () => client.subscribeResource('note://plain')],
      ['unsubscribeResource', () => client.unsubscribeResource('note://plain')],
      ['ping', () => client.ping()],
      ['setLoggingLevel', () => client.setLoggingLevel('info')],
      ['sendProgress', () => client.sendProgress(1, 1)],
      ['sendRootsListChanged', () => client.sendRootsListChanged()],
      ['pendingRequests', () => client.pendingRequests],
      ['cancelRequest', () => client.cancelRequest('1')],
    ]
    for (const [name, use] of uses) {
      const error = await Promise.resolve()
        .then(use)
        .catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({
        code: 'not_connected',
        message: expect.stringMatching(new RegExp(`^${name} .* is closed`)),
      })
    }
  })

  test('is reached again by a client that was closed', async () => {
    const client = await (await serveFull(setting)).connect()
    await client.close()
    await client.connect()
    expect(textOf(await client.callTool('echo', { text: 'a' }))).toBe('a')
    // Nothing of what is remembered by the process of before.
    if (setting.transport === 'stdio') expect(await receivedBy(client, 'tools/call')).toHaveLength(2)
  })

  test('is shared by clients that differ in what they can do', async () => {
    const server = await serveFull(setting)
    const [able, plain] = await Promise.all([
      server.connect({ onElicitation: () => ({ name: 'Ann' }) }),
      server.connect(),
    ])
    const ask = { rounds: [{ who: form({ name: { type: 'string' } }) }] }
    expect(await told(able, 'ask', ask)).toMatchObject([{ who: { content: { name: 'Ann' } } }])
    await expect(told(plain, 'ask', ask)).rejects.toThrow(/capabilit/)
    await able.close()
    expect(textOf(await plain.callTool('echo', { text: 'a' }))).toBe('a')
  })
})

test('a transport serves one client, and a second one is told so, and harms nothing', async () => {
  const script = resolve(import.meta.dirname, '../../peers/full-stdio.mjs')
  const transport = new StdioClientTransport({ command: process.execPath, args: [script], stderr: 'ignore' })
  const first = await Client.connect(transport, { era: 'legacy' })
  onTestFinished(() => first.close())
  await expect(Client.connect(transport)).rejects.toMatchObject({
    code: 'invalid_target',
    message: expect.stringContaining('was used already'),
  })
  expect(textOf(await first.callTool('echo', { text: 'a' }))).toBe('a')
})

test.each(settings({ transport: 'memory', peer: 'dual' }))(
  'the $name is left at once after a task',
  async ({ setting }) => {
    const client = await (await serve(setting)).connect()

    const task = await client.callTool('slow', { ms: 60_000 }, { task: true })
    const result = task.result().catch((thrown: unknown) => thrown)
    const startedAt = performance.now()
    await client.close()
    expect(performance.now() - startedAt).toBeLessThan(2000)
    expect(await result).toMatchObject({ reference: expect.objectContaining({ taskId: task.id }) })
  },
)
