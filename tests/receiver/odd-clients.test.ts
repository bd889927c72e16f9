/** What clients send that no client should, or that only some send. */
import { describe, expect, test } from 'vitest'
import { createHandler, createTasks, serveHttp, type Tasks } from '@longcall/server'
import { ManualClock } from '@longcall/core/testing'
import { McpServer } from '@modelcontextprotocol/server'
import { RawLegacy } from '../support/raw-legacy.ts'
import { rawTransports, serveRaw, withoutTasks } from '../support/raw-modern.ts'
import { textOf } from '../support/modern-views.ts'
import { aborted } from '../support/watched-store.ts'

function tools(tasks: Tasks): void {
  tasks.registerTool('echo', {}, (args) => JSON.stringify(args))
  tasks.registerTool('never', {}, (_args, { signal }) => aborted(signal))
  tasks.registerTool('patient', { pollIntervalMs: 120_000 }, (_args, { signal }) => aborted(signal))
  tasks.registerTool('samples', {}, async (_args, context) => {
    const { content } = await context.createMessage({
      messages: [{ role: 'user', content: { type: 'text', text: 'hi' } }],
      maxTokens: 10,
      tools: [{ name: 'look', inputSchema: { type: 'object' } }],
    })
    return JSON.stringify(content)
  })
  tasks.registerTool(
    'prepares',
    {
      prepare: async (args, context) => {
        await context.elicit({ message: '?', requestedSchema: { type: 'object', properties: {} } }, { key: 'on' })
        return args
      },
    },
    () => 'done',
  )
}

const calls = [
  { type: 'tool_use', id: '1', name: 'look', input: {} },
  { type: 'text', text: 'and see' },
]

describe.each(rawTransports)('over %s', (transport) => {
  test('a name that is no text is -32602 and no trouble, in both generations', async () => {
    const server = await serveRaw(transport, tools)
    const session = await RawLegacy.open(server.wire)
    for (const name of [{ toString: 1 }, 5, null, ['echo'], undefined]) {
      const headers = { 'mcp-name': 'echo' }
      const modern = await server.wire.request(server.message('tools/call', { name, arguments: {} }), { headers })
      const legacy = await session.request('tools/call', { name, arguments: {} })
      for (const { error } of [modern, legacy])
        expect(error?.code).toSatisfy((code) => code === -32_602 || code === -32_020)
    }
    expect(server.events.filter(({ kind }) => kind === 'trouble')).toEqual([])
  })

  test('a task that is asked for with what is no object is -32602, and says so', async () => {
    const server = await serveRaw(transport, tools)
    const session = await RawLegacy.open(server.wire)
    for (const task of [null, 'yes', [], 5, true]) {
      const { error } = await session.request('tools/call', { name: 'echo', arguments: {}, task })
      expect(error).toMatchObject({
        code: -32_602,
        message: expect.stringContaining('task must be an object') as string,
      })
    }
    expect(server.events).toEqual([])
  })

  test('a model that was offered tools may answer with calls of them', async () => {
    const server = await serveRaw(transport, tools)
    const capabilities = { extensions: { 'io.modelcontextprotocol/tasks': {} }, sampling: { tools: {} } }
    const taskId = await server.start('samples', {}, { capabilities })
    const [key = ''] = Object.keys(await server.asked(taskId))
    const answer = { role: 'assistant', model: 'm', stopReason: 'toolUse', content: calls }
    expect((await server.update(taskId, { [key]: answer }, { capabilities })).error).toBeUndefined()
    expect(JSON.parse(textOf((await server.ended(taskId)).result) ?? '')).toEqual(calls)
  })

  test('a round whose client does not declare tasks gets none, whatever an earlier one declared', async () => {
    const server = await serveRaw(transport, tools)
    const { result } = await server.call('prepares')
    const params = {
      requestState: (result as { requestState?: string }).requestState,
      inputResponses: { on: { action: 'accept', content: {} } },
    }
    const { error } = await server.call('prepares', {}, { params, capabilities: withoutTasks })
    expect(error).toMatchObject({ code: -32_021 })
    expect((await server.call('prepares', {}, { params })).result).toMatchObject({ resultType: 'task' })
  })
})

