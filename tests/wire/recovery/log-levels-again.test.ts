import { describe, expect, test } from 'vitest'
import { expectSoon, textOf } from '../../support/answering.ts'
import { MortalServer, mortalSettings } from '../../support/mortal-server.ts'

describe.each(mortalSettings().filter(({ setting }) => setting.peer !== 'longcall'))('on the $name', ({ setting }) => {
  test('the level of log messages holds after a restart', async () => {
    const server = await MortalServer.start(setting)
    const levels: string[] = []
    const client = await server.connect({ era: setting.era, onLog: ({ level }) => void levels.push(level) })
    await client.setLoggingLevel('error')
    await server.restart()
    await client.listTools()
    // Over HTTP the stream that brings them may not be open yet.
    await expectSoon(async () => {
      expect(textOf(await client.callTool('say'))).toBe('life 2')
      return levels.length
    }).toBeGreaterThan(1)
    expect(new Set(levels)).toEqual(new Set(['error']))
  })
})
