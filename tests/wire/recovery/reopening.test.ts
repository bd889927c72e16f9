import { describe, expect, test } from 'vitest'
import type { ClientOptions } from '@longcall/client'
import { expectSoon, textOf } from '../../support/answering.ts'
import { MortalServer, mortalSettings } from '../../support/mortal-server.ts'

const onElicitation: NonNullable<ClientOptions['onElicitation']> = () => ({
  action: 'accept',
  content: { name: 'Ann' },
})

const settings = mortalSettings().filter(({ setting }) => setting.peer !== 'longcall')

describe.each(settings)('on the $name that was restarted', ({ setting }) => {
  const { era } = setting

  test('questions are still answered', async () => {
    const server = await MortalServer.start(setting)
    const client = await server.connect({ era, onElicitation })
    expect(textOf(await client.callTool('greet'))).toBe('life 1, Ann')
    await server.restart()
    await client.ping()
    expect(textOf(await client.callTool('greet'))).toBe('life 2, Ann')
  })

  test('a handler that was set before is in force after', async () => {
    const server = await MortalServer.start(setting)
    const client = await server.connect({ era })
    const set = (): void => client.setHandlers({ onElicitation })
    if (era === 'legacy') expect(set).toThrow(expect.objectContaining({ code: 'renegotiation_needed' }))
    else set()
    await server.restart()
    await client.ping()
    expect(textOf(await client.callTool('greet'))).toBe('life 2, Ann')
  })
})

describe.each(settings)('which era the $name speaks', ({ setting }) => {
  test('is found out once, by one process, and not again when the line is lost', async () => {
    const server = await MortalServer.start(setting)
    const isLegacy = setting.era === 'legacy'
    // A server of both is spoken to as what it was found to be.
    const era = isLegacy && setting.peer === 'v2' ? 'legacy' : 'auto'
    const client = await server.connect({ era })
    expect(server.lives).toHaveLength(1)
    expect(client.protocolVersion).toBe(isLegacy ? '2025-11-25' : '2026-07-28')
    for (let life = 2; life < 4; life += 1) {
      await server.restart()
      const resource = (): Promise<unknown> => client.readResource('note://one').catch((error: unknown) => error)
      await expectSoon(resource).toMatchObject([{ text: `life ${life}` }])
    }
    expect(server.lives).toHaveLength(3)
    expect(server.requests('initialize')).toHaveLength(isLegacy ? 3 : 0)
    const asked = server.requests('server/discover').length
    // Over a pipe each process of 2026-07-28 is greeted with it.
    if (isLegacy) expect(asked).toBe(era === 'auto' ? 1 : 0)
    else expect(asked).toBeLessThanOrEqual(3)
  })
})

describe('a server over stdio that dies of the question which era it speaks', () => {
  test('is started twice on first contact, and once each time after', async () => {
    const server = await MortalServer.start({ peer: 'v1', transport: 'stdio' }, { FRAGILE: 'server/discover' })
    const client = await server.connect()
    expect([server.lives.length, client.protocolVersion]).toEqual([2, '2025-11-25'])
    await server.kill()
    await expectSoon(() => client.isConnected).toBe(false)
    expect(textOf(await client.callTool('look'))).toBe('life 3')
    await client.close()
    await client.connect()
    expect(textOf(await client.callTool('look'))).toBe('life 4')
    expect([server.lives.length, server.requests('server/discover').length]).toEqual([4, 1])
  })
})
