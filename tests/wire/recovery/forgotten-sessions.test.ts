import { describe, expect, test } from 'vitest'
import type { Client } from '@longcall/client'
import { textOf } from '../../support/answering.ts'
import { MortalServer, mortalSettings } from '../../support/mortal-server.ts'

/** What may be asked twice, and what the second life of the server says to it. */
const safe: Readonly<Record<string, readonly [ask: (client: Client) => Promise<unknown>, answer: unknown]>> = {
  listTools: [
    async (client) => (await client.listTools()).map(({ name }) => name),
    expect.arrayContaining(['look', 'add']),
  ],
  listResources: [async (client) => (await client.listResources()).length, 1],
  listResourceTemplates: [async (client) => (await client.listResourceTemplates()).length, 1],
  listPrompts: [async (client) => (await client.listPrompts()).length, 1],
  readResource: [async (client) => (await client.readResource('note://one'))[0], { text: 'life 2' }],
  getPrompt: [async (client) => (await client.getPrompt('hello')).messages[0]?.content, { text: 'life 2' }],
  complete: [
    (client) => client.complete({ type: 'ref/prompt', name: 'hello' }, { name: 'who', value: '' }),
    { values: ['life 2'] },
  ],
  ping: [async (client) => client.ping(), undefined],
  setLoggingLevel: [async (client) => client.setLoggingLevel('error'), undefined],
  'a tool that reads only': [async (client) => textOf(await client.callTool('look')), 'life 2'],
  'a tool that is idempotent': [async (client) => textOf(await client.callTool('put')), 'life 2'],
  'a tool, raw': [async (client) => (await client.raw.callTool('look')).content[0], { text: 'life 2' }],
}

describe.concurrent.each(mortalSettings({ transport: 'http', era: 'legacy' }))('a restarted $name', ({ setting }) => {
  const { era } = setting

  test('answers what fails for its forgotten session and may be repeated, each in a new session', async ({
    onTestFinished,
  }) => {
    const server = await MortalServer.start(setting, {}, onTestFinished)
    const asked = await Promise.all(
      Object.entries(safe).map(async ([name, [ask]]) => {
        const client = await server.connect({ era })
        return { name, ask: () => ask(client), client, session: client.sessionId }
      }),
    )
    await server.restart()
    const before = server.requests('initialize').length
    const answers = await Promise.all(asked.map(async ({ name, ask }) => [name, await ask()] as const))
    const expected = Object.entries(safe).map(([name, [, answer]]) => [name, answer])
    expect(Object.fromEntries(answers)).toMatchObject(Object.fromEntries(expected))
    expect(server.requests('initialize')).toHaveLength(before + asked.length)
    for (const { client, session } of asked) expect(client.sessionId).not.toBe(session)
  })

  test('runs no tool twice that may do harm: the call fails, says so, and the next one works', async ({
    onTestFinished,
  }) => {
    const server = await MortalServer.start(setting, {}, onTestFinished)
    const client = await server.connect({ era })
    await client.callTool('add')
    await server.restart()
    await expect(client.callTool('add')).rejects.toMatchObject({
      code: 'request_lost',
      failure: { kind: 'lost', what: 'session' },
      message: expect.stringMatching(/tools\/call of "add": the server does not know the session any more/),
    })
    expect(server.runs('add')).toBe(1)
    expect(textOf(await client.callTool('add'))).toBe('life 2')
    expect(server.runs('add')).toBe(2)
  })

  test('gets one new session for twenty calls at once', async ({ onTestFinished }) => {
    const server = await MortalServer.start(setting, {}, onTestFinished)
    const client = await server.connect({ era })
    await client.listTools()
    await server.restart()
    const calls = Array.from({ length: 20 }, () => client.callTool('look'))
    expect(new Set((await Promise.all(calls)).map(textOf))).toEqual(new Set(['life 2']))
    expect(server.requests('initialize')).toHaveLength(2)
    expect(server.runs('look')).toBe(20)
  })
})
