/** The life of a task, as its status tells it. */
import { ManualClock } from '@longcall/core/testing'
import { describe, expect, test } from 'vitest'
import type { RawSession } from '../../support/raw-session.ts'
import { accepted, pipes, serveMemory, serveTools, wires } from '../../support/task-tools.ts'

/** All that a session was told of a task's status, in order. */
const statuses = (session: RawSession): unknown[] =>
  session.notifications('notifications/tasks/status').map(({ params }) => params!['status'])

describe.each(wires)('on $wire', ({ connect }) => {
  // R32, C107
  test('a task that asks is input_required until it is answered', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ ask: 'name?' }, { wait: 'end' }])
    expect((await session.until(taskId, 'input_required')).status).toBe('input_required')
    session.send('tasks/result', { taskId })
    await session.answer(await session.question(), accepted('Ann'))
    expect((await session.until(taskId, 'working')).status).toBe('working')
    expect(await session.noted()).toEqual(['started'])
  })

  // R35, C116
  test('a task that asks two things waits until both are answered', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ ask: ['a?', 'b?'] }, { wait: 'end' }])
    await session.until(taskId, 'input_required')
    session.send('tasks/result', { taskId })
    const [first, second] = [await session.question(), await session.question()]
    await session.answer(second, accepted('B'))
    await session.settle()
    expect((await session.get(taskId)).status).toBe('input_required')
    await session.answer(first, accepted('A'))
    expect((await session.until(taskId, 'working')).status).toBe('working')
  })

  // R35, C116
  test.for([
    ['is declined', { result: { action: 'decline' } }],
    ['is answered with an error', { error: { code: -32_050, message: 'no person here' } }],
    ['is answered with what does not fit its form', { result: { action: 'accept', content: { name: 7 } } }],
  ] as const)('a task goes on working when its question %s', async ([, answer]) => {
    const session = await connect()
    const { taskId } = await session.start([{ ask: 'name?' }, { wait: 'end' }])
    session.send('tasks/result', { taskId })
    const question = await session.question()
    if ('result' in answer) await session.answer(question, answer.result)
    else await session.refuse(question, answer.error)
    expect((await session.until(taskId, 'working')).status).toBe('working')
  })

  // R29, R44
  test('a task that has ended stays as it ended, and its result can be read again and again', async () => {
    const session = await connect()
    const { taskId } = await session.start([])
    const result = await session.result('tasks/result', { taskId })
    const ended = await session.get(taskId)
    expect(ended.status).toBe('completed')
    expect(await session.error('tasks/cancel', { taskId })).toMatchObject({ code: -32_602 })
    expect(await session.get(taskId)).toEqual(ended)
    expect(await session.result('tasks/result', { taskId })).toEqual(result)
  })
})

describe.each(pipes)('on $wire', ({ connect }) => {
  // R19, R28, C180
  test('each change of status is told, and only changes that the table of moves allows', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ ask: 'a?' }, { wait: 'go on' }, { ask: 'b?' }])
    const result = session.send('tasks/result', { taskId })
    await session.answer(await session.question(), accepted('A'))
    await session.until(taskId, 'working')
    await session.open('go on')
    await session.answer(await session.question(), accepted('B'))
    await result.answer
    await session.told(taskId, 'completed')
    const moves = ['input_required', 'working', 'input_required', 'working', 'completed']
    // Changes that come fast are told as one: what is told is in order, and ends with the end.
    expect(moves.join(' ')).toMatch(new RegExp(statuses(session).join('.*')))
    expect(statuses(session).at(-1)).toBe('completed')
  })

  // R19
  test('a task is known before anything is told of it', async () => {
    const session = await connect()
    for (let round = 0; round < 20; round++) {
      const { taskId } = await session.start([{ say: 'at once' }])
      await session.told(taskId, 'completed')
      const first = session.received.find(({ message }) => JSON.stringify(message).includes(taskId))
      expect(first!.message.result).toHaveProperty('task.status', 'working')
    }
  })

  // R19
  test('a status notification is the whole task', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ say: 'half way' }, { wait: 'end' }])
    const told = await session.told(taskId, 'working')
    expect(told).toEqual(await session.get(taskId))
    expect(told.statusMessage).toBe('half way')
  })

  // C97
  test('a question that its body withdraws leaves the task working, and is not delivered any more', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ ask: 'name?', until: 'enough' }, { wait: 'end' }])
    await session.until(taskId, 'input_required')
    await session.open('enough')
    expect((await session.until(taskId, 'working')).status).toBe('working')
    session.send('tasks/result', { taskId })
    await session.settle()
    expect(session.questions).toEqual([])
  })
})

// R19
test('on HTTP a status comes on the stream of the session, and on no stream of a request', async () => {
  const session = await (await serveTools()).connect()
  await session.listen()
  const { taskId } = await session.start([{ wait: 'end' }])
  const result = session.send('tasks/result', { taskId })
  await session.open('end')
  await session.told(taskId, 'completed')
  await result.answer
  const on = session.received
    .filter(({ message }) => message.method === 'notifications/tasks/status')
    .map((got) => got.on)
  expect(new Set(on)).toEqual(new Set(['GET']))
})

// R19
test('a status is told to the session that read the task last, and to no other', async () => {
  const server = serveMemory()
  const [first, second] = [await server.connect(), await server.connect()]
  const { taskId } = await first.start([{ wait: 'end' }])
  await second.get(taskId)
  await second.settle()
  await second.open('end')
  await second.told(taskId, 'completed')
  await first.settle()
  expect(statuses(first)).toEqual([])
})

// R40
test('a task that ended is forgotten when its ttl is over, and its result with it', async () => {
  const clock = new ManualClock()
  const session = await serveMemory({ clock, limits: { retentionMs: 1_000 } }).connect()
  const { taskId } = await session.start([], { task: { ttl: 60_000 } })
  await session.result('tasks/result', { taskId })
  await clock.advance(59_000)
  expect((await session.get(taskId)).status).toBe('completed')
  await clock.advance(2_000)
  for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel']) {
    expect(await session.error(method, { taskId })).toEqual({ code: -32_602, message: `Task not found: ${taskId}` })
  }
})

// R39, R40
test('a task that is still open outlives its ttl up to the maximum, says so, and is stopped then', async () => {
  const clock = new ManualClock()
  const server = serveMemory({ clock, limits: { maxTtlMs: 100_000 } })
  const session = await server.connect()
  const { taskId } = await session.start([{ wait: 'end' }], { task: { ttl: 60_000 } })
  await clock.advance(80_000)
  const open = await session.get(taskId)
  expect(open.status).toBe('working')
  expect(open.ttl).toBeGreaterThan(80_000)
  await clock.advance(40_000)
  expect(await session.error('tasks/get', { taskId })).toMatchObject({ code: -32_602 })
  expect(server.noted).toEqual(['started', 'aborted'])
})

// R86
test('expired tasks leave the store within a few seconds, without anybody asking for them', async () => {
  const clock = new ManualClock()
  const server = serveMemory({ clock, limits: { retentionMs: 1_000 } })
  const session = await server.connect()
  const { taskId } = await session.start([], { task: { ttl: 60_000 } })
  await session.result('tasks/result', { taskId })
  await clock.advance(70_000)
  expect(await server.tasks.history(taskId)).toEqual([])
})
