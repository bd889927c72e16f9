import { describe, expect, test } from 'vitest'
import { InvalidOptionError, RequestError, type Client, type ClientOptions, type Generation } from '@longcall/client'
import { ManualClock } from '@longcall/core/testing'
import { failure } from '../../support/failure.ts'
import { gate, textOf } from '../../support/answering.ts'
import { ScriptedServer, silence, wireText, type Wire } from '../../support/scripted-server.ts'
import { plainSettings } from '../../support/plain-settings.ts'
import { serveTools } from '../../support/tool-server.ts'

const timedOut = (timeoutMs: number): object => ({ code: 'request_timeout', failure: { kind: 'timeout', timeoutMs } })

describe.each(plainSettings())('on a server of $name', ({ setting }) => {
  test('the time of the client ends a call, with an error that says how long that was', async () => {
    const client = await (await serveTools(setting)).connect({ timeoutMs: 100 })
    const error = await failure(client.callTool('slow', { ms: 20_000 }))
    expect(error).toBeInstanceOf(RequestError)
    expect(error).toMatchObject(timedOut(100))
    expect((error as Error).message).toContain('tools/call of "slow": no answer within 100 ms')
    expect((await client.listTools({ timeoutMs: 20_000 })).length).toBeGreaterThan(0)
  })

  test('a call may have less time than the client gives, and more', async () => {
    const patient = await (await serveTools(setting)).connect({ timeoutMs: 60_000 })
    expect(await failure(patient.callTool('slow', { ms: 20_000 }, { timeoutMs: 50 }))).toMatchObject(timedOut(50))
    const hasty = patient.new()
    await hasty.connect()
    await hasty.close()
    const other = await (await serveTools(setting)).connect({ timeoutMs: 50 })
    expect(textOf(await other.callTool('slow', { ms: 150 }, { timeoutMs: 20_000 }))).toBe('slept')
    expect(textOf(await other.callTool('slow', { ms: 150 }, { timeoutMs: Infinity }))).toBe('slept')
  })

  test('the raw call keeps to the same limits', async () => {
    const client = await (await serveTools(setting)).connect()
    expect(await failure(client.raw.callTool('slow', { ms: 20_000 }, { timeoutMs: 50 }))).toMatchObject(timedOut(50))
  })
})

