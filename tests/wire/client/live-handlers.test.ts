import { describe, expect, test } from 'vitest'
import { Client, RenegotiationError, type ClientOptions } from '@longcall/client'
import { expectSoon } from '../../support/answering.ts'
import { plainSettings } from '../../support/plain-settings.ts'
import { askInRounds, declaredIn, form, receivedBy, serveFull, told } from '../../support/full-peer.ts'
import { ScriptedServer } from '../../support/scripted-server.ts'

const who = { who: form({ name: { type: 'string' } }) }
const model = { model: { method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } } }
const folders = { folders: { method: 'roots/list' } }
const named =
  (name: string): NonNullable<ClientOptions['onElicitation']> =>
  () => ({ name })

/** What each call of a tool declared that the client can do. */
async function declaredBy(client: Client): Promise<unknown[]> {
  const calls = await receivedBy(client, 'tools/call')
  return calls.map((call) => {
    const { extensions: _extensions, ...rest } = declaredIn(call) ?? {}
    return rest
  })
}

describe.each(plainSettings())('handlers that are set while connected ($name)', ({ setting }) => {
  test('answer from the next question on', async () => {
    const client = await (await serveFull(setting)).connect({ onElicitation: named('Ann') })
    expect(await askInRounds(client, who)).toMatchObject([{ who: { content: { name: 'Ann' } } }])
    client.setHandlers({ onElicitation: named('Bob') })
    expect(await askInRounds(client, who)).toMatchObject([{ who: { content: { name: 'Bob' } } }])
  })

  test('answer the next question of a call that is under way', async () => {
    const client: Client = await (
      await serveFull(setting)
    ).connect({
      onElicitation: () => {
        client.setHandlers({ onElicitation: named('Bob') })
        return { name: 'Ann' }
      },
    })
    const answers = await askInRounds(client, who, who)
    expect(answers.map((answer) => answer['who']?.content?.['name'])).toEqual(['Ann', 'Bob'])
  })

  test('leave those that are not named as they were', async () => {
    const client = await (await serveFull(setting)).connect({ onElicitation: named('Ann'), onSampling: () => 'one' })
    client.setHandlers({ onSampling: () => 'two' })
    expect(await askInRounds(client, { ...who, ...model })).toMatchObject([
      { who: { content: { name: 'Ann' } }, model: { content: { text: 'two' } } },
    ])
  })

  test('change nothing when one of them can be none', async () => {
    const client = await (await serveFull(setting)).connect({ onElicitation: named('Ann') })
    for (const wrong of [
      { onElicitation: named('Bob'), onSampling: 7 },
      { onElicitation: null },
      { onElicitation: named('Bob'), roots: ['/srv'] },
      { onElicitation: named('Bob'), onMessage: 'all' },
      { onElicitation: named('Bob'), logger: { info: () => {} } },
    ]) {
      expect(() => client.setHandlers(wrong as never)).toThrow(expect.objectContaining({ code: 'invalid_option' }))
    }
    expect(await askInRounds(client, who)).toMatchObject([{ who: { content: { name: 'Ann' } } }])
  })

  test('may have been set before', async () => {
    const server = await serveFull(setting)
    const client = new Client(server.target(), { era: setting.generation === '2026-07-28' ? '2026-07-28' : 'legacy' })
    client.setHandlers({ onElicitation: named('Ann') })
    await client.connect()
    expect(await askInRounds(client, who)).toMatchObject([{ who: { content: { name: 'Ann' } } }])
    await client.close()
  })

  test('hear what the server says unasked from then on, until they are taken away', async () => {
    const heard: string[] = []
    const client = await (await serveFull(setting)).connect()
    client.setHandlers({ onMessage: { onToolsChanged: () => void heard.push('tools') } })
    // By when this is acknowledged, the other is too: they come on one stream.
    await client.subscribeResource('note://plain')
    await told(client, 'announce', { changes: ['tools'] })
    await expectSoon(() => heard).toEqual(['tools'])
    client.setHandlers({ onMessage: undefined })
    await told(client, 'announce', { changes: ['tools'] })
    await client.ping()
    expect(heard).toEqual(['tools'])
  })
})

