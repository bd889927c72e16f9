import { createServer, type Server } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { expectSoon } from '../../support/answering.ts'
import { MortalServer, mortalSettings } from '../../support/mortal-server.ts'

const settings = mortalSettings().filter(({ setting }) => setting.peer !== 'longcall')
const stdio = settings.filter(({ setting }) => setting.transport === 'stdio')

/** How long closing takes, in milliseconds. */
async function timed(close: () => Promise<void>): Promise<number> {
  const begun = performance.now()
  await close()
  return performance.now() - begun
}

/** Takes connections, and says nothing. */
async function standIn(url: string): Promise<{ readonly server: Server; readonly taken: () => number }> {
  let taken = 0
  const server = createServer((socket) => {
    taken += 1
    socket.on('error', () => {})
    onEnd.push(() => socket.destroy())
  })
  const onEnd: (() => void)[] = []
  await new Promise<void>((resolve) => void server.listen(Number(new URL(url).port), '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        for (const end of onEnd) end()
        server.close(() => resolve())
      }),
  )
  return { server, taken: () => taken }
}

describe.each(stdio)('a client of the $name', ({ setting }) => {
  const { era } = setting

  test('that is closed while the server is started again leaves nothing, and calls say so', async () => {
    const server = await MortalServer.start(setting, { SLOW_MS: '20000' })
    const client = await server.connect({ era })
    await server.kill()
    await expectSoon(() => client.isConnected).toBe(false)
    const calls = [client.callTool('look'), client.callTool('add'), client.listTools(), client.ping()]
    const outcomes = calls.map((call: Promise<unknown>) => call.catch((error: unknown) => error))
    await expectSoon(() => server.lives.length).toBe(2)
    expect(await timed(() => client.close())).toBeLessThan(2500)
    for (const outcome of await Promise.all(outcomes)) expect(outcome).toMatchObject({ code: 'request_closed' })
    expect(server.living).toEqual([])
    await expect(client.ping()).rejects.toMatchObject({ code: 'not_connected' })
  })

  test('that subscribed and is closed while the server dies at each start leaves nothing', async () => {
    const server = await MortalServer.start(setting, { LAST_WORDS: 'no' })
    const client = await server.connect({ era })
    await client.subscribeResource('note://one')
    await server.kill()
    await expectSoon(() => server.lives.length).toBeGreaterThan(1)
    await client.close()
    const { length } = server.lives
    expect(server.living).toEqual([])
    await new Promise((resolve) => void setImmediate(resolve))
    expect(server.lives).toHaveLength(length)
  })
})

describe.each(settings.filter(({ setting }) => setting.transport === 'http'))(
  'a client of the $name',
  ({ setting }) => {
    test('that is closed while the server is silent leaves nothing, and calls say so', async () => {
      const server = await MortalServer.start(setting)
      const client = await server.connect({ era: setting.era })
      await server.kill()
      const { taken } = await standIn(server.url)
      const calls = [client.callTool('look'), client.callTool('add'), client.listTools(), client.ping()]
      const outcomes = calls.map((call: Promise<unknown>) => call.catch((error: unknown) => error))
      await expectSoon(taken).toBeGreaterThan(0)
      expect(await timed(() => client.close())).toBeLessThan(2500)
      for (const outcome of await Promise.all(outcomes)) expect(outcome).toMatchObject({ code: 'request_closed' })
    })
  },
)
