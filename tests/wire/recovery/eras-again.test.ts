import { describe, expect, test } from 'vitest'
import { memoryEraCache } from '@longcall/client'
import { expectSoon, textOf } from '../../support/answering.ts'
import { MortalServer, mortalSettings } from '../../support/mortal-server.ts'

const settings = mortalSettings().filter(({ setting }) => setting.peer !== 'longcall')

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
    if (isLegacy) expect(asked).toBe(era === 'auto' ? 1 : 0)
    // It is how each process of 2026-07-28 is greeted; over HTTP the line has outlived the server.
    else expect(asked).toBe(setting.transport === 'http' ? 1 : 3)
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

  test('is not asked by a client that shares what another found out', async () => {
    const server = await MortalServer.start({ peer: 'v1', transport: 'stdio' }, { FRAGILE: 'server/discover' })
    const eraCache = memoryEraCache()
    await server.connect({ eraCache })
    await server.connect({ eraCache })
    expect([server.lives.length, server.requests('server/discover').length]).toEqual([3, 1])
  })
})
