/** A call becomes a task: what is answered, and when. */
import { describe, expect, test } from 'vitest'
import { serveMemory, wires } from '../../support/task-tools.ts'

const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe.each(wires)('on $wire', ({ connect }) => {
  // R42, R43
  test('a call that asks for a task is answered with the task at once, while its body works', async () => {
    const session = await connect()
    const task = await session.start([{ wait: 'end' }])
    await session.settle()
    expect(await session.noted()).toEqual(['started'])
    expect((await session.get(task.taskId)).status).toBe('working')
  })

  // R27
  test('a task starts working', async () => {
    const session = await connect()
    expect((await session.start([])).status).toBe('working')
    expect((await session.start([{ throw: 'at once' }])).status).toBe('working')
  })

  // R24, R25, R79
  test('the server makes the id: a random UUID, whatever the client proposes', async () => {
    const session = await connect()
    const task = await session.start([], { task: { taskId: 'mine', ttl: 60_000 } })
    expect(task.taskId).toMatch(uuid)
    expect((await session.error('tasks/get', { taskId: 'mine' })).code).toBe(-32_602)
  })

  // R26
  test('no two tasks have the same id', async () => {
    const session = await connect()
    const tasks = await Promise.all(Array.from({ length: 50 }, () => session.start([])))
    expect(new Set(tasks.map(({ taskId }) => taskId)).size).toBe(50)
  })

  // R36, R37
  test('every answer about a task says in ISO 8601 when it was created and last changed', async () => {
    const session = await connect()
    const created = await session.start([{ wait: 'end' }])
    const got = await session.get(created.taskId)
    const cancelled = await session.result('tasks/cancel', { taskId: created.taskId })
    for (const task of [created, got, cancelled]) {
      expect(task).toMatchObject({
        createdAt: expect.stringMatching(iso) as unknown,
        lastUpdatedAt: expect.stringMatching(iso) as unknown,
      })
    }
    expect(got.createdAt).toBe(created.createdAt)
  })

  // R38, R39
  test('the ttl that a client asks for is granted, and reported again when it asks for the state', async () => {
    const session = await connect()
    const task = await session.start([{ wait: 'end' }], { task: { ttl: 60_000 } })
    expect(task.ttl).toBe(60_000)
    expect((await session.get(task.taskId)).ttl).toBe(60_000)
  })

  // R41
  test('a task says how often it wants to be asked for', async () => {
    const session = await connect()
    const task = await session.start([{ wait: 'end' }])
    expect([task.pollInterval, (await session.get(task.taskId)).pollInterval]).toEqual([20, 20])
    expect((await session.start([], { tool: 'slowly_polled' })).pollInterval).toBe(30_000)
  })

  // R12
  test('what the host may tell its model meanwhile is in the metadata of the created task, and nowhere else', async () => {
    const session = await connect()
    const call = { arguments: { steps: [] }, task: {} }
    const created = await session.result('tools/call', { ...call, name: 'must_play' })
    expect(created['_meta']).toEqual({ 'io.modelcontextprotocol/model-immediate-response': 'It has begun.' })
    const plain = await session.result('tools/call', { ...call, name: 'play' })
    expect(Object.keys(plain)).toEqual(['task'])
  })
})

// R38, R39, R85
test('a ttl above the maximum is cut, and what is reported is what was granted', async () => {
  const session = await serveMemory({ limits: { maxTtlMs: 5_000 } }).connect()
  const task = await session.start([{ wait: 'end' }], { task: { ttl: 60_000 } })
  expect(task.ttl).toBe(5_000)
  expect((await session.get(task.taskId)).ttl).toBe(5_000)
})

// R39
test('without a limit to its life a task reports null', async () => {
  const session = await serveMemory({ limits: { ttlMs: null, maxTtlMs: null } }).connect()
  const task = await session.start([{ wait: 'end' }])
  expect(task.ttl).toBeNull()
  expect((await session.get(task.taskId)).ttl).toBeNull()
})

// R38
test('the ttl and interval that a tool declares hold where the client asks for nothing', async () => {
  const session = await serveMemory().connect()
  const task = await session.start([{ wait: 'end' }], { tool: 'slowly_polled' })
  expect(task).toMatchObject({ ttl: 120_000, pollInterval: 30_000 })
  expect((await session.start([], { tool: 'slowly_polled', task: { ttl: 1_000 } })).ttl).toBe(1_000)
})
