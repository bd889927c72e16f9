import { describe, expect, test } from 'vitest'
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

describe.each(settings)('a client of the $name', ({ setting }) => {
  test('that is closed by force while others hold it ends their calls', async () => {
    const server = await MortalServer.start(setting)
    const client = await server.connect({ era: setting.era })
    await Promise.all([client.connect(), client.connect()])
    const calls = ['look', 'add', 'put'].map((tool) =>
      client.callTool(tool, { hold: true }).catch((error: unknown) => error),
    )
    await expectSoon(() => server.runs('look') + server.runs('add') + server.runs('put')).toBe(3)
    expect(await timed(() => client.close({ force: true }))).toBeLessThan(2500)
    for (const outcome of await Promise.all(calls)) expect(outcome).toMatchObject({ code: 'request_closed' })
    if (setting.transport === 'stdio') expect(server.living).toEqual([])
    expect(client.isConnected).toBe(false)
  })
})

describe('closing is bounded by', () => {
  test.each(stdio)('two seconds and a half for the $name that will not end', async ({ setting }) => {
    const server = await MortalServer.start(setting, { STUBBORN: 'yes' })
    const client = await server.connect({ era: setting.era })
    expect(await timed(() => client.close())).toBeLessThan(2500)
    expect(server.living).toEqual([])
  })

  test.each(settings.filter(({ setting }) => setting.transport === 'http' && setting.era === 'legacy'))(
    'as much for the $name that does not answer a DELETE',
    async ({ setting }) => {
      const server = await MortalServer.start(setting, { MUTE: 'DELETE' })
      const client = await server.connect({ era: setting.era })
      expect(await timed(() => client.close())).toBeLessThan(2500)
      expect(server.requests('DELETE')).toHaveLength(1)
    },
  )
})
