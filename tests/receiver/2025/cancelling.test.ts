/** What tasks/cancel does, and what does not cancel a task. */
import { describe, expect, test } from 'vitest'
import { accepted, serveMemory, wires } from '../../support/task-tools.ts'

const terminal = [
  ['completed', []],
  ['failed', [{ throw: 'disk full' }]],
] as const

describe.each(wires)('on $wire', ({ connect }) => {
  // R63, C119, C123
  test('a working task is cancelled when its cancellation is answered, with the whole task', async () => {
    const session = await connect()
    const created = await session.start([{ wait: 'end' }], { task: { ttl: 60_000 } })
    const { taskId } = created
    const cancelled = await session.result('tasks/cancel', { taskId })
    expect(cancelled).toMatchObject({ taskId, status: 'cancelled', createdAt: created.createdAt, pollInterval: 20 })
    expect(Object.keys(cancelled)).toEqual(expect.arrayContaining(['lastUpdatedAt', 'ttl', 'statusMessage']))
    expect(await session.get(taskId)).toEqual(cancelled)
  })

  // R62, C128
  test('the body is stopped before the cancellation is answered', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ wait: 'end' }])
    await session.settle()
    await session.result('tasks/cancel', { taskId })
    expect(await session.noted()).toEqual(['started', 'aborted'])
  })

  // R62, C120, C125, C128
  test('a body in the middle of a delivered question is stopped before the cancellation is answered', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ ask: 'name?' }])
    session.send('tasks/result', { taskId })
    await session.question()
    expect(await session.result('tasks/cancel', { taskId })).toMatchObject({ status: 'cancelled' })
    expect(await session.noted()).toEqual(['started', 'aborted'])
  })

  // C124
  test('what a cancelled task asked and nobody got is never delivered', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ ask: ['a?', 'b?'] }])
    await session.until(taskId, 'input_required')
    await session.result('tasks/cancel', { taskId })
    await session.error('tasks/result', { taskId })
    await session.settle()
    expect(session.questions).toEqual([])
  })

  // R64, C129
  test.for([
    ['completes', []],
    ['fails', [{ throw: 'disk full' }]],
    ['asks', [{ ask: 'name?' }]],
  ] as const)('a task stays cancelled when its body, which does not listen, %s later', async ([, steps]) => {
    const session = await connect()
    const { taskId } = await session.start([{ wait: 'end', deaf: true }, ...steps])
    await session.settle()
    const cancelled = await session.result('tasks/cancel', { taskId })
    await session.open('end')
    await session.settle()
    expect(await session.get(taskId)).toEqual(cancelled)
    expect(await session.error('tasks/result', { taskId })).toMatchObject({ code: -32_602 })
    expect(session.questions).toEqual([])
  })

  // R64
  test('an answer to a question of a cancelled task changes nothing', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ ask: 'name?' }])
    session.send('tasks/result', { taskId })
    const question = await session.question()
    const cancelled = await session.result('tasks/cancel', { taskId })
    await session.answer(question, accepted('Ann'))
    await session.settle()
    expect(await session.get(taskId)).toEqual(cancelled)
  })

  // R61, C121
  test.for(terminal)('a task that is %s cannot be cancelled: -32602 names its status', async ([status, steps]) => {
    const session = await connect()
    const { taskId } = await session.start(steps)
    await session.until(taskId, status)
    const message = `Cannot cancel task in terminal state '${status}'`
    expect(await session.error('tasks/cancel', { taskId })).toEqual({ code: -32_602, message })
  })

  // R61, C121
  test('a cancelled task cannot be cancelled again', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ wait: 'end' }])
    await session.result('tasks/cancel', { taskId })
    const message = "Cannot cancel task in terminal state 'cancelled'"
    expect(await session.error('tasks/cancel', { taskId })).toEqual({ code: -32_602, message })
  })

  // C130
  test('a tasks/result that waits ends with -32602 when its task is cancelled, and so does a later one', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ wait: 'end' }])
    const waiting = session.send('tasks/result', { taskId })
    await session.settle()
    await session.result('tasks/cancel', { taskId })
    const error = { code: -32_602, message: `Task ${taskId} was cancelled: it has no result.` }
    expect((await waiting.answer).error).toEqual(error)
    expect(await session.error('tasks/result', { taskId })).toEqual(error)
  })

  // C126
  test('notifications/cancelled of the call that became a task does not cancel the task', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ wait: 'end' }])
    const requestId = [...session.requests].find(([, { method }]) => method === 'tools/call')![0]
    await session.notify('notifications/cancelled', { requestId })
    await session.settle()
    await session.open('end')
    expect(await session.result('tasks/result', { taskId })).toMatchObject({ content: [{ text: 'done' }] })
    expect(await session.noted()).toEqual(['started', 'ended'])
  })

  // C127
  test('notifications/cancelled of tasks/result does not cancel the task', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ wait: 'end' }])
    const waiting = session.send('tasks/result', { taskId })
    await waiting.opened
    await session.notify('notifications/cancelled', { requestId: waiting.id })
    await session.settle()
    await session.open('end')
    expect(await session.result('tasks/result', { taskId })).toMatchObject({ content: [{ text: 'done' }] })
  })

  // C127
  test('a call that is no task is stopped by notifications/cancelled, and the tasks go on', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ wait: 'end' }])
    const call = session.send('tools/call', { name: 'play', arguments: { steps: [{ wait: 'end' }] } })
    await call.opened
    await session.settle()
    await session.notify('notifications/cancelled', { requestId: call.id })
    await session.settle()
    expect(await session.noted()).toEqual(['started', 'started', 'aborted'])
    expect((await session.get(taskId)).status).toBe('working')
  })

  // R65
  test('a cancelled task can still be read', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ wait: 'end' }])
    await session.result('tasks/cancel', { taskId })
    expect((await session.get(taskId)).status).toBe('cancelled')
  })
})

// R62, R63, C128
test('when the answer to tasks/cancel is on the wire, the signal of the body has aborted and the status is stored', async () => {
  const server = serveMemory()
  const session = await server.connect()
  const { taskId } = await session.start([{ ask: 'name?' }])
  session.send('tasks/result', { taskId })
  await session.question()
  const seen: unknown[] = []
  const push = session.received.push.bind(session.received)
  // The very moment of its arrival: nothing can happen in between.
  session.received.push = (received) => {
    if (received.message.result?.['status'] === 'cancelled') seen.push([...server.noted])
    return push(received)
  }
  await session.result('tasks/cancel', { taskId })
  expect(seen).toEqual([['started', 'aborted']])
})

// C129
test('what comes too late is dropped, and said to be late', async () => {
  const events: string[] = []
  const session = await serveMemory({ onEvent: ({ kind }) => events.push(kind) }).connect()
  const { taskId } = await session.start([{ wait: 'end', deaf: true }])
  await session.settle()
  await session.result('tasks/cancel', { taskId })
  await session.open('end')
  await session.settle()
  expect(events.filter((kind) => kind !== 'retrieved')).toEqual(['created', 'started', 'ended', 'late'])
})
