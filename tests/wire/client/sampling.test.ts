import { describe, expect, test } from 'vitest'
import { textOf } from '../../support/answering.ts'
import { plainSettings } from '../../support/plain-settings.ts'
import { askInRounds, declaredIn, receivedBy, serveFull, told } from '../../support/full-peer.ts'
import { ScriptedServer } from '../../support/scripted-server.ts'
import type { SamplingRequest } from '@longcall/client'

const hello = { role: 'user', content: { type: 'text', text: 'hello' } }
const tool = { name: 'add', inputSchema: { type: 'object' } }
const plain = { method: 'sampling/createMessage', params: { messages: [hello], maxTokens: 10 } }
const withTools = {
  method: 'sampling/createMessage',
  params: { ...plain.params, tools: [tool], toolChoice: { mode: 'auto' } },
}

describe.each(plainSettings())('sampling ($name)', ({ setting }) => {
  test('is answered by a text, as a message of the assistant', async () => {
    const client = await (await serveFull(setting)).connect({ onSampling: () => 'the weather is fine' })
    const [answers] = await askInRounds(client, { model: plain })
    expect(answers?.['model']).toMatchObject({
      role: 'assistant',
      content: { type: 'text', text: 'the weather is fine' },
      model: 'longcall',
    })
  })

  test('is answered by a whole message, as it is', async () => {
    const message = {
      role: 'assistant' as const,
      model: 'm-1',
      stopReason: 'maxTokens',
      content: { type: 'image' as const, data: 'AAEC', mimeType: 'image/png' },
    }
    const client = await (await serveFull(setting)).connect({ onSampling: async () => Promise.resolve(message) })
    const [answers] = await askInRounds(client, { model: plain })
    expect(answers?.['model']).toMatchObject(message)
  })

  test('shows its handler the system prompt, the messages, images and all other wishes', async () => {
    const seen: SamplingRequest[] = []
    const params = {
      systemPrompt: 'Be brief.',
      messages: [
        hello,
        { role: 'assistant', content: { type: 'text', text: 'yes?' } },
        { role: 'user', content: { type: 'image', data: 'iVBORw==', mimeType: 'image/png' } },
        { role: 'user', content: { type: 'audio', data: 'UklGRg==', mimeType: 'audio/wav' } },
      ],
      maxTokens: 99,
      temperature: 0.5,
      stopSequences: ['\n'],
      modelPreferences: { hints: [{ name: 'small' }], speedPriority: 1 },
    }
    const client = await (
      await serveFull(setting)
    ).connect({
      onSampling: (request) => {
        seen.push(request)
        return 'ok'
      },
    })
    await askInRounds(client, { model: { method: 'sampling/createMessage', params } })
    expect(seen).toMatchObject([params])
  })

  test('is declared without tools, unless they are asked for', async () => {
    const server = await serveFull(setting)
    const declared = async (options: Parameters<typeof server.connect>[0]): Promise<unknown> => {
      const client = await server.connect(options)
      return (await receivedBy(client)).map(declaredIn).findLast((declaration) => declaration !== undefined)?.sampling
    }
    const onSampling = (): string => 'ok'
    expect(await declared({})).toBeUndefined()
    expect(await declared({ onSampling })).toEqual({})
    expect(await declared({ onSampling, samplingCapabilities: { tools: {} } })).toEqual({ tools: {} })
    expect(await declared({ samplingCapabilities: { tools: {} } })).toBeUndefined()
  })

  test('with tools reaches a handler that was declared to use them, and its calls of tools the server', async () => {
    const seen: SamplingRequest[] = []
    const client = await (
      await serveFull(setting)
    ).connect({
      samplingCapabilities: { tools: {} },
      onSampling: (request) => {
        seen.push(request)
        const content = [{ type: 'tool_use' as const, id: 't1', name: 'add', input: { a: 1 } }]
        return { role: 'assistant', model: 'm-1', stopReason: 'toolUse', content }
      },
    })
    const [answers] = await askInRounds(client, { model: withTools })
    expect(seen).toMatchObject([{ tools: [tool], toolChoice: { mode: 'auto' } }])
    expect(answers?.['model']).toMatchObject({ content: [{ type: 'tool_use', name: 'add' }] })
  })

  test('of a client without a handler fails at the server', async () => {
    const client = await (await serveFull(setting)).connect()
    await expect(askInRounds(client, { model: plain })).rejects.toThrow(/capabilit/)
  })
})

describe.each(plainSettings({ generation: '2025-11-25' }))('sampling ($name)', ({ setting }) => {
  test('with tools that were not declared is refused, and no model sees it', async () => {
    let seen = 0
    const client = await (await serveFull(setting)).connect({ onSampling: () => `answer ${(seen += 1)}` })
    const { tools: _tools, ...choice } = withTools.params
    const requests = [withTools, { ...withTools, params: choice }, plain]
    const refused = { error: { code: -32_602, message: expect.stringContaining('did not declare sampling.tools') } }
    expect(await told(client, 'request', { requests })).toMatchObject([
      refused,
      refused,
      { content: { text: 'answer 1' } },
    ])
  })

  test('whose handler throws, or gives no message, is an error to the server and no wait', async () => {
    const given: unknown[] = [7, { role: 'assistant' }]
    const client = await (
      await serveFull(setting)
    ).connect({
      onSampling: async () => {
        await Promise.resolve()
        if (given.length === 0) throw new Error('the model is down\n    at secret.js:1')
        return given.shift() as string
      },
    })
    expect(await told(client, 'request', { requests: [plain, plain, plain, plain] })).toMatchObject([
      { error: { code: -32_602, message: expect.stringMatching(/^Invalid sampling result/) } },
      { error: { code: -32_602, message: expect.stringMatching(/^Invalid sampling result/) } },
      {
        error: {
          code: -32_603,
          message: expect.stringMatching(/handler for sampling\/createMessage failed: the model/),
        },
      },
      { error: { code: -32_603 } },
    ])
    expect(textOf(await client.callTool('echo', { text: 'still here' }))).toBe('still here')
  })
})

test('on 2026-07-28, tools that were not declared end the call that asks for them, and no model sees it', async () => {
  let seen = 0
  const server = new ScriptedServer('2026-07-28', {
    'tools/call': () => ({ resultType: 'input_required', inputRequests: { model: withTools } }),
  })
  const client = await server.connect({ onSampling: () => `answer ${(seen += 1)}` })
  await expect(client.callTool('job')).rejects.toMatchObject({
    code: 'handler_failed',
    message: expect.stringContaining('did not declare sampling.tools'),
  })
  expect(seen).toBe(0)
})
