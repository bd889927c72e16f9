/** How a task ends, and what tasks/result gives. */
import { describe, expect, test } from 'vitest'
import { serveMemory, wires } from '../../support/task-tools.ts'

const related = (taskId: string): object => ({ 'io.modelcontextprotocol/related-task': { taskId } })

describe.each(wires)('on $wire', ({ connect }) => {
  // R45, C112
  test('tasks/result waits until the task has ended', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ wait: 'end' }])
    const result = session.send('tasks/result', { taskId })
    await session.settle()
    expect(session.untaken(({ id }) => id === result.id)).toEqual([])
    await session.open('end')
    expect((await result.answer).result).toEqual({ content: [{ type: 'text', text: 'done' }], _meta: related(taskId) })
  })

  // R44
  test('tasks/result of a task that has ended answers at once', async () => {
    const session = await connect()
    const { taskId } = await session.start([])
    await session.until(taskId, 'completed')
    expect(await session.result('tasks/result', { taskId })).toMatchObject({ content: [{ text: 'done' }] })
  })

  // R46, R54, C114
  test('tasks/result gives what the call would have been answered with, and names the task beside its own metadata', async () => {
    const session = await connect()
    const result = {
      content: [
        { type: 'text', text: 'seven' },
        { type: 'resource_link', uri: 'file:///seven', name: 'seven' },
      ],
      structuredContent: { n: 7, none: null, deep: [{ ok: true }] },
      _meta: { 'example.com/cost': 3 },
    }
    const steps = [{ return: result }]
    expect(await session.result('tools/call', { name: 'play', arguments: { steps } })).toEqual(result)
    const { taskId } = await session.start(steps)
    const _meta = { ...result._meta, ...related(taskId) }
    expect(await session.result('tasks/result', { taskId })).toEqual({ ...result, _meta })
  })

  // R74, R76, C173
  test('a result with isError makes the task failed, and is still its result', async () => {
    const session = await connect()
    const result = { content: [{ type: 'text', text: 'disk full' }], isError: true }
    const { taskId } = await session.start([{ return: result }])
    expect(await session.result('tasks/result', { taskId })).toEqual({ ...result, _meta: related(taskId) })
    expect(await session.get(taskId)).toMatchObject({ status: 'failed', statusMessage: 'disk full' })
  })

  // R73, C174
  test('a body that throws makes the task failed, and its status message says what was thrown', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ throw: 'disk full' }])
    const result = { content: [{ type: 'text', text: 'disk full' }], isError: true }
    expect(await session.result('tasks/result', { taskId })).toEqual({ ...result, _meta: related(taskId) })
    expect(await session.get(taskId)).toMatchObject({ status: 'failed', statusMessage: 'disk full' })
  })

  // R75, C178
  test('a JSON-RPC error of the body is what tasks/result is answered with: code, message and data', async () => {
    const session = await connect()
    const error = { code: -32_050, message: 'kaboom', data: { where: [1, null] } }
    const { taskId } = await session.start([{ rpc: error }])
    expect(await session.error('tasks/result', { taskId })).toEqual(error)
    expect(await session.error('tools/call', { name: 'play', arguments: { steps: [{ rpc: error }] } })).toEqual(error)
    expect(await session.get(taskId)).toMatchObject({ status: 'failed', statusMessage: 'kaboom' })
  })

  // C115
  test('all of many requests for one result are answered', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ wait: 'end' }])
    const early = Array.from({ length: 10 }, () => session.send('tasks/result', { taskId }))
    const open = session.open('end')
    const late = Array.from({ length: 10 }, () => session.send('tasks/result', { taskId }))
    const answers = await Promise.all([...early, ...late].map(({ answer }) => answer))
    await open
    expect(new Set(answers.map(({ result }) => JSON.stringify(result))).size).toBe(1)
    expect(answers[0]!.result).toMatchObject({ content: [{ text: 'done' }] })
  })

  // R18, C127
  test('a client that drops tasks/result may ask again, and the task goes on', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ wait: 'end' }])
    const dropped = session.send('tasks/result', { taskId })
    await dropped.opened
    await dropped.drop()
    await session.settle()
    expect((await session.get(taskId)).status).toBe('working')
    const again = session.send('tasks/result', { taskId })
    await session.open('end')
    expect((await again.answer).result).toMatchObject({ content: [{ text: 'done' }] })
  })

  // C179
  test('the failure of one task harms no other', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ wait: 'end' }])
    const failed = await session.start([{ throw: 'disk full' }])
    await session.until(failed.taskId, 'failed')
    await session.open('end')
    expect(await session.result('tasks/result', { taskId })).toMatchObject({ content: [{ text: 'done' }] })
  })
})

// C115
test('no change is missed by one of many who wait, however close they come to it', async () => {
  const session = await serveMemory().connect()
  for (let round = 0; round < 50; round++) {
    const { taskId } = await session.start([])
    const answers = await Promise.all([1, 2, 3].map(() => session.result('tasks/result', { taskId })))
    expect(answers).toHaveLength(3)
  }
})

// C179
test('a session that ends harms no other, nor its own tasks', async () => {
  const server = serveMemory()
  const [first, second] = [await server.connect(), await server.connect()]
  const { taskId } = await first.start([{ wait: 'end' }])
  first.send('tasks/result', { taskId })
  const other = second.send('tasks/result', { taskId })
  await first.close()
  await second.open('end')
  expect((await other.answer).result).toMatchObject({ content: [{ text: 'done' }] })
})

// C174
test('with maskErrors what a body throws stays on the server, and its task fails all the same', async () => {
  const session = await serveMemory({ maskErrors: true }).connect()
  const { taskId } = await session.start([{ throw: 'the password is 1234' }])
  const result = await session.result('tasks/result', { taskId })
  expect(result).toMatchObject({ isError: true, content: [{ text: 'Tool play failed.' }] })
  expect((await session.get(taskId)).statusMessage).toBe('Tool play failed.')
})
