import { describe, expect, test } from 'vitest'
import {
  RpcError,
  TaskCancelledError,
  TaskFailedError,
  ToolError,
  WaitTimeoutError,
  type TaskReference,
} from '@longcall/client'
import { beyondTools, kinds, serveWire } from '../../support/fastmcp-wire.ts'
import { expectSoon } from '../../support/answering.ts'
import { ScriptedServer, silence, wireCreated, wireTask } from '../../support/scripted-server.ts'

const transports = (['memory', 'http'] as const).flatMap((transport) => kinds.map((kind) => ({ transport, ...kind })))

describe.each(transports)('a $kind as a task, over $transport', ({ transport, method, subject, plain, asTask }) => {
  test('gives what the plain call gives', async () => {
    const { connect, wishes } = await serveWire(transport)
    const client = await connect()
    const task = await asTask(client, subject.good)
    expect(task).toMatchObject({ method, returnedImmediately: false, id: 'task-1' })
    expect(await task.result()).toEqual(await plain(client, subject.good))
    expect(wishes(method)).toEqual([{ ttl: 86_400_000 }, undefined])
  })

  test('tells its status, is waited for, and has updates to its end', async () => {
    const { connect } = await serveWire(transport)
    const client = await connect()
    const task = await asTask(client, subject.good, { task: { ttlMs: 5000 } })
    expect(await task.status()).toMatchObject({ status: 'working', ttlMs: 5000, statusMessage: 'half way' })
    const seen: string[] = []
    for await (const { status } of task.updates()) if (seen.at(-1) !== status) seen.push(status)
    expect(seen).toEqual(['working', 'completed'])
    expect(await task.wait()).toMatchObject({ status: 'completed' })
  })

  test('that fails is an error which names it and says why', async () => {
    const { connect } = await serveWire(transport)
    const client = await connect()
    const task = await asTask(client, subject.bad)
    const error = await task.result().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(method === 'tools/call' ? ToolError : TaskFailedError)
    expect((error as Error).message).toContain(subject.bad)
    expect((error as Error).message).toContain('disk full: 42 bytes left')
  })

  test('is cancelled, and then says so, by its name', async () => {
    const { connect } = await serveWire(transport)
    const client = await connect()
    const task = await asTask(client, subject.endless)
    const result = task.result()
    result.catch(() => {})
    expect(await task.cancel()).toMatchObject({ status: 'cancelled' })
    await expect(result).rejects.toBeInstanceOf(TaskCancelledError)
    await expect(result).rejects.toThrow(subject.endless)
  })

  test('is waited for no longer than the limit, and runs on', async () => {
    const { connect } = await serveWire(transport)
    const client = await connect()
    const task = await asTask(client, subject.endless, { timeoutMs: 50 })
    const error = await task.result().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(WaitTimeoutError)
    expect((error as WaitTimeoutError).reference).toMatchObject({ operation: { method } })
    expect(await task.status()).toMatchObject({ status: 'working' })
  })

  test('hears of progress, and is asked for in a version and with metadata', async () => {
    const { connect, peer } = await serveWire(transport)
    const client = await connect()
    const heard: (string | undefined)[] = []
    const task = await asTask(client, subject.good, {
      version: '2',
      meta: { trace: 'a' },
      onProgress: ({ message }) => void heard.push(message),
    })
    expect(JSON.stringify(await task.result())).toContain('version 2')
    expect(heard).toContain('half way')
    const request = peer.received.find((message) => message.method === method)
    expect(request?.params).toMatchObject({ _meta: { trace: 'a', fastmcp: { version: '2' } } })
  })

  test('that the server answers at once returned immediately, and every method works', async () => {
    const { connect } = await serveWire(transport, { answersAtOnce: true })
    const client = await connect()
    const task = await asTask(client, subject.good)
    expect(task.returnedImmediately).toBe(true)
    expect(await task.status()).toMatchObject({ status: 'completed' })
    expect(await task.cancel()).toMatchObject({ status: 'completed' })
    expect(await task.result()).toEqual(await plain(client, subject.good))
    const same = client.tasks.resume(JSON.parse(JSON.stringify(task)) as TaskReference)
    expect(same.method).toBe(method)
    expect(await same.result()).toEqual(await task.result())
  })

  test('is created also by the older acknowledgement, whose first poll tells the rest', async () => {
    const { connect } = await serveWire(transport, { acknowledges: 'meta' })
    const client = await connect()
    const task = await asTask(client, subject.good, { task: { ttlMs: 5000 } })
    expect(task).toMatchObject({ id: 'task-1', returnedImmediately: false, latest: { status: 'working' } })
    expect(await task.status()).toMatchObject({ createdAt: '2026-01-01T00:00:00.000Z', ttlMs: 5000 })
    expect(await task.result()).toEqual(await plain(client, subject.good))
  })

  test('is no task where none was asked for, whatever the metadata of the result says', async () => {
    const { connect, peer } = await serveWire(transport, { acknowledges: 'unasked' })
    const client = await connect()
    expect(JSON.stringify(await plain(client, subject.good))).toContain('version 1')
    expect(peer.received.map((message) => message.method)).not.toContain('tasks/get')
  })
})

