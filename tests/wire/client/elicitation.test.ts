import { describe, expect, test } from 'vitest'
import type { ElicitationAnswer, ElicitationRequest, QuestionContext } from '@longcall/client'
import { textOf } from '../../support/answering.ts'
import { plainSettings } from '../../support/plain-settings.ts'
import { askInRounds, declaredIn, form, receivedBy, serveFull, told } from '../../support/full-peer.ts'

const name = { name: { type: 'string' } }
const value = (schema: object): object => form({ value: schema })

describe.each(plainSettings())('a form ($name)', ({ setting }) => {
  test.each<[what: string, answer: ElicitationAnswer, expected: object]>([
    ['its fields', { name: 'Ann' }, { action: 'accept', content: { name: 'Ann' } }],
    ['an acceptance', { action: 'accept', content: { name: 'Ann' } }, { action: 'accept', content: { name: 'Ann' } }],
    ['a refusal', { action: 'decline' }, { action: 'decline' }],
    ['a cancellation', { action: 'cancel' }, { action: 'cancel' }],
    ['no fields', {}, { action: 'accept', content: {} }],
    [
      'a field that is called action',
      { action: 'walk', name: 'Ann' },
      { action: 'accept', content: { action: 'walk', name: 'Ann' } },
    ],
  ])('is answered by %s', async (_what, answer, expected) => {
    const client = await (await serveFull(setting)).connect({ onElicitation: () => answer })
    const [answers] = await askInRounds(client, { who: form(name) })
    expect(answers?.['who']).toEqual(expected)
  })

  test.each<[what: string, schema: object, answer: ElicitationAnswer]>([
    ['text', { type: 'string' }, 'Ann'],
    ['empty text', { type: 'string' }, ''],
    ['number', { type: 'integer' }, 0],
    ['truth', { type: 'boolean' }, false],
    ['list', { type: 'array', items: { type: 'string', enum: ['a', 'b'] } }, ['a', 'b']],
  ])('whose only field is called value is answered by that %s alone', async (_what, schema, answer) => {
    const client = await (await serveFull(setting)).connect({ onElicitation: () => answer })
    const [answers] = await askInRounds(client, { it: value(schema) })
    expect(answers?.['it']).toEqual({ action: 'accept', content: { value: answer } })
  })

  test('is shown to its handler as the server sent it', async () => {
    const seen: [ElicitationRequest, QuestionContext][] = []
    const properties = {
      size: { type: 'string', title: 'Size', enum: ['s', 'm'], default: 'm' },
      color: { type: 'string', oneOf: [{ const: '#f00', title: 'Red' }] },
      tags: { type: 'array', items: { anyOf: [{ const: 'x', title: 'X' }] }, minItems: 1, default: ['x'] },
      age: { type: 'integer', minimum: 0, maximum: 150, default: 30 },
      mail: { type: 'string', format: 'email' },
      sure: { type: 'boolean', default: true },
    }
    const client = await (
      await serveFull(setting)
    ).connect({
      onElicitation: (request, context) => {
        seen.push([request, context])
        return { action: 'decline' }
      },
    })
    await askInRounds(client, { it: form(properties, 'Tell me about it') })
    const [[request, context] = []] = seen
    expect(request).toMatchObject({ message: 'Tell me about it', requestedSchema: { type: 'object', properties } })
    expect(context?.signal).toBeInstanceOf(AbortSignal)
    expect(context?.taskId).toBeUndefined()
  })

  test('takes one of a list, and several of a list', async () => {
    const client = await (await serveFull(setting)).connect({ onElicitation: () => ({ size: 's', tags: ['x', 'y'] }) })
    const properties = {
      size: { type: 'string', enum: ['s', 'm'] },
      tags: { type: 'array', items: { type: 'string', enum: ['x', 'y', 'z'] } },
    }
    const [answers] = await askInRounds(client, { it: form(properties) })
    expect(answers?.['it']).toEqual({ action: 'accept', content: { size: 's', tags: ['x', 'y'] } })
  })

  test('is filled in with its defaults where that was declared, and left alone where it was not', async () => {
    const server = await serveFull(setting)
    const properties = {
      size: { type: 'string', enum: ['s', 'm'], default: 'm' },
      age: { type: 'integer', default: 30 },
      sure: { type: 'boolean', default: true },
      name: { type: 'string' },
    }
    const onElicitation = (): ElicitationAnswer => ({ age: 40 })
    const eager = await server.connect({
      onElicitation,
      capabilities: { elicitation: { form: { applyDefaults: true } } },
    })
    expect((await askInRounds(eager, { it: form(properties) }))[0]?.['it']?.content).toEqual({
      size: 'm',
      age: 40,
      sure: true,
    })
    const plain = await server.connect({ onElicitation })
    expect((await askInRounds(plain, { it: form(properties) }))[0]?.['it']?.content).toEqual({ age: 40 })
  })

  test('after another is asked in its turn', async () => {
    const asked: string[] = []
    const client = await (
      await serveFull(setting)
    ).connect({
      onElicitation: async ({ message }) => {
        asked.push(`asked ${message}`)
        await Promise.resolve()
        asked.push(`answered ${message}`)
        return { name: message }
      },
    })
    const rounds = ['one', 'two', 'three'].map((which) => ({ who: form(name, which) }))
    const answers = await askInRounds(client, ...rounds)
    expect(answers.map((answer) => answer['who']?.content?.['name'])).toEqual(['one', 'two', 'three'])
    expect(asked).toEqual(['one', 'two', 'three'].flatMap((which) => [`asked ${which}`, `answered ${which}`]))
  })

  test('beside others has an answer of its own', async () => {
    const client = await (
      await serveFull(setting)
    ).connect({
      onElicitation: ({ message }) => ({ name: message }),
      onSampling: () => 'a model',
      roots: ['file:///srv'],
    })
    const model = { method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } }
    const [answers] = await askInRounds(client, {
      one: form(name, 'one'),
      two: form(name, 'two'),
      model,
      roots: { method: 'roots/list' },
    })
    expect(answers).toMatchObject({
      one: { content: { name: 'one' } },
      two: { content: { name: 'two' } },
      model: { content: { text: 'a model' } },
      roots: { roots: [{ uri: 'file:///srv' }] },
    })
  })

  test('is not shown where there is nobody: the capability is not declared, and the server says so', async () => {
    const client = await (await serveFull(setting)).connect()
    await expect(askInRounds(client, { who: form(name) })).rejects.toThrow(/capabilit/)
    const declared = (await receivedBy(client)).map(declaredIn)
    expect(declared.filter((capabilities) => capabilities?.elicitation !== undefined)).toEqual([])
  })

  test('may be a URL to visit, which is shown and never opened', async () => {
    const seen: ElicitationRequest[] = []
    const client = await (
      await serveFull(setting)
    ).connect({
      onElicitation: (request) => {
        seen.push(request)
        return { action: 'accept' }
      },
    })
    const visit = {
      method: 'elicitation/create',
      params: { mode: 'url', message: 'Sign in', url: 'https://example.test/login?a=1', elicitationId: 'e1' },
    }
    const [answers] = await askInRounds(client, { it: visit })
    expect(answers?.['it']).toEqual({ action: 'accept' })
    expect(seen).toMatchObject([{ mode: 'url', message: 'Sign in', url: 'https://example.test/login?a=1' }])
  })
})

