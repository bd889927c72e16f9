/** What a task asks: which request the client gets, and what becomes of its answer. */
import { ManualClock } from '@longcall/core/testing'
import { describe, expect, test } from 'vitest'
import type { RawSession } from '../../support/raw-session.ts'
import { accepted, serveMemory, wires } from '../../support/task-tools.ts'

/** What the body of a task was given for its questions. */
async function answersOf(session: RawSession, taskId: string): Promise<unknown> {
  const { content } = await session.result<{ content: [{ text: string }] }>('tasks/result', { taskId })
  return JSON.parse(content[0].text)
}

describe.each(wires)('on $wire', ({ connect }) => {
  // R33, R48, C100, C106
  test('a question is the request that the body made, and names its task in the metadata', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ ask: 'name?', key: 'who' }])
    session.send('tasks/result', { taskId })
    const { message } = await session.question()
    expect(message).toEqual({
      jsonrpc: '2.0',
      id: expect.any(String) as unknown,
      method: 'elicitation/create',
      params: {
        mode: 'form',
        message: 'name?',
        requestedSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
        _meta: {
          'io.modelcontextprotocol/related-task': { taskId },
          'longcall/question': expect.stringContaining('who') as unknown,
        },
      },
    })
  })

  // C96, C100
  test('a URL to visit, a message for a model and roots are asked for in the same way', async () => {
    const session = await connect()
    const url = 'https://example.com/sign-in'
    const { taskId } = await session.start([{ visit: url }, { sample: 'sum up' }, { roots: true }])
    const result = session.send('tasks/result', { taskId })
    const given = [
      { action: 'accept' },
      { model: 'm', role: 'assistant', content: { type: 'text', text: 'in short' } },
      { roots: [{ uri: 'file:///home' }] },
    ]
    const asked = []
    for (const answer of given) {
      const question = await session.question()
      asked.push(question.message)
      await session.answer(question, answer)
    }
    expect(asked.map(({ method }) => method)).toEqual(['elicitation/create', 'sampling/createMessage', 'roots/list'])
    expect(asked[0]!.params).toMatchObject({ mode: 'url', url, elicitationId: 'e1' })
    for (const { params } of asked) {
      expect(params).toHaveProperty(
        '_meta',
        expect.objectContaining({ 'io.modelcontextprotocol/related-task': { taskId } }),
      )
    }
    await result.answer
    expect(await answersOf(session, taskId)).toEqual(given)
  })

  // C95
  test('the answer reaches the body, which goes on with it', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ ask: 'name?' }])
    const result = session.send('tasks/result', { taskId })
    await session.answer(await session.question(), accepted('Ann'))
    await result.answer
    expect(await answersOf(session, taskId)).toEqual([accepted('Ann')])
  })

  // C109
  test('an error that the client answers with reaches the body: code, message and data', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ ask: 'name?' }])
    const result = session.send('tasks/result', { taskId })
    const error = { code: -32_050, message: 'no person here', data: { since: 1 } }
    await session.refuse(await session.question(), error)
    await result.answer
    expect(await answersOf(session, taskId)).toEqual([{ error }])
  })

  // C108, C111
  test('an answer that nobody waits for is passed over: twice the same, to no question, to a made up one', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ ask: 'a?' }, { ask: 'b?' }])
    const result = session.send('tasks/result', { taskId })
    const first = await session.question()
    await session.answer(first, accepted('A'))
    const second = await session.question()
    await session.answer(first, accepted('again'))
    for (const id of [99, 'question', `task-question/${taskId}/none/1`, 'task-question/%ff/x/1']) {
      await session.answer({ ...first, message: { ...first.message, id } }, accepted('stray'))
    }
    await session.answer(second, accepted('B'))
    await result.answer
    expect(await answersOf(session, taskId)).toEqual([accepted('A'), accepted('B')])
  })

  // C98
  test('a client that did not say that it can be asked is not asked, and the task never waits', async () => {
    const session = await connect({ capabilities: { elicitation: { form: {} } } })
    const { taskId } = await session.start([{ sample: 'sum up' }, { visit: 'https://example.com' }, { roots: true }])
    const refused = (method: string, capability: string): unknown => {
      const message = `The client cannot be asked ${method}: it did not declare the capability ${capability}.`
      return { error: { code: -32_600, message } }
    }
    expect(await answersOf(session, taskId)).toEqual([
      refused('sampling/createMessage', 'sampling'),
      refused('elicitation/create', 'elicitation.url'),
      refused('roots/list', 'roots'),
    ])
    expect(session.questions).toEqual([])
  })

  // R33
  test('a question of a call that is no task comes on the call itself and names no task', async () => {
    const session = await connect()
    const call = session.send('tools/call', { name: 'play', arguments: { steps: [{ ask: 'name?' }] } })
    const question = await session.question()
    expect(question.on).toBe(question.on === 'pipe' ? 'pipe' : call.id)
    expect(question.message.params).not.toHaveProperty('_meta')
    await session.answer(question, accepted('Ann'))
    expect((await call.answer).result).toMatchObject({ content: [{ text: JSON.stringify([accepted('Ann')]) }] })
  })
})

// C110
test('a call and a task that ask at the same time each get their own answer', async () => {
  const session = await serveMemory().connect()
  const call = session.send('tools/call', { name: 'play', arguments: { steps: [{ ask: 'of the call?' }] } })
  const { taskId } = await session.start([{ ask: 'of the task?' }])
  const result = session.send('tasks/result', { taskId })
  const questions = [await session.question(), await session.question()]
  for (const question of questions.toReversed()) {
    await session.answer(question, accepted(String(question.message.params!['message'])))
  }
  const [inline, later] = await Promise.all([call.answer, result.answer])
  expect(inline.result).toMatchObject({ content: [{ text: JSON.stringify([accepted('of the call?')]) }] })
  expect(later.result).toMatchObject({ content: [{ text: JSON.stringify([accepted('of the task?')]) }] })
})

// C91
test('a question that is too large is refused to its body, and the task goes on', async () => {
  const session = await serveMemory({ limits: { maxQuestionBytes: 1_000 } }).connect()
  const { taskId } = await session.start([{ ask: 'x'.repeat(2_000) }, { ask: 'name?' }])
  const result = session.send('tasks/result', { taskId })
  const question = await session.question()
  expect(question.message.params).toMatchObject({ message: 'name?' })
  await session.answer(question, accepted('Ann'))
  await result.answer
  const refused = { error: { message: expect.stringContaining('1000') as unknown } }
  expect(await answersOf(session, taskId)).toEqual([refused, accepted('Ann')])
})

// C118
test('a person may take days to answer', async () => {
  const clock = new ManualClock()
  const session = await serveMemory({ clock }).connect()
  const { taskId } = await session.start([{ ask: 'name?' }])
  const result = session.send('tasks/result', { taskId })
  const question = await session.question()
  for (let day = 0; day < 3; day++) await clock.advance(86_400_000)
  expect((await session.get(taskId)).status).toBe('input_required')
  await session.answer(question, accepted('Ann'))
  expect((await result.answer).result).toMatchObject({ content: [{ text: JSON.stringify([accepted('Ann')]) }] })
})