describe.each<Generation>(['2025-11-25', '2026-07-28'])('on a %s server', (generation) => {
  /** A server that says nothing to a call, and progress to who asks for it. */
  async function mute(options: ClientOptions = {}): Promise<{
    client: Client
    clock: ManualClock
    server: ScriptedServer
    report: (progress: number) => Promise<void>
  }> {
    const clock = new ManualClock()
    const called = gate()
    const server = new ScriptedServer(generation, {
      'tools/call': () => {
        called.open()
        return silence
      },
      'resources/read': () => silence,
      'prompts/get': () => silence,
      'completion/complete': () => silence,
      ping: () => silence,
    })
    const client = await server.connect({ clock, ...options })
    const report = async (progress: number): Promise<void> => {
      await called.opened
      const { progressToken } = server.requests('tools/call').at(-1)!.params['_meta'] as Wire
      server.notify('notifications/progress', { progressToken, progress })
      // What comes by the same way arrives after it.
      await clock.advance(0)
      await new Promise((resolve) => setImmediate(resolve))
    }
    return { client, clock, server, report }
  }

  test('progress is a sign of life, also where nobody listens to it', async () => {
    const { client, clock, report } = await mute()
    let ended: unknown
    const call = client.callTool('job', {}, { idleTimeoutMs: 1000 }).catch((error: unknown) => (ended = error))
    for (let step = 1; step <= 5; step += 1) {
      await clock.untilSleeping()
      await clock.advance(900)
      await report(step)
    }
    expect(ended).toBeUndefined()
    await clock.advance(1000)
    await call
    expect(ended).toMatchObject(timedOut(1000))
  })

  test('progress does not stretch the time that a call has in all', async () => {
    const { client, clock, report } = await mute()
    const call = failure(client.callTool('job', {}, { timeoutMs: 2000, idleTimeoutMs: 1500 }))
    await clock.untilSleeping()
    await clock.advance(1400)
    await report(1)
    await clock.advance(600)
    expect(await call).toMatchObject(timedOut(2000))
  })

  test('a call has five minutes of silence by default, and any other request a minute', async () => {
    const { client, clock } = await mute()
    const call = failure(client.callTool('job'))
    const read = failure(client.readResource('memo:one'))
    await clock.untilSleeping(2)
    await clock.advance(60_000)
    expect(await read).toMatchObject(timedOut(60_000))
    await clock.advance(240_000)
    expect(await call).toMatchObject(timedOut(300_000))
  })

  test('the client’s limits are the default of each request, and Infinity is none', async () => {
    const { client, clock } = await mute({ requestTimeoutMs: 3000, idleTimeoutMs: 5000, timeoutMs: 4000 })
    const prompt = failure(client.getPrompt('p'))
    const total = failure(client.callTool('job'))
    const idle = failure(client.callTool('job', {}, { timeoutMs: Infinity }))
    let isOver = false
    const never = client
      .callTool('job', {}, { timeoutMs: Infinity, idleTimeoutMs: Infinity })
      .catch(() => (isOver = true))
    await clock.untilSleeping(4)
    await clock.advance(3000)
    expect(await prompt).toMatchObject(timedOut(3000))
    await clock.advance(1000)
    expect(await total).toMatchObject(timedOut(4000))
    await clock.advance(1000)
    expect(await idle).toMatchObject(timedOut(5000))
    await clock.advance(10 * 86_400_000)
    expect(isOver).toBe(false)
    await client.close()
    await never
  })

  test('each kind of request has limits of its own', async () => {
    const { client, clock } = await mute()
    const limits = { timeoutMs: 500 }
    const ask = [
      client.readResource('memo:one', limits),
      client.getPrompt('p', {}, limits),
      client.complete({ type: 'ref/prompt', name: 'p' }, { name: 'a', value: '' }, limits),
      ...(generation === '2025-11-25' ? [client.ping(limits)] : []),
    ].map(failure)
    await clock.untilSleeping(ask.length)
    await clock.advance(500)
    for (const error of await Promise.all(ask)) expect(error).toMatchObject(timedOut(500))
  })

  test('no time at all ends a call at once', async () => {
    const { client } = await mute()
    expect(await failure(client.callTool('job', {}, { timeoutMs: 0 }))).toMatchObject(timedOut(0))
  })

  test('a call that was given up is withdrawn from the server', async () => {
    const { client, clock, server } = await mute()
    const call = failure(client.callTool('job', {}, { timeoutMs: 500 }))
    await clock.untilSleeping()
    await clock.advance(500)
    await call
    await expect.poll(() => server.received.map(({ method }) => method)).toContain('notifications/cancelled')
    const { id } = server.requests('tools/call')[0]!
    const cancelled = server.received.find(({ method }) => method === 'notifications/cancelled')
    expect(cancelled).toMatchObject({ params: { requestId: id, reason: expect.stringContaining('500 ms') } })
    expect(client.pendingRequests).toEqual([])
  })

  test('an answer that comes after its time changes nothing', async () => {
    const { client, clock, server } = await mute()
    const call = failure(client.callTool('job', {}, { timeoutMs: 500 }))
    await clock.untilSleeping()
    await clock.advance(500)
    await call
    server.answer(server.requests('tools/call')[0]!.id, wireText('too late'))
    expect((await client.listTools()).map(({ name }) => name)).toEqual(['job'])
  })
})

test.each([
  ['timeoutMs', 0],
  ['timeoutMs', -1],
  ['timeoutMs', Number.NaN],
  ['timeoutMs', '5s'],
  ['idleTimeoutMs', 0],
  ['requestTimeoutMs', -5],
  ['connectTimeoutMs', -1],
])('a client whose %s is %s is not made', async (option, value) => {
  const { Client: Made } = await import('@longcall/client')
  expect(() => new Made('https://example.com/mcp', { [option]: value })).toThrow(InvalidOptionError)
})

test.each([0, Infinity])('a connectTimeoutMs of %s is no limit', async (connectTimeoutMs) => {
  const server = new ScriptedServer('2025-11-25', {})
  const client = await server.connect({ connectTimeoutMs })
  expect(client.isConnected).toBe(true)
})
