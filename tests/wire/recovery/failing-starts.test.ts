import { describe, expect, test } from 'vitest'
import { expectSoon, textOf } from '../../support/answering.ts'
import { MortalServer, mortalSettings } from '../../support/mortal-server.ts'

const settings = mortalSettings({ transport: 'stdio' }).filter(({ setting }) => setting.peer !== 'longcall')

describe.each(settings)('on the $name that is killed', ({ setting }) => {
  const { era } = setting

  test('and dies at each start, calls fail with its last words, one start each', async () => {
    const server = await MortalServer.start(setting, { LAST_WORDS: 'out of paper' })
    const client = await server.connect({ era })
    await server.kill()
    await expectSoon(() => client.isConnected).toBe(false)
    for (let lives = 2; lives < 4; lives += 1) {
      await expect(client.callTool('look')).rejects.toMatchObject({
        code: 'request_network',
        message: expect.stringContaining('Its stderr ended with: out of paper'),
        cause: { code: 'connect_failed' },
      })
      expect(server.lives).toHaveLength(lives)
    }
    expect(server.living).toEqual([])
  })

  test('and takes its time to start, it is waited for once by all', async () => {
    const server = await MortalServer.start(setting, { SLOW_MS: '2000' })
    const client = await server.connect({ era })
    await server.kill()
    await expectSoon(() => client.isConnected).toBe(false)
    const calls = ['add', 'look', 'put', 'add', 'look'].map((tool) => client.callTool(tool))
    expect((await Promise.all(calls)).map(textOf)).toEqual(calls.map(() => 'life 2'))
    expect((await client.listTools()).length).toBe(5)
    expect(server.lives).toHaveLength(2)
  })
})
