/** Whose a task is, on HTTP: with authentication the principal's, without it whoever's that knows its id. */
import { memory } from '@longcall/server'
import { describe, expect, test } from 'vitest'
import type { RawSession } from '../../support/raw-session.ts'
import { accepted, serveMemory, serveTools, type ServedHttp } from '../../support/task-tools.ts'

const unknown = 'ffffffff-ffff-4fff-bfff-ffffffffffff'
const methods = ['tasks/get', 'tasks/result', 'tasks/cancel'] as const

/** A server that believes what callers say of themselves. */
function serveKnown(): Promise<ServedHttp> {
  const authenticate = (request: Request) => {
    const sub = request.headers.get('x-user')
    return Promise.resolve(
      sub === null
        ? new Response(null, { status: 401 })
        : { token: 't', clientId: 'one-client', scopes: [], extra: { iss: 'https://issuer', sub } },
    )
  }
  return serveTools({}, { authenticate })
}

const as = (user: string): { headers: Record<string, string> } => ({ headers: { 'x-user': user } })

describe('with authentication', () => {
  // R77, C158, C170
  test('a task is its principal’s in every session of theirs, also after a reconnect', async () => {
    const server = await serveKnown()
    const first = await server.connect(as('ann'))
    const { taskId } = await first.start([{ ask: 'name?' }])
    await first.until(taskId, 'input_required')
    await first.close()
    const second = await server.connect(as('ann'))
    expect(await second.result('tasks/list')).toMatchObject({ tasks: [{ taskId }] })
    const result = second.send('tasks/result', { taskId })
    await second.answer(await second.question(), accepted('Ann'))
    expect((await result.answer).result).toMatchObject({ content: [{ text: JSON.stringify([accepted('Ann')]) }] })
  })

  // R81, C159
  test.for(methods)('%s of somebody else’s task is answered like that of no task, and harms it not', async (method) => {
    const server = await serveKnown()
    const [ann, bob] = [await server.connect(as('ann')), await server.connect(as('bob'))]
    const { taskId } = await ann.start([{ wait: 'end' }])
    const error = { code: -32_602, message: `Task not found: ${taskId}` }
    expect(await bob.error(method, { taskId })).toEqual(error)
    expect(await bob.error(method, { taskId: unknown })).toEqual({ ...error, message: `Task not found: ${unknown}` })
    expect((await ann.get(taskId)).status).toBe('working')
  })

  // R82, C160
  test('each lists only their own', async () => {
    const server = await serveKnown()
    const [ann, bob, eve] = [
      await server.connect(as('ann')),
      await server.connect(as('bob')),
      await server.connect(as('eve')),
    ]
    const { taskId: hers } = await ann.start([])
    const { taskId: his } = await bob.start([])
    expect(await ann.result('tasks/list')).toMatchObject({ tasks: [{ taskId: hers }] })
    expect(await bob.result('tasks/list')).toMatchObject({ tasks: [{ taskId: his }] })
    expect(await eve.result('tasks/list')).toEqual({ tasks: [] })
  })

  // C169
  test('an answer from somebody else’s session is not taken', async () => {
    const server = await serveKnown()
    const [ann, bob] = [await server.connect(as('ann')), await server.connect(as('bob'))]
    const { taskId } = await ann.start([{ ask: 'name?' }])
    const result = ann.send('tasks/result', { taskId })
    const question = await ann.question()
    expect(await bob.answer(question, accepted('Bob'))).toMatchObject({ status: 202 })
    await bob.settle()
    expect((await ann.get(taskId)).status).toBe('input_required')
    await ann.answer(question, accepted('Ann'))
    expect((await result.answer).result).toMatchObject({ content: [{ text: JSON.stringify([accepted('Ann')]) }] })
  })

  // R77, R81
  test('somebody else’s session looks like none: it cannot be read, spoken on or ended', async () => {
    const server = await serveKnown()
    let sessionId = ''
    const onResponse = (response: Response): void => {
      sessionId ||= response.headers.get('mcp-session-id') ?? ''
    }
    const ann = await server.connect({ ...as('ann'), onResponse })
    const { taskId } = await ann.start([{ wait: 'end' }])
    const send = (method: string, headers: Record<string, string>, body?: object): Promise<Response> =>
      fetch(server.url, {
        method,
        headers: {
          accept: 'application/json, text/event-stream',
          'content-type': 'application/json',
          'mcp-protocol-version': '2025-11-25',
          'mcp-session-id': sessionId,
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
    const get = { jsonrpc: '2.0', id: 1, method: 'tasks/get', params: { taskId } }
    const refused = [
      await send('POST', { 'x-user': 'bob' }, get),
      await send('GET', { 'x-user': 'bob' }),
      await send('DELETE', { 'x-user': 'bob' }),
    ]
    for (const response of refused) {
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ error: { message: 'Session not found' } })
    }
    expect((await send('POST', {}, get)).status).toBe(401)
    expect((await ann.get(taskId)).status).toBe('working')
  })

  // R77
  test('a token that does not say who it is starts no task', async () => {
    const authInfo = { token: 't', clientId: 'one-client', scopes: [] }
    const server = await serveTools({}, { authenticate: () => Promise.resolve(authInfo) })
    const session = await server.connect()
    const call = { name: 'play', arguments: { steps: [] }, task: {} }
    const { code, message } = await session.error('tools/call', call)
    expect(code).toBe(-32_603)
    expect(message).toContain('principal')
    expect(server.noted).toEqual([])
  })

  // R77
  test('who a principal is may be said by the server', async () => {
    const authInfo = { token: 't', clientId: 'one-client', scopes: [] }
    const tasks = { principal: ({ clientId }: { clientId: string }) => clientId }
    const server = await serveTools(tasks, { authenticate: () => Promise.resolve(authInfo) })
    const session = await server.connect()
    const { taskId } = await session.start([])
    expect(await session.result('tasks/list')).toMatchObject({ tasks: [{ taskId }] })
  })
})

describe('without authentication', () => {
  /** Two sessions of one server, and a task of the first. */
  const two = async (): Promise<[RawSession, RawSession]> => {
    const server = await serveTools()
    return [await server.connect(), await server.connect()]
  }

  // R79, C163, C164
  test('whoever knows the id of a task may use it, from any session', async () => {
    const [first, second] = await two()
    const { taskId } = await first.start([{ wait: 'end' }])
    expect((await second.get(taskId)).status).toBe('working')
    expect(await second.result('tasks/cancel', { taskId })).toMatchObject({ status: 'cancelled' })
  })

  // R80, C163, C164
  test('nothing is ever listed', async () => {
    const [first, second] = await two()
    await first.start([])
    for (const session of [first, second]) {
      expect(await session.error('tasks/list')).toMatchObject({ code: -32_601 })
    }
  })

  // C169
  test('an answer that does not name the task is not taken', async () => {
    const [first, second] = await two()
    const { taskId } = await first.start([{ ask: 'name?' }])
    const result = first.send('tasks/result', { taskId })
    const question = await first.question()
    for (const id of [0, 1, 'question-1', `task-question/${unknown}/question-1/1`]) {
      await second.answer({ ...question, message: { ...question.message, id } }, accepted('Bob'))
    }
    await second.settle()
    await first.answer(question, accepted('Ann'))
    expect((await result.answer).result).toMatchObject({ content: [{ text: JSON.stringify([accepted('Ann')]) }] })
  })
})

// C158, C165
test('everybody at the end of a pipe is one owner', async () => {
  const server = serveMemory()
  const [first, second] = [await server.connect(), await server.connect()]
  const { taskId } = await first.start([{ wait: 'end' }])
  expect(await second.result('tasks/list')).toMatchObject({ tasks: [{ taskId }] })
})

// R60, C165
test('servers that share a store under different names neither list nor find each other’s tasks', async () => {
  const { store } = memory()
  const [one, two] = ['one', 'two'].map((name) => serveMemory({ name, backend: { store, engine: memory().engine } }))
  const [first, second] = [await one!.connect(), await two!.connect()]
  const { taskId } = await first.start([{ wait: 'end' }])
  expect(await second.result('tasks/list')).toEqual({ tasks: [] })
  for (const method of methods) expect(await second.error(method, { taskId })).toMatchObject({ code: -32_602 })
  expect(await first.result('tasks/list')).toMatchObject({ tasks: [{ taskId, status: 'working' }] })
})
