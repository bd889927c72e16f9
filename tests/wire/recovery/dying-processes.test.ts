import { describe, expect, test } from 'vitest'
import { expectSoon, textOf } from '../../support/answering.ts'
import { MortalServer, mortalSettings } from '../../support/mortal-server.ts'

const settings = mortalSettings({ transport: 'stdio' }).filter(({ setting }) => setting.peer !== 'longcall')

/** Has this process do nothing at all meanwhile: it learns of nothing. */
function sleepSoundly(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

describe.each(settings)('on the $name that is killed', ({ setting }) => {
  const { era } = setting

  test('between calls, the next one is answered by another process, whatever it does', async () => {
    const server = await MortalServer.start(setting)
    const client = await server.connect({ era })
    expect(textOf(await client.callTool('add'))).toBe('life 1')
    await server.kill()
    await expectSoon(() => client.isConnected).toBe(false)
    expect(client.protocolVersion).toBeUndefined()
    expect(textOf(await client.callTool('add'))).toBe('life 2')
    expect([server.runs('add'), server.lives.length, server.living.length]).toEqual([2, 2, 1])
  })

  test('unnoticed, the next call that may be repeated is answered all the same', async () => {
    const server = await MortalServer.start(setting)
    const client = await server.connect({ era })
    await client.listTools()
    process.kill(server.lives[0]!.pid, 'SIGKILL')
    sleepSoundly(100)
    const [look, add] = await Promise.allSettled([client.callTool('look'), client.callTool('add')])
    expect(look).toMatchObject({ value: { content: [{ text: 'life 2' }] } })
    expect(add).toMatchObject({ reason: { code: 'request_lost', failure: { what: 'connection' } } })
    expect([server.runs('add'), server.lives.length]).toEqual([0, 2])
  })

  test('during calls, what may be repeated is, and all else fails at once', async () => {
    const server = await MortalServer.start(setting)
    const client = await server.connect({ era })
    const calls = ['add', 'look', 'add', 'put', 'add'].map((tool) =>
      client.callTool(tool, { hold: true }).then(textOf, (error: unknown) => ({ error, at: performance.now() })),
    )
    await expectSoon(() => server.runs('add') + server.runs('look') + server.runs('put')).toBe(5)
    await server.kill()
    const killedAt = performance.now()
    const outcomes = await Promise.all(calls)
    for (const index of [0, 2, 4]) {
      const { error, at } = outcomes[index] as { error: unknown; at: number }
      expect(error).toMatchObject({
        code: 'request_lost',
        failure: { kind: 'lost', what: 'connection' },
        message: expect.stringContaining('whether the server acted on it is not known'),
      })
      expect(at - killedAt).toBeLessThan(1000)
    }
    expect([outcomes[1], outcomes[3]]).toEqual(['life 2', 'life 2'])
    expect([server.runs('add'), server.lives.length]).toEqual([3, 2])
  })

  test('in the middle of an answer, likewise', async () => {
    const server = await MortalServer.start(setting)
    const client = await server.connect({ era })
    expect(textOf(await client.callTool('look', { cut: true }))).toBe('life 2')
    expect([server.runs('look'), server.lives.length]).toEqual([2, 2])
  })

  test('has no id of a request a second time, and an old one cancels nothing', async () => {
    const server = await MortalServer.start(setting, { MUTE: 'tools/call' })
    const client = await server.connect({ era })
    const lost = client.callTool('add').catch((error: unknown) => error)
    await expectSoon(() => server.requests('tools/call').length).toBe(1)
    const old = client.pendingRequests.map(({ id }) => id)
    expect(old).toEqual(server.ids('tools/call'))
    await server.kill()
    expect(await lost).toMatchObject({ code: 'request_lost' })
    const calls = Array.from({ length: 3 }, () => client.callTool('add'))
    const pending = new Set<string>()
    await expectSoon(() => {
      for (const { id } of client.pendingRequests) pending.add(id)
      for (const id of old) expect(client.cancelRequest(id)).toBe(false)
      return server.ids('tools/call').length
    }).toBe(4)
    expect((await Promise.all(calls)).map(textOf)).toEqual(['life 2', 'life 2', 'life 2'])
    expect(new Set(server.ids('tools/call')).size).toBe(4)
    for (const id of old) expect([...pending]).not.toContain(id)
  })
})
