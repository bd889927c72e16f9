import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { WaitTimeoutError, type Client } from '@longcall/client'
import { ann, expectSoon, gate, textOf } from '../support/answering.ts'
import { ScriptedServer, silence, type Wire } from '../support/scripted-server.ts'
import { serve, settings } from '../support/servers.ts'

const form = { mode: 'form', message: 'name?', requestedSchema: { type: 'object', properties: {} } }

function taskOf(taskId: string, status: string, more: Wire = {}): Wire {
  const now = new Date().toISOString()
  return { taskId, status, createdAt: now, lastUpdatedAt: now, ttl: null, ttlMs: null, pollInterval: 100, ...more }
}

const text = (said: string): Wire => ({ content: [{ type: 'text', text: said }] })

describe('a server that uses a task id again', () => {
  test('gets the second call its own result', async () => {
    let calls = 0
    const server = new ScriptedServer('2026-07-28', {
      'tools/call': () => ({ ...taskOf('task-1', 'working'), resultType: 'task', call: (calls += 1) }),
      'tasks/get': () => taskOf('task-1', 'completed', { result: text(`result of call ${calls}`) }),
    })
    const client = await server.connect()
    const first = await client.callTool('job', {}, { task: true })
    expect(textOf(await first.result())).toBe('result of call 1')
    expect(textOf(await client.callTool('job'))).toBe('result of call 2')
    expect(textOf(await first.result())).toBe('result of call 1')
  })
})

describe('a server that asks without end', () => {
  test('is not let at the handler for ever', async () => {
    let asked = 0
    const keys = (from: number): Wire =>
      Object.fromEntries(
        Array.from({ length: 100 }, (_, at) => [`q${from + at}`, { method: 'elicitation/create', params: form }]),
      )
    let polls = 0
    const server = new ScriptedServer('2026-07-28', {
      'tools/call': () => ({ ...taskOf('t1', 'working'), resultType: 'task' }),
      'tasks/get': () => taskOf('t1', 'input_required', { inputRequests: keys(100 * polls++) }),
      'tasks/update': () => ({}),
    })
    const client = await server.connect({
      onElicitation: () => {
        asked += 1
        return { action: 'decline' }
      },
    })
    await expect(client.callTool('job')).rejects.toMatchObject({
      code: 'handler_failed',
      message: expect.stringContaining('asked too much'),
    })
    expect(asked).toBeLessThanOrEqual(1000)
  })
})

describe('a call that is given up before it was sent', () => {
  test('is never sent', async () => {
    const listing = gate()
    const server = new ScriptedServer('2025-11-25', {
      'tools/list': async () => {
        await listing.opened
        return { tools: [{ name: 'job', inputSchema: { type: 'object' }, execution: { taskSupport: 'required' } }] }
      },
      'tools/call': () => silence,
    })
    const client = await server.connect()
    const abort = new AbortController()
    const call = client.callTool('job', {}, { signal: abort.signal }).catch((error: unknown) => error)
    await expectSoon(() => server.requests('tools/list').length).toBe(1)
    abort.abort(new Error('never mind'))
    expect(await call).toMatchObject({ code: 'request_aborted' })
    listing.open()
    // Another call sees what the listing brought, so whatever the first would have sent was sent by now.
    const other = client.callTool('other').catch((error: unknown) => error)
    await expectSoon(() => server.requests('tools/call').length).toBe(1)
    expect(server.requests('tools/call')).toMatchObject([{ params: { name: 'other' } }])
    await client.close()
    await other
  })
})

describe.each(settings({ transport: 'http', generation: '2025-11-25' }))('on the $name', ({ setting }) => {
  test('an error that is printed or serialised keeps the session to itself, and has it all the same', async () => {
    const client = await (await serve(setting)).connect()
    const task = await client.callTool('hang', {}, { task: true })
    const error = (await task.result({ timeoutMs: 1 }).catch((thrown: unknown) => thrown)) as WaitTimeoutError
    expect(error).toBeInstanceOf(WaitTimeoutError)
    const { session } = task.toJSON() as { session?: { id: string } }
    expect(session?.id).toEqual(expect.any(String))
    expect(error.reference).toEqual(task.toJSON())
    for (const shown of [inspect(error), JSON.stringify(error), String(error.stack)])
      expect(shown).not.toContain(session!.id)
  })
})

describe.each(settings({ transport: 'memory', generation: '2026-07-28' }))('on the $name', ({ setting }) => {
  test('a handler is told to stop when the connection closes', async () => {
    const stopped = gate<unknown>()
    const client: Client = await (
      await serve(setting)
    ).connect({
      onElicitation: (_request, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            stopped.open(signal.reason)
            reject(signal.reason as Error)
          })
        }),
    })
    const task = await client.callTool('confirm', { filename: 'f' }, { task: true })
    const result = task.result().catch((thrown: unknown) => thrown)
    await expectSoon(() => task.questions().length).toBe(1)
    await expectSoon(() => task.latest?.status).toBe('input_required')
    await new Promise((resolve) => setImmediate(resolve))
    await client.close()
    expect(await stopped.opened).toBeInstanceOf(Error)
    expect(await result).toMatchObject({ code: 'task_unreachable' })
  })

  test('updates can be left while the next one is awaited', async () => {
    const client = await (await serve(setting)).connect()
    const task = await client.callTool('hang', {}, { task: true })
    const updates = task.updates()
    await updates.next()
    const next = updates.next()
    expect(await updates.return()).toEqual({ done: true, value: undefined })
    expect(await next).toEqual({ done: true, value: undefined })
  })

  test('an answer by hand that is none is refused, and the question stays open', async () => {
    const client = await (await serve(setting)).connect({ capabilities: { elicitation: {} } })
    const task = await client.callTool('confirm', { filename: 'f' }, { task: true })
    const result = task.result()
    await task.wait({ until: () => task.questions().length > 0 })
    const { key } = task.questions()[0]!
    await expect(task.answer(key, 'yes' as never)).rejects.toMatchObject({ code: 'invalid_option' })
    await task.answer(key, { action: 'accept', content: { name: 'Ann' } })
    expect(textOf(await result)).toBe('deleted f by Ann')
  })
})

describe('connect() by several at once, after the server went away', () => {
  test.each(settings({ peer: 'dual', transport: 'stdio', generation: '2025-11-25' }))(
    'starts one server, on the $name',
    async ({ setting }) => {
      const served = await serve(setting)
      const { onElicitation } = ann()
      const client = await served.connect({ onElicitation })
      const pid = (client.sdk.transport as unknown as { pid: number }).pid
      process.kill(pid, 'SIGKILL')
      await expectSoon(() => client.isConnected).toBe(false)
      await Promise.all([client.connect(), client.connect(), client.connect()])
      expect(client.isConnected).toBe(true)
      expect(await client.listTools()).not.toEqual([])
    },
  )
})
