import { describe, expect, test, type TestContext } from 'vitest'
import type { Client } from '@longcall/client'
import { MortalServer, mortalSettings, type MortalSetting } from '../../support/mortal-server.ts'

/** For tests that run side by side: as much time as a slow machine may need. */
const soon = { interval: 10, timeout: 20_000 }

interface Listening {
  readonly server: MortalServer
  readonly client: Client
  /** The resources that changed, as they were told since this was emptied. */
  readonly updated: string[]
}

async function listen(context: TestContext, setting: MortalSetting, env = {}): Promise<Listening> {
  const server = await MortalServer.start(setting, env, context.onTestFinished)
  const updated: string[] = []
  const onMessage = { onResourceUpdated: (uri: string) => void updated.push(uri) }
  const client = await server.connect({ era: setting.era, onMessage })
  await client.subscribeResource('note://one')
  await context.expect.poll(() => updated.length, soon).toBeGreaterThan(0)
  return { server, client, updated }
}

describe.concurrent.each(mortalSettings())('on the $name', ({ setting }) => {
  test('who subscribed to a resource hears of it after a restart, without asking for anything', async (context) => {
    const { server, updated } = await listen(context, setting)
    await server.restart()
    // What the first life had sent may still arrive.
    await context.expect.poll(() => server.lives.length, soon).toBe(2)
    const old = updated.length
    await context.expect.poll(() => updated.length, soon).toBeGreaterThan(old + 5)
    expect(new Set(updated)).toEqual(new Set(['note://one']))
  })
})

describe.concurrent.each(mortalSettings({ peer: 'v1' }))('on the $name', ({ setting }) => {
  test('a subscription that the restarted server does not answer holds nobody up', async (context) => {
    const { server, client } = await listen(context, setting, { DEAF_TO: 'resources/subscribe' })
    await server.restart()
    expect((await client.readResource('note://one', { timeoutMs: 10_000 }))[0]).toMatchObject({ text: 'life 2' })
  })

  test('what is not subscribed to any more is not asked for again', async (context) => {
    const { server, client } = await listen(context, setting)
    await client.unsubscribeResource('note://one')
    await server.restart()
    await client.ping()
    expect(server.requests('resources/subscribe')).toHaveLength(1)
  })
})
