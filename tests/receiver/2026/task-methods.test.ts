import { describe, expect, test } from 'vitest'
import { RpcError, type Tasks } from '@longcall/server'
import { RawLegacy } from '../../support/raw-legacy.ts'
import { rawTransports, serveRaw, withoutTasks } from '../../support/raw-modern.ts'
import { textOf } from '../../support/modern-views.ts'
import { aborted } from '../../support/watched-store.ts'

function tools(tasks: Tasks): void {
  tasks.registerTool('done', {}, () => 'done')
  tasks.registerTool('refuses', {}, () => ({ content: [{ type: 'text', text: 'disk full' }], isError: true }))
  tasks.registerTool('breaks', {}, () => Promise.reject(new Error('disk on fire')))
  tasks.registerTool('protocol', {}, () => Promise.reject(new RpcError(-32_050, 'kaboom', { where: 3 })))
  tasks.registerTool('never', {}, (_args, { signal }) => aborted(signal))
  tasks.registerTool('reports', {}, async (_args, context) => {
    context.updateStatus('half way')
    context.progress(1, 2)
    await context.elicit({ message: 'go on?', requestedSchema: { type: 'object', properties: {} } })
    return 'done'
  })
}

const unknown = 'no-such-task'

describe.each(rawTransports)('2026-07-28 over %s', (transport) => {
  test('tasks/get brings the result with the state, whatever the tool said of itself', async () => {
    const server = await serveRaw(transport, tools)
    const completed = await server.ended(await server.start('done'))
    expect(completed).toMatchObject({ resultType: 'complete', status: 'completed' })
    expect(textOf(completed.result)).toBe('done')
    const refused = await server.ended(await server.start('refuses'))
    expect(refused).toMatchObject({ status: 'completed', result: { isError: true } })
    const broken = await server.ended(await server.start('breaks'))
    expect(broken).toMatchObject({ status: 'completed', result: { isError: true } })
    expect(textOf(broken.result)).toBe('disk on fire')
  })

  test('tasks/get brings the JSON-RPC error of a task that failed, and no result', async () => {
    const server = await serveRaw(transport, tools)
    const failed = await server.ended(await server.start('protocol'))
    expect(failed).toMatchObject({
      status: 'failed',
      statusMessage: 'kaboom',
      error: { code: -32_050, message: 'kaboom', data: { where: 3 } },
    })
    expect(failed).not.toHaveProperty('result')
  })

  test('a cancelled task has neither result nor error', async () => {
    const server = await serveRaw(transport, tools)
    const taskId = await server.start('never')
    const { result } = await server.request('tasks/cancel', { taskId })
    expect(result).toMatchObject({ resultType: 'complete' })
    expect(result).not.toHaveProperty('status')
    const cancelled = await server.ended(taskId)
    expect(cancelled.status).toBe('cancelled')
    expect(cancelled).not.toHaveProperty('result')
    expect(cancelled).not.toHaveProperty('error')
  })

  test('a task that has ended can be cancelled: that is acknowledged and changes nothing', async () => {
    const server = await serveRaw(transport, tools)
    const taskId = await server.start('done')
    const before = await server.ended(taskId)
    const { error } = await server.request('tasks/cancel', { taskId })
    expect(error).toBeUndefined()
    expect(await server.ended(taskId)).toEqual(before)
  })

  test('a question and what was said meanwhile are in tasks/get, and the question is gone once answered', async () => {
    const server = await serveRaw(transport, tools)
    const taskId = await server.start('reports')
    const asking = await server.until(taskId, ({ inputRequests }) => inputRequests !== undefined)
    expect(asking).toMatchObject({ status: 'input_required', statusMessage: 'half way' })
    expect(Object.values(asking.inputRequests ?? {})).toMatchObject([
      { method: 'elicitation/create', params: { mode: 'form', message: 'go on?' } },
    ])
    const [key = ''] = Object.keys(asking.inputRequests ?? {})
    await server.update(taskId, { [key]: { action: 'accept', content: {} } })
    expect(await server.ended(taskId)).not.toHaveProperty('inputRequests')
  })

  test('lastUpdatedAt grows with each change', async () => {
    const server = await serveRaw(transport, tools)
    const { result } = await server.call('done')
    const ended = await server.ended(result?.taskId ?? '')
    expect(Date.parse(ended.lastUpdatedAt ?? '')).toBeGreaterThan(Date.parse(result?.lastUpdatedAt ?? ''))
    expect(ended.createdAt).toBe(result?.createdAt)
  })

  test('an unknown task is -32602 to each method, and the error says no more', async () => {
    const server = await serveRaw(transport, tools)
    const replies = [
      await server.request('tasks/get', { taskId: unknown }),
      await server.request('tasks/update', { taskId: unknown, inputResponses: {} }),
      await server.request('tasks/cancel', { taskId: unknown }),
    ]
    for (const { error } of replies) {
      expect(error).toEqual({ code: -32_602, message: `Task not found: ${unknown}` })
    }
  })

  test('each method is refused to a client that did not declare the extension on that request', async () => {
    const server = await serveRaw(transport, tools)
    const taskId = await server.start('never')
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      const { error } = await server.request(method, { taskId, inputResponses: {} }, { capabilities: withoutTasks })
      expect(error).toMatchObject({
        code: -32_021,
        data: { requiredCapabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } },
      })
    }
    expect(await server.tasks.get(taskId)).toMatchObject({ status: 'working' })
  })

  test('the methods that only 2025-11-25 has are not there', async () => {
    const server = await serveRaw(transport, tools)
    const taskId = await server.start('done')
    for (const method of ['tasks/result', 'tasks/list']) {
      expect((await server.request(method, { taskId })).error).toMatchObject({ code: -32_601 })
    }
  })
})

test.each(rawTransports)('tasks/update is not there for a session of 2025-11-25 over %s', async (transport) => {
  const server = await serveRaw(transport, tools)
  const session = await RawLegacy.open(server.wire)
  const taskId = await session.start('done')
  const { error } = await session.request('tasks/update', { taskId, inputResponses: {} })
  expect(error).toMatchObject({ code: -32_601 })
})

describe.each(['http', 'fetch'] as const)('2026-07-28 over %s', (transport) => {
  test('a header that names another task than the body is refused with -32020, and nothing is done', async () => {
    const server = await serveRaw(transport, tools)
    const taskId = await server.start('never')
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      const params = { taskId, inputResponses: {} }
      const reply = await server.request(method, params, { headers: { 'mcp-name': unknown } })
      expect(reply).toMatchObject({ status: 400, error: { code: -32_020 } })
    }
    expect(await server.tasks.get(taskId)).toMatchObject({ status: 'working' })
  })

  test('a header that is left out is made up for: clients are out there that do not know it', async () => {
    const server = await serveRaw(transport, tools)
    const taskId = await server.start('never')
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      const params = { taskId, inputResponses: {} }
      expect(await server.request(method, params, { headers: { 'mcp-name': undefined } })).toMatchObject({
        status: 200,
      })
    }
  })

  test('a header that names another tool than the body is refused, and no task is made', async () => {
    const server = await serveRaw(transport, tools)
    const reply = await server.call('done', {}, { headers: { 'mcp-name': 'never' } })
    expect(reply).toMatchObject({ status: 400, error: { code: -32_020 } })
    expect((await server.tasks.list()).tasks).toEqual([])
  })
})
