import { describe, expect, test } from 'vitest'
import type { Tasks } from '@longcall/server'
import { z } from 'zod'
import { RawLegacy } from '../support/raw-legacy.ts'
import { rawTransports, serveRaw, type Served } from '../support/raw-modern.ts'
import { textOf } from '../support/modern-views.ts'
import { aborted } from '../support/watched-store.ts'

function tools(tasks: Tasks): void {
  tasks.registerTool('echo', {}, (args) => JSON.stringify(args))
  tasks.registerTool('typed', { inputSchema: z.object({ n: z.number() }) }, ({ n }) => String(n))
  tasks.registerTool('never', {}, (_args, { signal }) => aborted(signal))
}

/** What no task id is, with types that JSON has. */
const badIds: readonly unknown[] = [undefined, null, 5, true, [], {}, ['id'], { id: 1 }]
/** What is a text, and no id of any task. */
const strangeIds: readonly string[] = [
  '',
  ' ',
  '\u0000',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  '💥'.repeat(1_000),
  'x'.repeat(5_000),
  "'; DROP TABLE tasks; --",
]

/** The server is well: it runs a task to its end. */
async function expectWell(server: Served): Promise<void> {
  expect(textOf((await server.ended(await server.start('echo', { a: 1 }))).result)).toBe('{"a":1}')
}

