/** On which stream a question is, and how often. */
import { describe, expect, test } from 'vitest'
import type { RawSession } from '../../support/raw-session.ts'
import { accepted, pipes, serveMemory, serveTools, wires } from '../../support/task-tools.ts'

const asks = 'elicitation/create'

describe.each(wires)('on $wire', ({ wire, connect }) => {
  /** A request for the result that the server has begun to serve. */
  const waitFor = async (session: RawSession, taskId: string) => {
    const sent = session.send('tasks/result', { taskId })
    await sent.opened
    await session.settle()
    return sent
  }

  // C101
  test('a question is not sent before somebody asks for the result', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ ask: 'name?' }])
    await session.until(taskId, 'input_required')
    await session.settle()
    expect(session.questions).toEqual([])
    session.send('tasks/result', { taskId })
    expect((await session.question()).message.params).toMatchObject({ message: 'name?' })
  })

  // C103, C105
  test('questions come on the stream of tasks/result, in the order in which they were asked, before the result', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ ask: ['a?', 'b?', 'c?'] }, { ask: 'd?' }])
    await session.until(taskId, 'input_required')
    const result = await waitFor(session, taskId)
    const asked = []
    for (let round = 0; round < 4; round++) {
      const question = await session.question()
      asked.push(question.message.params!['message'])
      expect(question.on).toBe(wire === 'HTTP' ? result.id : 'pipe')
      await session.answer(question, accepted('Ann'))
    }
    expect(asked).toEqual(['a?', 'b?', 'c?', 'd?'])
    await result.answer
    const last = session.received.findLast(({ message: { id, method } }) => id === result.id || method === asks)
    expect(last!.message.id).toBe(result.id)
  })

  // C104
  test('a question that comes up while tasks/result waits goes out at once', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ wait: 'ask' }, { ask: 'name?' }])
    const result = await waitFor(session, taskId)
    await session.open('ask')
    await session.answer(await session.question(), accepted('Ann'))
    expect((await result.answer).result).toMatchObject({ content: [{ text: JSON.stringify([accepted('Ann')]) }] })
  })

  // C115, C117
  test('of many requests for the result one gets the question, and all get the result', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ ask: 'name?' }])
    const waiting = []
    for (let round = 0; round < 5; round++) waiting.push(await waitFor(session, taskId))
    const question = await session.question()
    expect(session.questions).toEqual([])
    await session.answer(question, accepted('Ann'))
    const answers = await Promise.all(waiting.map(({ answer }) => answer))
    expect(new Set(answers.map(({ result }) => JSON.stringify(result))).size).toBe(1)
  })

  // C117
  test('a question whose stream lives is not sent again, however often the result is asked for', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ ask: 'name?' }])
    await waitFor(session, taskId)
    await session.question()
    for (let round = 0; round < 3; round++) await waitFor(session, taskId)
    expect(session.questions).toEqual([])
  })

  // C117
  test('a question whose stream died is delivered again to the next tasks/result', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ ask: 'name?' }])
    const dead = await waitFor(session, taskId)
    const first = await session.question()
    await dead.drop()
    await session.settle()
    expect(session.questions).toEqual([])
    const result = await waitFor(session, taskId)
    const second = await session.question()
    expect(second.message.params).toEqual(first.message.params)
    await session.answer(second, accepted('Ann'))
    expect((await result.answer).result).toMatchObject({ content: [{ text: JSON.stringify([accepted('Ann')]) }] })
  })

  // C117
  test('a question whose stream died goes to a tasks/result that waits already', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ ask: ['a?', 'b?'] }])
    const dead = await waitFor(session, taskId)
    const asked = [await session.question(), await session.question()]
    const result = await waitFor(session, taskId)
    expect(session.questions).toEqual([])
    await dead.drop()
    const again = [await session.question(), await session.question()]
    expect(again.map(({ message }) => message.params)).toEqual(asked.map(({ message }) => message.params))
    for (const question of again) await session.answer(question, accepted('Ann'))
    expect((await result.answer).result).toMatchObject({ content: [{ type: 'text' }] })
  })

  // C108, C117
  test('an answer to a question whose stream died in between is taken, and it is not asked again', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ ask: 'name?' }, { wait: 'end' }])
    const dead = await waitFor(session, taskId)
    const question = await session.question()
    await dead.drop()
    await session.answer(question, accepted('Ann'))
    await session.until(taskId, 'working')
    const result = await waitFor(session, taskId)
    await session.open('end')
    expect((await result.answer).result).toMatchObject({ content: [{ text: JSON.stringify([accepted('Ann')]) }] })
    expect(session.questions).toEqual([])
  })

  // C88
  test('each task has its own questions', async () => {
    const session = await connect()
    const one = await session.start([{ ask: 'one?' }])
    const two = await session.start([{ ask: 'two?' }])
    await session.until(two.taskId, 'input_required')
    const result = await waitFor(session, one.taskId)
    const question = await session.question()
    expect(question.message.params).toMatchObject({ message: 'one?' })
    await session.answer(question, accepted('Ann'))
    await result.answer
    expect(session.questions).toEqual([])
    expect((await session.get(two.taskId)).status).toBe('input_required')
  })
})