describe('a poll that comes early', () => {
  test('is held for ten seconds at most, however long the interval is', async () => {
    const clock = new ManualClock()
    const server = await serveRaw('memory', tools, { clock })
    const taskId = await server.start('patient')
    await server.request('tasks/get', { taskId })
    const before = clock.sleepers
    const poll = server.request('tasks/get', { taskId })
    await clock.untilSleeping(before + 1)
    await clock.advance(10_000)
    expect((await poll).result).toMatchObject({ status: 'working' })
  })

  test('is not held longer because the clock was set back', async () => {
    const clock = new ManualClock()
    const server = await serveRaw('memory', tools, { clock, pollIntervalMs: 1_000 })
    const taskId = await server.start('never')
    await server.request('tasks/get', { taskId })
    clock.set(clock.now() - 3_600_000)
    const before = clock.sleepers
    const poll = server.request('tasks/get', { taskId })
    await clock.untilSleeping(before + 1)
    await clock.advance(1_000)
    expect((await poll).result).toMatchObject({ status: 'working' })
  })
})

describe('a session of an earlier protocol version', () => {
  test('is told of no tasks and finds none of their methods', async () => {
    const tasks = createTasks()
    tools(tasks)
    const handler = createHandler(() => new McpServer({ name: 'odd', version: '1.0.0' }), { tasks })
    let session: string | null = null
    const ask = async (method: string, params: object = {}): Promise<Record<string, unknown>> => {
      const response = await handler.fetch(
        new Request('http://localhost/mcp', {
          method: 'POST',
          headers: {
            accept: 'application/json, text/event-stream',
            'content-type': 'application/json',
            ...(session !== null && { 'mcp-session-id': session, 'mcp-protocol-version': '2025-06-18' }),
          },
          body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
        }),
      )
      session ??= response.headers.get('mcp-session-id')
      const text = await response.text()
      const data = text.split('\n').findLast((line) => line.startsWith('data: {'))
      return JSON.parse(data?.slice('data: '.length) ?? text) as Record<string, unknown>
    }
    const clientInfo = { name: 'old', version: '1.0.0' }
    const { result } = await ask('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo })
    expect(result).toMatchObject({ protocolVersion: '2025-06-18', capabilities: { tools: {} } })
    expect(result).not.toHaveProperty('capabilities.tasks')
    const { tools: listed } = (await ask('tools/list'))['result'] as { tools: object[] }
    expect(listed).toHaveLength(5)
    for (const tool of listed) expect(tool).not.toHaveProperty('execution')
    for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel', 'tasks/list']) {
      expect(await ask(method, { taskId: 'any' })).toMatchObject({ error: { code: -32_601 } })
    }
    await handler.close()
    await tasks.close({ graceMs: 0 })
  })
})

describe('serveHttp', () => {
  test('an authentication that fails is a 500, and the operator hears of it', async () => {
    const server = await serveRaw('http', tools, {
      http: { authenticate: () => Promise.reject(new Error('the key server is down')) },
    })
    const response = await fetch(server.url, { method: 'POST', body: '{}' })
    expect([response.status, await response.text()]).toEqual([500, expect.not.stringContaining('key server') as string])
    expect(server.reports.map(({ message }) => message)).toEqual(['the key server is down'])
  })

  test('behind a proxy, callers are limited by the address that the proxy says', async () => {
    const tasks = createTasks({ limits: { maxOpenPerOwner: 1 } })
    tools(tasks)
    const seen: (string | undefined)[] = []
    const endpoint = await serveHttp(() => new McpServer({ name: 'odd', version: '1.0.0' }), {
      tasks,
      port: 0,
      remoteAddress: (request, address) => {
        seen.push(address)
        return request.headers.get('x-forwarded-for') ?? undefined
      },
    })
    const start = async (from: string): Promise<unknown> => {
      const response = await fetch(endpoint.url, {
        method: 'POST',
        headers: {
          accept: 'application/json, text/event-stream',
          'content-type': 'application/json',
          'mcp-protocol-version': '2026-07-28',
          'mcp-method': 'tools/call',
          'mcp-name': 'never',
          'x-forwarded-for': from,
        },
        body: JSON.stringify({
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: {
            name: 'never',
            arguments: {},
            _meta: {
              'io.modelcontextprotocol/protocolVersion': '2026-07-28',
              'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1.0.0' },
              'io.modelcontextprotocol/clientCapabilities': { extensions: { 'io.modelcontextprotocol/tasks': {} } },
            },
          },
        }),
      })
      return response.json()
    }
    expect(await start('10.0.0.1')).toMatchObject({ result: { resultType: 'task' } })
    expect(await start('10.0.0.1')).toMatchObject({ error: { data: { reason: 'task_limit' } } })
    expect(await start('10.0.0.2')).toMatchObject({ result: { resultType: 'task' } })
    expect(seen).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.1'])
    await endpoint.close({ graceMs: 0 })
  })
})