describe.each(rawTransports)('over %s', (transport) => {
  const isPipe = transport === 'memory' || transport === 'stdio'

  test('2026: what is no id of a task is -32602, short and without an echo of it all', async () => {
    const server = await serveRaw(transport, tools)
    for (const taskId of [...badIds, ...strangeIds]) {
      for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
        const headers = { 'mcp-name': asHeader(taskId) }
        const { error } = await server.request(method, { taskId, inputResponses: {} }, { headers })
        expect(error).toMatchObject({ code: -32_602 })
        expect(error?.message.length).toBeLessThan(300)
      }
    }
    await expectWell(server)
  })

  test('2025: the same', async () => {
    const server = await serveRaw(transport, tools)
    const session = await RawLegacy.open(server.wire)
    for (const taskId of [...badIds, ...strangeIds]) {
      for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel']) {
        const { error } = await session.request(method, { taskId })
        expect(error).toMatchObject({ code: -32_602 })
        expect(error?.message.length).toBeLessThan(300)
      }
    }
    await session.start('never')
  })

  test('2026: answers that are no object of answers are refused, and the question stays open', async () => {
    const server = await serveRaw(transport, (tasks) => {
      tasks.registerTool('asks', {}, async (_args, context) => {
        const requestedSchema = { type: 'object' as const, properties: {} }
        return (await context.elicit({ message: '?', requestedSchema }, { key: 'on' })).action
      })
    })
    const taskId = await server.start('asks')
    await server.asked(taskId)
    expect((await server.update(taskId, undefined)).error).toMatchObject({ code: -32_602 })
    // What is no object is empty by the time that the SDK hands it over.
    for (const answers of [null, 5, 'x', true, []]) await server.update(taskId, answers)
    for (const answer of [
      null,
      5,
      'x',
      [],
      { method: 'x' },
      { result: { action: 'accept' } },
      {},
      { action: 'maybe' },
    ]) {
      const { error } = await server.update(taskId, { on: answer })
      expect(error).toMatchObject({
        code: -32_602,
        message: expect.stringContaining('question on') as string,
      })
    }
    expect(Object.keys(await server.asked(taskId))).toEqual(['on'])
  })

  test('2026: a call with arguments, a name or capabilities of the wrong type is refused, and makes no task', async () => {
    const server = await serveRaw(transport, tools)
    const calls: readonly [string, object][] = [
      ['echo', { params: { arguments: 'text' } }],
      ['echo', { params: { arguments: [1] } }],
      ['echo', { params: { arguments: 5 } }],
      ['nothing', {}],
      ['__proto__', {}],
      ['', {}],
      ['echo', { params: { name: 5 } }],
      ['echo', { capabilities: 'all' }],
      ['echo', { capabilities: [] }],
    ]
    for (const [name, options] of calls) {
      const { error, result } = await server.call(name, {}, options)
      expect((error?.code ?? 0) <= -32_000 || result?.isError === true).toBe(true)
    }
    expect((await server.tasks.list()).tasks).toEqual([])
    if (!isPipe) await expectWell(server)
  })

  test('2025: a ttl of no use counts as none, and one of the wrong type is refused or counts as none', async () => {
    const server = await serveRaw(transport, tools)
    const session = await RawLegacy.open(server.wire)
    for (const ttl of [0, -1, -1e308, 1e308, null, 'x', true, {}, [], 0.5]) {
      const { result, error } = await session.request('tools/call', { name: 'never', task: { ttl } })
      const { task } = (result ?? {}) as { task?: { ttl: number | null } }
      if (task === undefined) expect(error).toMatchObject({ code: -32_602 })
      else expect(Number.isInteger(task.ttl) && (task.ttl ?? 0) > 0).toBe(true)
    }
    for (const task of [5, 'x', null, [], true]) {
      const { result, error } = await session.request('tools/call', { name: 'typed', arguments: { n: 1 }, task })
      expect(error ?? result).toBeDefined()
    }
    await session.start('never')
  })

  test('2025: a cursor that nobody gave, or of the wrong type, is -32602', async () => {
    if (!isPipe) return
    const server = await serveRaw(transport, tools)
    const session = await RawLegacy.open(server.wire)
    for (const cursor of ['x', '', 5, {}, 'e30', 'bnVsbA', '💥']) {
      expect((await session.request('tasks/list', { cursor })).error).toMatchObject({ code: -32_602 })
    }
  })

  test('names that objects have by nature are only names', async () => {
    const server = await serveRaw(transport, tools)
    const args = JSON.parse('{"__proto__":{"polluted":true},"constructor":1,"toString":"x"}') as object
    const taskId = await server.start('echo', args)
    expect(textOf((await server.ended(taskId)).result)).toBe(JSON.stringify(args))
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  test('two requests under one id are two requests', async () => {
    if (isPipe) return
    const server = await serveRaw(transport, tools)
    const replies = await Promise.all([1, 2].map(() => server.call('echo', {}, { id: 'same' })))
    const ids = replies.map(({ result }) => result?.taskId)
    expect(new Set(ids).size).toBe(2)
  })

  test('what is no request at all does not disturb', async () => {
    const server = await serveRaw(transport, tools)
    for (const message of [
      [],
      {},
      5,
      'x',
      null,
      { jsonrpc: '1.0', id: 1, method: 'tasks/get' },
      { jsonrpc: '2.0', id: {} },
    ]) {
      await server.wire.send(message)
    }
    if (transport === 'stdio') await server.wire.send('{"jsonrpc": "2.0", "id": 1, ')
    await expectWell(server)
  })
})

test('HTTP: a request that is no JSON, or says it is none, is refused', async () => {
  const server = await serveRaw('http', tools)
  const post = async (body: string, type: string): Promise<number> => {
    const response = await fetch(server.url, { method: 'POST', body, headers: { 'content-type': type } })
    await response.text()
    return response.status
  }
  expect(await post('{', 'application/json')).toBe(400)
  expect(await post('', 'application/json')).toBe(400)
  expect(await post('{}', 'text/plain')).toBe(415)
  expect(await post('null', 'application/json')).toBe(400)
  for (const method of ['GET', 'DELETE', 'PUT', 'PATCH', 'OPTIONS']) {
    const response = await fetch(server.url, { method })
    await response.text()
    expect(response.status).toBeGreaterThanOrEqual(400)
  }
  await expectWell(server)
})

/** The header that names this task, as clients write what no header can hold. */
function asHeader(taskId: unknown): string | undefined {
  if (typeof taskId !== 'string') return undefined
  if (/^[\x21-\x7e]+$/.test(taskId)) return taskId
  return `=?base64?${Buffer.from(taskId).toString('base64')}?=`
}
