import { describe, expect, test } from 'vitest'
import type { CallProgress } from '@longcall/client'
import { expectSoon } from '../../support/answering.ts'
import { plainSettings } from '../../support/plain-settings.ts'
import { form, serveFull, told } from '../../support/full-peer.ts'

const steps = [{ progress: 1, total: 4, message: 'first' }, { progress: 2.5, total: 4 }, { progress: 4 }]

describe.each(plainSettings())('progress ($name)', ({ setting }) => {
  test('of a call reaches the handler of the client, before its result', async () => {
    const heard: CallProgress[] = []
    const client = await (await serveFull(setting)).connect({ onProgress: (progress) => void heard.push(progress) })
    await client.callTool('progress', { steps })
    expect(heard).toEqual(steps)
  })

  test('of a call that has a handler of its own reaches that one alone', async () => {
    const heard: CallProgress[] = []
    const own: CallProgress[] = []
    const client = await (await serveFull(setting)).connect({ onProgress: (progress) => void heard.push(progress) })
    await client.callTool('progress', { steps }, { onProgress: (progress) => void own.push(progress) })
    expect(own).toEqual(steps)
    expect(heard).toEqual([])
    await client.callTool('progress', { steps: [{ progress: 1 }] })
    expect(heard).toEqual([{ progress: 1 }])
  })

  test('of calls at once reaches the handler of each', async () => {
    const client = await (await serveFull(setting)).connect()
    const all = await Promise.all(
      [1, 2, 3, 4].map(async (which) => {
        const heard: CallProgress[] = []
        const own = { onProgress: (progress: CallProgress) => void heard.push(progress) }
        await client.callTool('progress', { steps: [{ progress: which }] }, own)
        return heard
      }),
    )
    expect(all).toEqual([1, 2, 3, 4].map((which) => [{ progress: which }]))
  })

  test('out of nothing is told as it is', async () => {
    const heard: CallProgress[] = []
    const client = await (await serveFull(setting)).connect({ onProgress: (progress) => void heard.push(progress) })
    await client.callTool('progress', {
      steps: [
        { progress: 0, total: 0 },
        { progress: 0, total: 0, message: '' },
      ],
    })
    expect(heard).toEqual([
      { progress: 0, total: 0 },
      { progress: 0, total: 0, message: '' },
    ])
  })

  test('reaches a handler that was set while connected', async () => {
    const heard: CallProgress[] = []
    const client = await (await serveFull(setting)).connect()
    client.setHandlers({ onProgress: (progress) => void heard.push(progress) })
    await client.callTool('progress', { steps: [{ progress: 1 }] })
    expect(heard).toEqual([{ progress: 1 }])
  })

  test('is asked for where nobody hears it too: it is a sign of life', async () => {
    const client = await (await serveFull(setting)).connect()
    expect(await told(client, 'progress', { steps })).toBe('told')
  })
})

describe.each(plainSettings({ generation: '2025-11-25' }))('progress ($name)', ({ setting }) => {
  test('of a question of the server is told by its handler', async () => {
    const server = await serveFull(setting)
    const client = await server.connect({
      onElicitation: async ({ _meta }) => {
        const token = _meta?.progressToken
        if (token === undefined) return { action: 'cancel' }
        await client.sendProgress(token, 1, { total: 2, message: 'thinking' })
        await client.sendProgress(token, 2)
        return { name: 'Ann' }
      },
    })
    const [answer] = (await told(client, 'request', { requests: [form({ name: { type: 'string' } })] })) as unknown[]
    expect(answer).toMatchObject({
      answer: { action: 'accept' },
      progress: [{ progress: 1, total: 2, message: 'thinking' }, { progress: 2 }],
    })
  })
})

test('of a 2026-07-28 server over HTTP, progress comes in the stream of its answer: there is no other', async () => {
  const heard: CallProgress[] = []
  const server = await serveFull({ transport: 'http', generation: '2026-07-28' })
  const client = await server.connect({ onProgress: (progress) => void heard.push(progress) })
  expect(await told(client, 'progress', { steps })).toBe('told')
  await expectSoon(() => heard).toEqual(steps)
  const gets = (await told(client, 'received', { method: 'GET' })) as unknown[]
  expect(gets).toEqual([])
})
