import { describe, expect, onTestFinished, test } from 'vitest'
import { Client, type ClientOptions } from '@longcall/client'
import { ManualClock } from '@longcall/core/testing'
import { serveDualHttp, type DualPeer } from '../peers/dual-server.mjs'
import { serveV1Http } from '../peers/v1-server.mjs'
import { ann, expectSoon, gate, textOf } from '../support/answering.ts'
import { startFaultProxy } from '../support/fault-proxy.mjs'
import { ScriptedServer, wireTask, wireText, type Wire } from '../support/scripted-server.ts'
import { serve, settings } from '../support/servers.ts'

const generation = '2025-11-25'
const related = { 'io.modelcontextprotocol/related-task': { taskId: 't1' } }
const question = (message: string): Wire => ({
  message,
  requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
  _meta: related,
})

interface Behind {
  readonly proxy: Awaited<ReturnType<typeof startFaultProxy>>
  readonly connect: (options: ClientOptions) => Promise<Client>
  readonly dual: DualPeer
}

/** The dual server behind a proxy that can hurt chosen messages. */
async function behindProxy(options: Parameters<typeof serveDualHttp>[1] = {}): Promise<Behind> {
  const dual = await serveDualHttp(0, options)
  const proxy = await startFaultProxy(dual.url)
  const clients: Client[] = []
  onTestFinished(async () => {
    await Promise.all(clients.map((client) => client.close()))
    await proxy.close()
    await dual.close()
  })
  const connect = async (clientOptions: ClientOptions): Promise<Client> => {
    const client = await Client.connect(proxy.url, { era: 'legacy', ...clientOptions })
    clients.push(client)
    return client
  }
  return { proxy, connect, dual }
}

describe('tasks/result of a 2025-11-25 server', () => {
  test('is asked for when the task wants input, once, and not before', async () => {
    const thinking = gate()
    const { connect, dual } = await behindProxy()
    const client = await connect({
      onElicitation: async () => {
        await thinking.opened
        return { action: 'accept', content: { name: 'Ann' } }
      },
    })
    const task = await client.callTool('confirm', { filename: 'f' }, { task: true })
    const result = task.result()
    await task.wait({ until: 'input_required' })
    const polls = () => dual.log.requestsOf(task.id)['tasks/get'] ?? 0
    const before = polls()
    // It stays open while polling goes on.
    await expectSoon(polls).toBeGreaterThan(before + 3)
    expect(dual.log.requestsOf(task.id)['tasks/result']).toBe(1)
    thinking.open()
    expect(textOf(await result)).toBe('deleted f by Ann')
    expect(dual.log.requestsOf(task.id)['tasks/result']).toBe(1)
  })

  test('is not asked for by a task that asks nothing before it has ended', async () => {
    const { connect, dual } = await behindProxy()
    const task = await (await connect({})).callTool('slow', { ms: 300 }, { task: true })
    await task.wait()
    expect(dual.log.requestsOf(task.id)['tasks/result']).toBeUndefined()
    await task.result()
    expect(dual.log.requestsOf(task.id)['tasks/result']).toBe(1)
  })

  test.each(['end-stream', 'drop-connection'] as const)(
    'is opened again when its stream is lost with the question in it (%s)',
    async (fault) => {
      const { asked, onElicitation } = ann()
      const { proxy, connect } = await behindProxy()
      const client = await connect({ onElicitation })
      proxy.setRules([{ match: { direction: 'response', method: 'elicitation/create' }, fault }])
      const task = await client.callTool('confirm', { filename: 'f' }, { task: true })
      expect(textOf(await task.result())).toBe('deleted f by Ann')
      expect(proxy.log.some((entry) => entry.fault === fault)).toBe(true)
      expect(asked).toHaveLength(1)
    },
  )

  test('is opened again when its stream dies while a person thinks, who is not asked again', async () => {
    const asked: string[] = []
    const thinking = gate()
    const { proxy, connect, dual } = await behindProxy()
    const client = await connect({
      onElicitation: async ({ message }) => {
        asked.push(message)
        await thinking.opened
        return { action: 'accept', content: { name: 'Ann' } }
      },
    })
    const task = await client.callTool('confirm', { filename: 'f' }, { task: true })
    const result = task.result()
    await expectSoon(() => asked.length).toBe(1)
    proxy.dropConnections()
    await expectSoon(() => dual.log.requestsOf(task.id)['tasks/result']).toBe(2)
    thinking.open()
    expect(textOf(await result)).toBe('deleted f by Ann')
    expect(asked).toHaveLength(1)
  })

  test('whose answer is lost once the person has answered is asked for again', async () => {
    const { asked, onElicitation } = ann()
    const { proxy, connect } = await behindProxy({ push: false })
    const client = await connect({ onElicitation })
    proxy.setRules([{ match: { direction: 'response', method: 'tasks/result' }, fault: 'drop-response' }])
    const task = await client.callTool('confirm', { filename: 'f' }, { task: true })
    expect(textOf(await task.result())).toBe('deleted f by Ann')
    expect(asked).toHaveLength(1)
  })

  test('is open as long as a person takes, beyond the limit of a request', async () => {
    const thinking = gate()
    const server = new ScriptedServer(generation, {
      'tasks/get': ({ taskId }) => (taskId === 'mute' ? new Promise(() => {}) : wireTask(generation, 'input_required')),
      'tasks/result': async () => {
        const answer = await server.ask('elicitation/create', question('name?'))
        return wireText(`hello ${(answer['content'] as Wire)['name'] as string}`)
      },
    })
    const client = await server.connect({
      requestTimeoutMs: 20,
      onElicitation: async () => {
        await thinking.opened
        return { action: 'accept', content: { name: 'Ann' } }
      },
    })
    const task = await client.callTool('job', {}, { task: true })
    const result = task.result()
    await expectSoon(() => server.requests('tasks/result').length).toBe(1)
    // Sent later, given up by now: so would the open request be.
    await expect(client.tasks.get('mute')).rejects.toMatchObject({ failure: { kind: 'timeout', timeoutMs: 20 } })
    thinking.open()
    expect(textOf(await result)).toBe('hello Ann')
    expect(server.requests('tasks/result')).toHaveLength(1)
  })

  test('and the silence of a call are no matter while a person thinks for an hour', async () => {
    const clock = new ManualClock()
    const thinking = gate()
    const server = new ScriptedServer(generation, {
      'tools/call': () => ({ task: wireTask(generation, 'input_required', { pollInterval: 300_000 }) }),
      'tasks/get': () => new Promise(() => {}),
      'tasks/result': async () => {
        const answer = await server.ask('elicitation/create', question('name?'))
        return wireText(`hello ${(answer['content'] as Wire)['name'] as string}`)
      },
    })
    const client = await server.connect({
      clock,
      preferTasks: true,
      onElicitation: async () => {
        await thinking.opened
        return { action: 'accept', content: { name: 'Ann' } }
      },
    })
    const call = client.callTool('job', {}, { idleTimeoutMs: 60_000 })
    await expectSoon(() => server.requests('tasks/result').length).toBe(1)
    await clock.advance(3_600_000)
    thinking.open()
    expect(textOf(await call)).toBe('hello Ann')
  })
})