describe.each(kinds)('a $kind as a task', ({ method, subject, plain, asTask }) => {
  test('is picked up by its reference, in another client', async () => {
    const { connect } = await serveWire('http')
    const first = await connect()
    const reference = JSON.stringify(await asTask(first, subject.good))
    const expected = await plain(first, subject.good)
    await first.close()
    const second = await connect()
    const task = second.tasks.resume(JSON.parse(reference) as TaskReference)
    expect(task).toMatchObject({ method, id: 'task-1', returnedImmediately: false })
    expect(await task.result()).toEqual(expected)
    expect(JSON.parse(JSON.stringify(task))).toMatchObject({ operation: { method } })
  })

  test('gives its result by its id, in the client that made it and in one that knows only the id', async () => {
    const { connect } = await serveWire('http')
    const client = await connect()
    const { id } = await asTask(client, subject.good)
    const expected = await plain(client, subject.good)
    expect(await client.tasks.result(id)).toEqual(expected)
    expect(await client.tasks.get(id)).toMatchObject({ status: 'completed' })
    const byId: unknown = await (await connect()).tasks.result(id)
    expect(JSON.stringify(byId)).toContain(`${subject.good} for`)
    expect(Object.keys(byId as object)).toEqual(Object.keys(expected as object))
  })

  test('is woken by a push, and does not wait for its poll', async () => {
    const { connect, peer } = await serveWire('memory')
    const client = await connect()
    const task = await asTask(client, subject.endless)
    const ended = task.wait()
    const times = { createdAt: '2026-01-01T00:00:00Z', lastUpdatedAt: '2026-01-01T00:00:01Z' }
    const params = { taskId: task.id, status: 'completed', ...times, ttl: null }
    peer.push({ jsonrpc: '2.0', method: 'notifications/tasks/status', params })
    expect(await ended).toMatchObject({ status: 'completed' })
  })
})