const wrong: readonly [what: string, answer: unknown, named: RegExp][] = [
  ['a text', 'Ann', /gave string; it must give \{ action \} or the fields of the form \(name\)/],
  ['a number', 7, /gave number/],
  ['a list', ['Ann'], /gave a list/],
  ['null', null, /gave null/],
  ['nothing', undefined, /gave undefined/],
]

describe.each(plainSettings({ generation: '2025-11-25' }))('a form that is pushed ($name)', ({ setting }) => {
  test.each(wrong)(
    'and answered by %s, for which it has no field, is an error to the server',
    async (_what, answer, named) => {
      const client = await (await serveFull(setting)).connect({ onElicitation: () => answer as ElicitationAnswer })
      const [refused] = (await told(client, 'request', { requests: [form(name)] })) as { error: { message: string } }[]
      expect(refused).toMatchObject({ error: { code: -32_603, message: expect.stringMatching(named) } })
      expect(refused?.error.message.length).toBeLessThan(300)
    },
  )

  test('is answered by the same handler, in both modes', async () => {
    const client = await (await serveFull(setting)).connect({ onElicitation: ({ message }) => ({ name: message }) })
    const answers = await told(client, 'request', { requests: [form(name, 'one'), form(name, 'two')] })
    expect(answers).toMatchObject([{ content: { name: 'one' } }, { content: { name: 'two' } }])
  })

  test('and whose handler throws is an error to the server and no wait, and the next one is answered', async () => {
    const failures: unknown[] = [new Error('nobody is there'), 'a text', undefined]
    const client = await (
      await serveFull(setting)
    ).connect({
      onElicitation: async () => {
        if (failures.length > 0) throw failures.shift()
        return { name: 'Ann' }
      },
    })
    const requests = Array.from({ length: 4 }, () => form(name))
    expect(await told(client, 'request', { requests })).toMatchObject([
      { error: { code: -32_603, message: "The client's handler for elicitation/create failed: nobody is there" } },
      { error: { code: -32_603 } },
      { error: { code: -32_603 } },
      { action: 'accept', content: { name: 'Ann' } },
    ])
  })
})

describe.each(plainSettings({ generation: '2026-07-28' }))('a form that is returned ($name)', ({ setting }) => {
  test.each(wrong)('and answered by %s, for which it has no field, ends the call', async (_what, answer, named) => {
    const client = await (await serveFull(setting)).connect({ onElicitation: () => answer as ElicitationAnswer })
    await expect(askInRounds(client, { who: form(name) })).rejects.toMatchObject({
      code: 'handler_failed',
      message: expect.stringMatching(named),
    })
    expect(textOf(await client.callTool('echo', { text: 'still here' }))).toBe('still here')
  })

  test('and whose handler throws ends the call, with what it threw', async () => {
    const cause = new Error('nobody is there')
    const client = await (await serveFull(setting)).connect({ onElicitation: () => Promise.reject(cause) })
    await expect(askInRounds(client, { who: form(name) })).rejects.toMatchObject({
      code: 'handler_failed',
      message: expect.stringContaining('nobody is there'),
      cause,
    })
  })
})