describe.each(plainSettings({ generation: '2026-07-28' }))(
  'handlers that are set while connected ($name)',
  ({ setting }) => {
    test('are declared by the next request, and those that are taken away no more', async () => {
      const client = await (await serveFull(setting)).connect()
      await expect(askInRounds(client, who)).rejects.toThrow(/capabilit/)
      client.setHandlers({ onElicitation: named('Ann') })
      expect(await askInRounds(client, who)).toMatchObject([{ who: { content: { name: 'Ann' } } }])
      client.setHandlers({ onElicitation: undefined, onSampling: () => 'ok', roots: ['file:///srv'] })
      await expect(askInRounds(client, who)).rejects.toThrow(/capabilit/)
      expect(await askInRounds(client, { ...model, ...folders })).toMatchObject([
        { model: { content: { text: 'ok' } }, folders: { roots: [{ uri: 'file:///srv' }] } },
      ])
      const elicitation = { elicitation: { form: {}, url: {} } }
      const others = { sampling: {}, roots: { listChanged: true } }
      expect(await declaredBy(client)).toEqual([{}, elicitation, elicitation, others, others, others, others])
    })

    test('declare no tools of a model, unless those were asked for', async () => {
      const server = await serveFull(setting)
      const plain = await server.connect()
      plain.setHandlers({ onSampling: () => 'ok' })
      await plain.callTool('echo', { text: '' })
      expect(await declaredBy(plain)).toEqual([{ sampling: {} }, { sampling: {} }])
      const able = await server.connect({ samplingCapabilities: { tools: {} } })
      able.setHandlers({ onSampling: () => 'ok' })
      await able.callTool('echo', { text: '' })
      expect((await declaredBy(able)).slice(-2)).toEqual([{ sampling: { tools: {} } }, { sampling: { tools: {} } }])
    })
  },
)

describe.each(plainSettings({ generation: '2025-11-25' }))(
  'handlers that are set while connected ($name)',
  ({ setting }) => {
    test('and were never declared are an error that names them, and are declared by the next connection', async () => {
      const server = await serveFull(setting)
      const client = await server.connect({ onElicitation: named('Ann') })
      const set = (): void => client.setHandlers({ onSampling: () => 'ok', roots: ['file:///srv'] })
      expect(set).toThrow(RenegotiationError)
      expect(set).toThrow(
        expect.objectContaining({
          code: 'renegotiation_needed',
          handlers: expect.arrayContaining(['onSampling', 'roots']),
          message: expect.stringMatching(/2025-11-25.*close\(\) and connect\(\) again.*capabilities/),
        }),
      )
      await expect(askInRounds(client, model)).rejects.toThrow(/capabilit/)
      await client.close()
      await client.connect()
      expect(await askInRounds(client, { ...model, ...folders })).toMatchObject([
        { model: { content: { text: 'ok' } }, folders: { roots: [{ uri: 'file:///srv' }] } },
      ])
    })

    test('and were declared from the start answer at once', async () => {
      const client = await (
        await serveFull(setting)
      ).connect({ capabilities: { elicitation: { form: {} }, sampling: {} } })
      client.setHandlers({ onElicitation: named('Ann'), onSampling: () => 'ok' })
      expect(await askInRounds(client, { ...who, ...model })).toMatchObject([
        { who: { content: { name: 'Ann' } }, model: { content: { text: 'ok' } } },
      ])
    })

    test('and hear only, or are taken away, are no error', async () => {
      const client = await (await serveFull(setting)).connect({ onElicitation: named('Ann') })
      client.setHandlers({ onLog: () => {}, onProgress: () => {}, onMessage: () => {}, logger: console })
      client.setHandlers({ onElicitation: undefined, onSampling: undefined, roots: undefined })
      const answers = await told(client, 'request', { requests: [who.who] })
      expect(answers).toMatchObject([
        { error: { code: -32_601, message: 'This client has no handler for elicitation/create' } },
      ])
    })
  },
)

describe.each(plainSettings())('a ping ($name)', ({ setting }) => {
  test('is answered while the server is there', async () => {
    const client = await (await serveFull(setting)).connect()
    const before = await receivedBy(client)
    await client.ping()
    const method = setting.generation === '2026-07-28' ? 'server/discover' : 'ping'
    const after = await receivedBy(client)
    expect(after.slice(before.length).map((message) => message.method)).toEqual([method, 'tools/call'])
  })
})

test('a ping of the server is answered', async () => {
  const server = new ScriptedServer('2025-11-25', {})
  await server.connect()
  expect(await server.ask('ping', {})).toEqual({})
})
