import { describe, expect, test } from 'vitest'
import type { MessageHooks, ServerMessage } from '@longcall/client'
import { expectSoon, textOf } from '../../support/answering.ts'
import { plainSettings } from '../../support/plain-settings.ts'
import { receivedBy, serveFull, told } from '../../support/full-peer.ts'
import { ScriptedServer } from '../../support/scripted-server.ts'
import { serve, settings } from '../../support/servers.ts'

const lists = ['tools', 'prompts', 'resources'] as const

/** Hooks that write down what they hear. */
function hooks(heard: unknown[]): MessageHooks {
  return {
    onToolsChanged: () => void heard.push('tools'),
    onPromptsChanged: () => void heard.push('prompts'),
    onResourcesChanged: () => void heard.push('resources'),
    onResourceUpdated: (uri) => void heard.push(uri),
    onLog: ({ level, data }) => void heard.push([level, data]),
    onProgress: ({ progress, total }) => void heard.push([progress, total]),
  }
}

describe.each(plainSettings())('what a server says unasked ($name)', ({ setting }) => {
  test('reaches the hook of its kind', async () => {
    const heard: unknown[] = []
    const client = await (await serveFull(setting)).connect({ onMessage: hooks(heard) })
    await client.subscribeResource('note://plain')
    await told(client, 'announce', { changes: [...lists, { uri: 'note://plain' }] })
    await expectSoon(() => heard).toEqual(['tools', 'prompts', 'resources', 'note://plain'])
    heard.length = 0
    await told(client, 'log', { messages: [{ level: 'warning', data: { disk: 'full' } }] })
    await told(client, 'progress', { steps: [{ progress: 1, total: 2 }] })
    await expectSoon(() => heard).toEqual([
      ['warning', { disk: 'full' }],
      [1, 2],
    ])
  })

  test('reaches a function as it came', async () => {
    const heard: ServerMessage[] = []
    const client = await (await serveFull(setting)).connect({ onMessage: (message) => void heard.push(message) })
    // What is listened for has been acknowledged once something else is.
    await client.subscribeResource('note://plain')
    await told(client, 'announce', { changes: [...lists] })
    await told(client, 'log', { messages: [{ level: 'info', data: [1], logger: 'disk' }] })
    await expectSoon(() => heard.filter(({ method }) => /list_changed|message$/.test(method))).toMatchObject([
      { method: 'notifications/tools/list_changed' },
      { method: 'notifications/prompts/list_changed' },
      { method: 'notifications/resources/list_changed' },
      { method: 'notifications/message', params: { level: 'info', data: [1], logger: 'disk' } },
    ])
  })

  test('harms nothing where a handler throws, which is reported', async () => {
    const errors: string[] = []
    const client = await (
      await serveFull(setting)
    ).connect({
      onMessage: () => {
        throw new Error('the handler broke')
      },
      onLog: () => Promise.reject(new Error('the log broke')),
      onProgress: () => {
        throw new Error('the bar broke')
      },
      onError: ({ message }) => {
        errors.push(message)
        throw new Error('nobody is left to hear this')
      },
    })
    expect(await told(client, 'log', { messages: [{ level: 'error', data: 1 }] })).toBe('logged')
    expect(await told(client, 'progress', { steps: [{ progress: 1 }] })).toBe('told')
    await expectSoon(() => new Set(errors)).toEqual(new Set(['the handler broke', 'the log broke', 'the bar broke']))
    expect(await told(client, 'announce', { changes: [...lists] })).toBe('announced')
    expect(await client.readResource('note://plain')).toHaveLength(1)
  })

  test('harms nothing where a logger throws, which is reported', async () => {
    const errors: string[] = []
    const broken = (): never => {
      throw new Error('the logger broke')
    }
    const client = await (
      await serveFull(setting)
    ).connect({
      logger: { debug: broken, info: broken, warn: broken, error: broken },
      onError: ({ message }) => void errors.push(message),
    })
    expect(
      await told(client, 'log', {
        messages: [
          { level: 'error', data: 1 },
          { level: 'info', data: 2 },
        ],
      }),
    ).toBe('logged')
    await expectSoon(() => errors).toEqual(['the logger broke', 'the logger broke'])
  })

  test('has its effect whatever a handler does with it: a list that changed is asked for anew', async () => {
    let heard = 0
    const client = await (
      await serveFull(setting)
    ).connect({
      onMessage: ({ method, params }) => {
        for (const name of Object.keys(params)) delete (params as Record<string, unknown>)[name]
        if (method === 'notifications/tools/list_changed') heard += 1
        throw new Error('the handler broke')
      },
    })
    await client.subscribeResource('note://plain')
    await client.listTools()
    await client.listTools()
    // A 2026-07-28 server lets its lists be kept.
    const asked = setting.generation === '2026-07-28' ? 1 : 2
    expect(await receivedBy(client, 'tools/list')).toHaveLength(asked)
    await told(client, 'announce', { changes: ['tools'] })
    await expectSoon(() => heard).toBe(1)
    await client.listTools()
    expect(await receivedBy(client, 'tools/list')).toHaveLength(asked + 1)
  })
})

