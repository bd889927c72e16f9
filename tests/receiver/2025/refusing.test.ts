/** Which error a request about a task is refused with. */
import { memory } from '@longcall/server'
import { describe, expect, test } from 'vitest'
import { serveMemory, wires } from '../../support/task-tools.ts'

const methods = ['tasks/get', 'tasks/result', 'tasks/cancel'] as const
const unknown = 'ffffffff-ffff-4fff-bfff-ffffffffffff'

describe.each(wires)('on $wire', ({ connect }) => {
  // R68, R72, C122, C172
  test.for(methods)('%s of an unknown task is refused with -32602, which names it', async (method) => {
    const session = await connect()
    const error = { code: -32_602, message: `Task not found: ${unknown}` }
    expect(await session.error(method, { taskId: unknown })).toEqual(error)
  })

  // R68
  test.for(methods)('%s without an id, or with what is none, is refused with -32602', async (method) => {
    const session = await connect()
    for (const params of [undefined, {}, { taskId: 7 }, { taskId: null }, { taskId: ['x'] }]) {
      const { code, message } = await session.error(method, params)
      expect([code, message]).toEqual([-32_602, 'taskId must be a string.'])
    }
  })

  // R49, R51
  test('the id in the params is the one that counts: related-task metadata is ignored', async () => {
    const session = await connect()
    const { taskId } = await session.start([])
    const { taskId: other } = await session.start([{ wait: 'end' }])
    await session.until(taskId, 'completed')
    const _meta = { 'io.modelcontextprotocol/related-task': { taskId: other } }
    expect(await session.result('tasks/get', { taskId, _meta })).toEqual(await session.get(taskId))
    expect(await session.result('tasks/result', { taskId, _meta })).toMatchObject({
      _meta: { 'io.modelcontextprotocol/related-task': { taskId } },
    })
    expect(await session.error('tasks/cancel', { taskId, _meta })).toMatchObject({ code: -32_602 })
    expect(await session.error('tasks/get', { taskId: unknown, _meta })).toMatchObject({ code: -32_602 })
    expect((await session.get(other)).status).toBe('working')
  })

  // R72
  test('arguments that do not fit are refused before there is a task, and the message says what is wrong', async () => {
    const session = await connect()
    const { code, message } = await session.error('tools/call', { name: 'play', arguments: { steps: 7 }, task: {} })
    expect(code).toBe(-32_602)
    expect(message).toMatch(/Invalid arguments for tool play: steps: /)
    expect(await session.noted()).toEqual([])
  })

  // R72
  test('a call of no tool is refused, task or not', async () => {
    const session = await connect()
    const call = { name: 'nothing', arguments: {} }
    expect(await session.error('tools/call', call)).toMatchObject({ code: -32_602 })
    expect(await session.error('tools/call', { ...call, task: {} })).toMatchObject({ code: -32_602 })
  })
})

/** A server whose store can be taken away. */
function serveFragile() {
  const { store, engine } = memory()
  let isAway = false
  const fragile = new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        if (isAway && name !== 'close' && name !== 'watch')
          return Promise.reject(new Error('ECONNREFUSED 10.0.0.7:6379'))
        return Reflect.apply(member, target, args) as unknown
      }
    },
  })
  const troubles: unknown[] = []
  const server = serveMemory({
    backend: { store: fragile, engine },
    onEvent: (event) => {
      if (event.kind === 'trouble') troubles.push(event.error)
    },
  })
  return { ...server, troubles, setAway: (away: boolean) => (isAway = away) }
}

// R70, R72
test('when the store cannot be reached every method is refused with -32603, without telling where the store is', async () => {
  const server = serveFragile()
  const session = await server.connect()
  const { taskId } = await session.start([{ wait: 'end' }])
  await session.settle()
  server.setAway(true)
  const error = { code: -32_603, message: 'Tasks cannot be reached at the moment; try again.' }
  const call = { name: 'play', arguments: { steps: [] }, task: {} }
  expect(await session.error('tools/call', call)).toEqual(error)
  expect(await session.error('tasks/list')).toEqual(error)
  for (const method of methods) expect(await session.error(method, { taskId })).toEqual(error)
  expect(server.troubles.map(String)).toContain('Error: ECONNREFUSED 10.0.0.7:6379')
  server.setAway(false)
  expect((await session.get(taskId)).status).toBe('working')
})

// R70, C179
test('a tasks/result that waits while the store is away is answered, with the result or with -32603', async () => {
  const server = serveFragile()
  const session = await server.connect()
  const { taskId } = await session.start([{ wait: 'end' }])
  const waiting = session.send('tasks/result', { taskId })
  await session.settle()
  server.setAway(true)
  server.doors.open('end')
  await session.settle()
  server.setAway(false)
  const { result, error } = await waiting.answer
  expect(result ?? error).toBeDefined()
  expect(await session.result('tasks/result', { taskId })).toMatchObject({ content: [{ text: 'done' }] })
})
