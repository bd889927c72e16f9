import { describe, expect, test } from 'vitest'
import type { ClientOptions } from '@longcall/client'
import { textOf } from '../../support/answering.ts'
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