describe.each(plainSettings({ generation: '2026-07-28' }))('changes of lists ($name)', ({ setting }) => {
  test('are listened for only where somebody wants to hear of them, and only those', async () => {
    const server = await serveFull(setting)
    const deaf = await server.connect({ onMessage: { onLog: () => {} } })
    await deaf.listTools()
    expect(await receivedBy(deaf, 'subscriptions/listen')).toEqual([])
    await deaf.close()
    const heard: string[] = []
    const client = await server.connect({ onMessage: { onPromptsChanged: () => void heard.push('prompts') } })
    await expectSoon(() => receivedBy(client, 'subscriptions/listen')).toMatchObject([
      { params: { notifications: { promptsListChanged: true } } },
    ])
    await told(client, 'announce', { changes: ['tools', 'prompts'] })
    await expectSoon(() => heard).toEqual(['prompts'])
  })
})

describe.each(settings({ peer: 'dual' }))('pushes of tasks on the $name', ({ setting }) => {
  test('have their effect whatever a handler does with them', async () => {
    let pushes = 0
    const errors: Error[] = []
    const client = await (
      await serve(setting, { pollIntervalMs: 120_000 })
    ).connect({
      onMessage: ({ method, params }) => {
        if (method.startsWith('notifications/tasks')) pushes += 1
        for (const name of Object.keys(params)) delete (params as Record<string, unknown>)[name]
        throw new Error('the handler broke')
      },
      onError: (error) => void errors.push(error),
    })
    const task = await client.callTool('slow', { ms: 200, label: 'it' }, { task: true })
    expect(textOf(await task.result())).toBe('done it')
    expect(pushes).toBeGreaterThan(0)
    expect(new Set(errors.map(({ message }) => message))).toEqual(new Set(['the handler broke']))
  })
})

describe.each(['2025-11-25', '2026-07-28'] as const)('a server of %s', (generation) => {
  test('that withdraws a request of its own is heard by its hook', async () => {
    const cancelled: unknown[] = []
    const server = new ScriptedServer(generation, {})
    await server.connect({ onMessage: { onCancelled: (what) => void cancelled.push(what) } })
    server.notify('notifications/cancelled', { requestId: 7, reason: 'not needed' })
    await expectSoon(() => cancelled).toEqual([{ requestId: 7, reason: 'not needed' }])
  })

  test('that says what cannot be read harms nothing', async () => {
    const heard: unknown[] = []
    const errors: Error[] = []
    const server = new ScriptedServer(generation, {})
    const client = await server.connect({
      onMessage: { ...hooks(heard), onCancelled: () => void heard.push('cancelled') },
      onError: (error) => void errors.push(error),
    })
    server.notify('notifications/message', { level: 'info' })
    server.notify('notifications/message', { level: 7, data: 'odd' })
    server.notify('notifications/resources/updated', { uri: 7 })
    server.notify('notifications/progress', { progressToken: {}, progress: 'much' })
    server.notify('notifications/of/no/kind', { a: 1 })
    server.notify('notifications/tools/list_changed', 7 as never)
    server.notify('notifications/tools/list_changed', {})
    await expectSoon(() => heard).toContain('tools')
    expect(await client.listTools()).toHaveLength(1)
    expect(heard.filter((what) => Array.isArray(what))).toEqual([[7, 'odd']])
    expect(errors).toEqual([])
  })
})

test('a message that answers nothing is heard of by the hook for errors', async () => {
  const errors: string[] = []
  const server = await serveFull({ transport: 'stdio', generation: '2025-11-25' })
  const client = await server.connect({ onMessage: { onError: ({ message }) => void errors.push(message) } })
  client.sdk.transport?.onmessage?.({ jsonrpc: '2.0', id: 999, result: {} } as never)
  await expectSoon(() => errors).toHaveLength(1)
})
