import { describe, expect, test } from 'vitest'
import { RpcError, type Client } from '@longcall/client'
import { plainSettings } from '../../support/plain-settings.ts'
import { receivedBy, serveFull } from '../../support/full-peer.ts'

/** What the prompt `repeat` was given. */
async function repeated(client: Client, args: Readonly<Record<string, unknown>>): Promise<unknown> {
  const { messages } = await client.getPrompt('repeat', args)
  const [message] = messages
  return JSON.parse(message?.content.type === 'text' ? message.content.text : '')
}

describe.each(plainSettings())('prompts ($name)', ({ setting }) => {
  test('are listed with their arguments', async () => {
    const client = await (await serveFull(setting)).connect()
    const prompts = await client.listPrompts()
    expect(prompts.map(({ name }) => name)).toEqual(['repeat', 'bare', 'count', 'visit'])
    expect(prompts[0]).toMatchObject({ title: 'Repeat', description: 'What it was given' })
    expect(prompts[2]?.arguments).toMatchObject([{ name: 'to', required: true }])
  })

  test('are given texts as they are and all else as compact JSON', async () => {
    const client = await (await serveFull(setting)).connect()
    expect(await repeated(client, { a: 'as "it" is', b: [1, 2, { c: null }], c: true, d: 0.5, e: null })).toEqual({
      a: 'as "it" is',
      b: '[1,2,{"c":null}]',
      c: 'true',
      d: '0.5',
      e: 'null',
    })
    expect(await repeated(client, { a: '', b: undefined, c: {}, d: new Date(0) })).toEqual({
      a: '',
      c: '{}',
      d: '"1970-01-01T00:00:00.000Z"',
    })
  })

  test('that take nothing are asked for with nothing', async () => {
    const client = await (await serveFull(setting)).connect()
    for (const args of [undefined, {}]) {
      expect(await client.getPrompt('bare', args)).toMatchObject({
        messages: [{ role: 'user', content: { type: 'text', text: 'bare' } }],
      })
    }
    const asked = await receivedBy(client, 'prompts/get')
    expect(asked.map(({ params }) => 'arguments' in (params ?? {}))).toEqual([false, false])
  })

  test('whose arguments JSON cannot hold are not asked for, and the argument is named', async () => {
    const client = await (await serveFull(setting)).connect()
    const round: { self?: unknown } = {}
    round.self = round
    for (const value of [1n, NaN, () => 1, Symbol('s'), round, { deep: [Infinity] }]) {
      await expect(client.getPrompt('repeat', { a: value })).rejects.toMatchObject({
        code: 'invalid_option',
        message: expect.stringContaining('arguments["a"]'),
      })
    }
    expect(await receivedBy(client, 'prompts/get')).toEqual([])
  })

  test('whose arguments the server refuses are errors of the protocol, with its message, code and data', async () => {
    const client = await (await serveFull(setting)).connect()
    await client.getPrompt('count', { to: 3 })
    const error = await client.getPrompt('count', { to: [3] }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(RpcError)
    expect(error).toMatchObject({
      rpcCode: -32_602,
      rpcMessage: 'to is [3]; it must be a whole number',
      data: { argument: 'to' },
      message: expect.stringMatching(/^prompts\/get of "count": /),
    })
    await expect(client.getPrompt('count')).rejects.toMatchObject({ code: 'rpc_error', rpcCode: -32_602 })
    await expect(client.getPrompt('nothing')).rejects.toMatchObject({
      code: 'rpc_error',
      rpcMessage: expect.stringContaining('nothing'),
    })
  })
})