describe.each(pipes)('on $wire', ({ connect }) => {
  // C102, C105
  test('what a body said before it ended goes out before its result', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ wait: 'go' }, { log: 'one' }, { log: 'two' }])
    const result = session.send('tasks/result', { taskId })
    await session.settle()
    await session.open('go')
    await result.answer
    const seen = session.received.map(({ message: { id, params } }) => (id === result.id ? 'result' : params?.['data']))
    expect(seen.filter((each) => each !== undefined)).toEqual(['one', 'two', 'result'])
  })
})

// C105
test('a question that its task has left behind is withdrawn, and only the result comes', async () => {
  const { tasks, connect } = serveMemory()
  tasks.registerTool('hasty', {}, async (_args, ctx) => {
    const form = { message: 'name?', requestedSchema: { type: 'object' as const, properties: {} } }
    await Promise.race([ctx.elicit(form).catch(() => {}), ctx.step('asked', () => null)])
    return 'could not wait'
  })
  const session = await connect()
  const { task } = await session.result<{ task: { taskId: string } }>('tools/call', { name: 'hasty', task: {} })
  const { taskId } = task
  await session.until(taskId, 'completed')
  expect(await session.result('tasks/result', { taskId })).toMatchObject({ content: [{ text: 'could not wait' }] })
  await session.settle()
  expect(session.questions).toEqual([])
})

// C117
test('a question that a session takes with it when it ends goes to the next one', async () => {
  const server = serveMemory()
  const [first, second] = [await server.connect(), await server.connect()]
  const { taskId } = await first.start([{ ask: 'name?' }])
  first.send('tasks/result', { taskId })
  await first.question()
  const result = second.send('tasks/result', { taskId })
  await second.settle()
  expect(second.questions).toEqual([])
  await first.close()
  await second.answer(await second.question(), accepted('Ann'))
  expect((await result.answer).result).toMatchObject({ content: [{ text: JSON.stringify([accepted('Ann')]) }] })
})

// C117
test('a question that an HTTP session takes with it when it is ended goes to the next one', async () => {
  const server = await serveTools()
  const [first, second] = [await server.connect(), await server.connect()]
  const { taskId } = await first.start([{ ask: 'name?' }])
  first.send('tasks/result', { taskId })
  const { on } = await first.question()
  const result = second.send('tasks/result', { taskId })
  await second.settle()
  expect(second.questions).toEqual([])
  await first.drop(on)
  await second.answer(await second.question(), accepted('Ann'))
  expect((await result.answer).result).toMatchObject({ content: [{ text: JSON.stringify([accepted('Ann')]) }] })
})

test('a client that vanishes in the middle of a question harms nobody, and another picks the question up', async () => {
  const server = await serveTools()
  const [vanished, other] = [await server.connect(), await server.connect()]
  const { taskId } = await vanished.start([{ ask: 'name?' }])
  vanished.send('tasks/result', { taskId })
  await vanished.question()
  await vanished.close()
  expect((await other.get(taskId)).status).toBe('input_required')
  const result = other.send('tasks/result', { taskId })
  await other.answer(await other.question(), accepted('Ann'))
  expect((await result.answer).result).toMatchObject({ content: [{ text: JSON.stringify([accepted('Ann')]) }] })
  const { taskId: next } = await other.start([])
  expect((await other.until(next, 'completed')).status).toBe('completed')
})