describe.each(beyondTools)('a $kind', ({ method, subject, plain, asTask }) => {
  test('of a server that does not declare it is asked for without a task', async () => {
    const { connect, wishes } = await serveWire('memory', { declares: false })
    const client = await connect()
    const task = await asTask(client, subject.good)
    expect(task.returnedImmediately).toBe(true)
    expect(task.latest).toMatchObject({ status: 'completed' })
    expect(await task.result()).toEqual(await plain(client, subject.good))
    expect(wishes(method)).toEqual([undefined, undefined])
  })

  test('that forbids tasks is asked for once more, without one', async () => {
    const { connect, wishes } = await serveWire('memory')
    const client = await connect()
    const task = await asTask(client, subject.plain)
    expect(task.returnedImmediately).toBe(true)
    expect(await task.result()).toEqual(await plain(client, subject.plain))
    expect(wishes(method)).toEqual([{ ttl: 86_400_000 }, undefined, undefined])
  })

  test('that must be a task refuses a plain call with an error of the protocol', async () => {
    const { connect } = await serveWire('memory')
    const client = await connect()
    await expect(plain(client, subject.must)).rejects.toMatchObject({ rpcCode: -32_601 })
    expect(JSON.stringify(await (await asTask(client, subject.must)).result())).toContain('version 1')
  })

  test('that fails before it is a task rejects with an error of the protocol', async () => {
    const { connect } = await serveWire('memory', { answersAtOnce: true })
    const client = await connect()
    const error = await asTask(client, subject.bad).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(RpcError)
    expect((error as RpcError).message).toContain(subject.bad)
  })

  test('loses the nulls of its result', async () => {
    const { connect } = await serveWire('memory', { nulls: true })
    const client = await connect()
    const task = await asTask(client, subject.good)
    expect(await task.result()).toEqual(await plain(client, subject.good))
  })

  test('is not asked for when nobody waits any more', async () => {
    const { connect, wishes } = await serveWire('memory')
    const client = await connect()
    const signal = AbortSignal.abort(new Error('no time'))
    await expect(asTask(client, subject.good, { signal })).rejects.toMatchObject({ failure: { kind: 'aborted' } })
    expect(wishes(method)).toEqual([])
  })

  test('whose time to live is no time is not asked for', async () => {
    const { connect, wishes } = await serveWire('memory')
    const client = await connect()
    await expect(asTask(client, subject.good, { task: { ttlMs: 0 } })).rejects.toMatchObject({ code: 'invalid_option' })
    expect(wishes(method)).toEqual([])
  })
})

describe.each(beyondTools)('a $kind that is to be a task, and is not answered', ({ method, subject, asTask }) => {
  const capabilities = { tasks: { requests: { prompts: { get: {} }, resources: { read: {} } } } }
  const serverInfo = { name: 'scripted', version: '1.0.0' }

  test('is given up at the limit, and its task cancelled, should it still come', async () => {
    const server = new ScriptedServer('2025-11-25', {
      initialize: () => ({ protocolVersion: '2025-11-25', capabilities, serverInfo }),
      [method]: () => silence,
      'tasks/cancel': () => wireTask('2025-11-25', 'cancelled'),
    })
    const client = await server.connect({ requestTimeoutMs: 50 })
    await expect(asTask(client, subject.good)).rejects.toMatchObject({ failure: { kind: 'timeout', timeoutMs: 50 } })
    const [request] = server.requests(method)
    expect(request?.params['task']).toEqual({ ttl: 86_400_000 })
    expect(server.requests('notifications/cancelled')).toEqual([])
    server.answer(request!.id, wireCreated('2025-11-25'))
    await expectSoon(() => server.requests('tasks/cancel').map(({ params }) => params['taskId'])).toEqual(['t1'])
  })
})

describe('the contents of a resource', () => {
  const contentsOf = async (transport: 'memory' | 'http', contents: 'list' | 'single'): Promise<unknown> => {
    const client = await (await serveWire(transport, { contents })).connect()
    return (await client.readResource('report://cities/Rome', { task: true })).result()
  }
  const expected = [
    { uri: 'report://cities/Rome', mimeType: 'text/plain', text: 'report://cities/Rome for nobody, version 1' },
  ]

  test.each(['list', 'single'] as const)('are read where they come bare, as a %s', async (contents) => {
    expect(await contentsOf('memory', contents)).toEqual(expected)
  })

  test('are read where one comes alone, over HTTP, too', async () => {
    expect(await contentsOf('http', 'single')).toEqual(expected)
  })
})

describe('on 2026-07-28', () => {
  const message = { role: 'user', content: { type: 'text', text: 'hello' } }
  const answers = {
    'prompts/get': () => ({ messages: [message] }),
    'resources/read': ({ uri }: Record<string, unknown>) => ({ contents: [{ uri, text: 'sunny' }], ttlMs: 0 }),
  }

  test.each(beyondTools)('a $kind is asked for without a task, and returned immediately', async (kind) => {
    const server = new ScriptedServer('2026-07-28', answers)
    const client = await server.connect()
    const task = await kind.asTask(client, kind.subject.good)
    expect(task).toMatchObject({ method: kind.method, returnedImmediately: true })
    expect(await task.result()).toEqual(await kind.plain(client, kind.subject.good))
    expect(server.requests(kind.method).map(({ params }) => params['task'])).toEqual([undefined, undefined])
  })
})
