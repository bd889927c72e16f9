import { describe, expect, onTestFinished, test } from 'vitest'
import { Client } from '@longcall/client'
import { textOf } from '../../support/answering.ts'
import { startFaultProxy, type HttpFault } from '../../support/fault-proxy.mjs'
import { MortalServer, mortalSettings, type MortalSetting } from '../../support/mortal-server.ts'

const faults: readonly HttpFault[] = ['end-stream', 'truncate', 'drop-connection']

interface Operation {
  readonly method: string
  readonly ask: (client: Client) => Promise<unknown>
}

const operations: readonly Operation[] = [
  { method: 'tools/list', ask: (client) => client.listTools() },
  { method: 'resources/list', ask: (client) => client.listResources() },
  { method: 'resources/templates/list', ask: (client) => client.listResourceTemplates() },
  { method: 'prompts/list', ask: (client) => client.listPrompts() },
  { method: 'resources/read', ask: (client) => client.readResource('note://one') },
  { method: 'prompts/get', ask: (client) => client.getPrompt('hello') },
  {
    method: 'completion/complete',
    ask: (client) => client.complete({ type: 'ref/prompt', name: 'hello' }, { name: 'who', value: '' }),
  },
  { method: 'tools/call', ask: (client) => client.callTool('add') },
  { method: 'tools/call', ask: (client) => client.callTool('look') },
]

const ofEra = {
  legacy: [
    { method: 'ping', ask: (client) => client.ping() },
    { method: 'logging/setLevel', ask: (client) => client.setLoggingLevel('error') },
    { method: 'resources/subscribe', ask: (client) => client.subscribeResource('note://one') },
  ],
  '2026-07-28': [{ method: 'server/discover', ask: (client) => client.ping() }],
} satisfies Record<MortalSetting['era'], Operation[]>

interface Faulty {
  readonly proxy: Awaited<ReturnType<typeof startFaultProxy>>
  readonly client: Client
  readonly server: MortalServer
}

async function start(setting: MortalSetting): Promise<Faulty> {
  const server = await MortalServer.start(setting)
  const proxy = await startFaultProxy(server.url)
  const client = new Client(proxy.url, { era: setting.era })
  onTestFinished(async () => {
    await client.close()
    await proxy.close()
  })
  await client.connect()
  return { server, proxy, client }
}

describe.each(mortalSettings({ transport: 'http' }))('on the $name', ({ setting }) => {
  test('an answer that is lost on its way is noticed at once, and not asked for again', async () => {
    const { proxy, client } = await start(setting)
    // Whether a tool may be called again is known, and is no reason to.
    await client.listTools()
    for (const fault of faults) {
      for (const { method, ask } of [...operations, ...ofEra[setting.era]]) {
        proxy.setRules([{ match: { method, direction: 'response', nth: 'every' }, fault }])
        const sent = proxy.log.length
        const begun = performance.now()
        const error = await ask(client).catch((thrown: unknown) => thrown)
        expect({ fault, method, error }).toMatchObject({
          error: { name: 'RequestError', code: expect.stringMatching(/^request_(stream_ended|network|malformed)$/) },
        })
        expect(performance.now() - begun).toBeLessThan(1500)
        const requests = proxy.log.slice(sent).filter(({ direction }) => direction === 'request')
        expect(requests.map((request) => request.method)).toEqual([method])
      }
    }
    proxy.setRules([])
    expect(textOf(await client.callTool('add'))).toBe('life 1')
  })
})

describe.each(mortalSettings({ transport: 'http', era: '2026-07-28' }))('on the $name', ({ setting }) => {
  test.each(faults)('a subscription whose stream is lost to %s is opened again', async (fault) => {
    const { proxy, client } = await start(setting)
    proxy.setRules([
      { match: { method: 'notifications/subscriptions/acknowledged', direction: 'response', nth: 1 }, fault },
    ])
    await client.subscribeResource('note://one')
    const opened = proxy.log.filter(
      ({ direction, method }) => direction === 'request' && method === 'subscriptions/listen',
    )
    expect(opened).toHaveLength(2)
  })
})