describe('a question of a 2025-11-25 task', () => {
  test('that is left over when the task has ended is put to nobody, and the server is told', async () => {
    const answered = gate<Wire>()
    const server = new ScriptedServer(generation, {
      'tasks/get': () => wireTask(generation, 'completed'),
      'tasks/result': () => {
        void server.ask('elicitation/create', question('too late?')).then(answered.open)
        return wireText('done')
      },
    })
    const { asked, onElicitation } = ann()
    const client = await server.connect({ onElicitation })
    const task = await client.callTool('job', {}, { task: true })
    expect(textOf(await task.result())).toBe('done')
    expect(await answered.opened).toMatchObject({ action: 'cancel' })
    expect(asked).toEqual([])
  })

  test.each(settings({ peer: 'v1' }))(
    'that is put twice in the same words is two questions ($name)',
    async ({ setting }) => {
      let count = 0
      const client = await (
        await serve(setting)
      ).connect({
        onElicitation: () => ({ action: 'accept', content: { name: `Ann ${(count += 1)}` } }),
      })
      const task = await client.callTool('ask_same_twice', {}, { task: true })
      expect(textOf(await task.result())).toBe('heard Ann 1 and Ann 2')
      expect(count).toBe(2)
    },
  )

  test.each(settings({ peer: 'v1' }))(
    'that overtakes the answer that made the task is asked ($name)',
    async ({ setting }) => {
      const { asked, onElicitation } = ann()
      const client = await (await serve(setting)).connect({ onElicitation })
      const task = await client.callTool('ask_push', {}, { task: true })
      expect(textOf(await task.result())).toBe('pushed Ann')
      expect(asked).toEqual(['pushed name?'])
    },
  )

  test('whose answer is lost on its way has the answer sent again, and nobody asked again', async () => {
    const server = await serveV1Http(0, {})
    const proxy = await startFaultProxy(server.url)
    const { asked, onElicitation } = ann()
    const client = await Client.connect(proxy.url, { era: 'legacy', onElicitation })
    onTestFinished(async () => {
      await client.close()
      await proxy.close()
      await server.close()
    })
    proxy.setRules([{ match: { direction: 'request', method: 'response' }, fault: 'drop-connection' }])
    const task = await client.callTool('ask', {}, { task: true })
    expect(textOf(await task.result())).toBe('hello Ann')
    expect(asked).toHaveLength(1)
  })
})
