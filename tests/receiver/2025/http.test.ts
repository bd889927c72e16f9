/** What Streamable HTTP demands of a server with tasks. */
import type { EventStore } from '@modelcontextprotocol/server'
import { createHandler } from '@longcall/server'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { createTaskTools } from '../../peers/task-tools.mjs'
import { rawHttp } from '../../support/raw-wires.ts'
import { accepted, connected, serveTools } from '../../support/task-tools.ts'

afterEach(() => {
  vi.useRealTimers()
})

// R14, R31
test('tasks/get, tasks/cancel and tasks/list are answered as plain JSON, tasks/result as a stream', async () => {
  const authInfo = { token: 't', clientId: 'c', scopes: [], extra: { iss: 'https://issuer', sub: 'ann' } }
  const session = await (await serveTools({}, { authenticate: () => Promise.resolve(authInfo) })).connect()
  const { taskId } = await session.start([{ wait: 'end' }])
  const result = session.send('tasks/result', { taskId })
  expect(await result.opened).toEqual({ status: 200, contentType: 'text/event-stream' })
  for (const method of ['tasks/get', 'tasks/list', 'tasks/cancel']) {
    const sent = session.send(method, { taskId })
    expect(await sent.opened).toEqual({ status: 200, contentType: 'application/json' })
    expect((await sent.answer).error).toBeUndefined()
  }
  const refused = session.send('tasks/get', { taskId: 'unknown' })
  expect(await refused.opened).toEqual({ status: 200, contentType: 'application/json' })
})

// R13
test('a client that drops tasks/get harms nobody', async () => {
  const session = await (await serveTools({ pollIntervalMs: 60_000 })).connect()
  const { taskId } = await session.start([{ wait: 'end' }])
  await session.get(taskId)
  // Its answer is held back until the interval is over: the client gives up on it.
  const dropped = session.send('tasks/get', { taskId })
  await session.settle()
  await dropped.drop()
  await expect(dropped.opened).rejects.toThrow(/abort/i)
  await session.open('end')
  expect((await session.get(taskId)).status).toBe('completed')
})

// R14
test('a notification and an answer are accepted with 202 and no body', async () => {
  const session = await (await serveTools()).connect()
  const { taskId } = await session.start([{ ask: 'name?' }])
  const result = session.send('tasks/result', { taskId })
  const question = await session.question()
  const accepting = { status: 202, contentType: null }
  expect(await session.notify('notifications/roots/list_changed')).toEqual(accepting)
  expect(await session.answer(question, accepted('Ann'))).toEqual(accepting)
  expect(await session.answer(question, accepted('again'))).toEqual(accepting)
  await result.answer
})

// R14
test('no message is sent on two streams', async () => {
  const session = await (await serveTools()).connect()
  await session.listen()
  const { taskId } = await session.start([{ ask: ['a?', 'b?'] }, { log: 'said' }])
  const waiting = [1, 2, 3].map(() => session.send('tasks/result', { taskId }))
  for (let round = 0; round < 2; round++) await session.answer(await session.question(), accepted('Ann'))
  await Promise.all(waiting.map(({ answer }) => answer))
  await session.told(taskId, 'completed')
  const sent = session.received.map(({ message }) => JSON.stringify(message))
  expect(new Set(sent).size).toBe(sent.length)
})

// R14
test('a stream ends after the answer to its request', async () => {
  const session = await (await serveTools()).connect()
  const { taskId } = await session.start([])
  const result = session.send('tasks/result', { taskId })
  await result.answer
  // Resolves when it was read to its end: nobody cut it off.
  await session.drop(result.id)
  expect(session.received.at(-1)!.message.id).toBe(result.id)
})

// R14
test('a session that was ended is not known any more; its tasks go on, and its questions are asked of others', async () => {
  const server = await serveTools()
  const [first, second] = [await server.connect(), await server.connect()]
  const { taskId } = await first.start([{ ask: 'name?' }])
  first.send('tasks/result', { taskId })
  await first.question()
  const result = second.send('tasks/result', { taskId })
  await second.settle()
  expect(second.questions).toEqual([])
  expect(await first.end()).toMatchObject({ status: 200 })
  expect(await first.notify('notifications/initialized')).toMatchObject({ status: 404 })
  await second.answer(await second.question(), accepted('Ann'))
  expect((await result.answer).result).toMatchObject({ content: [{ text: JSON.stringify([accepted('Ann')]) }] })
})

// R18
test('a long tasks/result is kept alive by comments', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const { tasks, factory } = createTaskTools()
  const handler = createHandler(factory, { tasks })
  onTestFinished(async () => {
    await tasks.close({ graceMs: 0 })
    await handler.close()
  })
  const comments: string[] = []
  const onComment = (comment: string): void => void comments.push(comment)
  const session = await connected(
    rawHttp('http://server/mcp', { fetch: (request) => handler.fetch(request), onComment }),
  )
  const { taskId } = await session.start([{ wait: 'end' }])
  const result = session.send('tasks/result', { taskId })
  await result.opened
  for (let round = 0; round < 4; round++) {
    vi.advanceTimersByTime(15_000)
    await session.settle()
  }
  expect(comments.length).toBeGreaterThanOrEqual(4)
  await session.open('end')
  expect((await result.answer).result).toMatchObject({ content: [{ text: 'done' }] })
})

/** Keeps the events of a session's streams, as the SDK's own example does. */
function keepEvents(): EventStore {
  const events: { id: string; stream: string; message: Parameters<EventStore['storeEvent']>[1] }[] = []
  return {
    storeEvent: (stream, message) => {
      const id = String(events.length)
      events.push({ id, stream, message })
      return Promise.resolve(id)
    },
    getStreamIdForEventId: (id) => Promise.resolve(events[Number(id)]?.stream),
    replayEventsAfter: async (id, { send }) => {
      const { stream } = events[Number(id)]!
      for (const event of events.slice(Number(id) + 1)) {
        const isPriming = Object.keys(event.message).length === 0
        if (event.stream === stream && !isPriming) await send(event.id, event.message)
      }
      return stream
    },
  }
}

// C185
test('a tasks/result whose stream was lost goes on where the client goes on reading it', async () => {
  const session = await (await serveTools({}, { eventStore: keepEvents })).connect()
  const { taskId } = await session.start([{ ask: 'a?' }, { wait: 'go' }, { ask: 'b?' }])
  const result = session.send('tasks/result', { taskId })
  const first = await session.question()
  await result.drop()
  await session.settle()
  await session.answer(first, accepted('A'))
  await session.until(taskId, 'working')
  await session.open('go')
  await session.until(taskId, 'input_required')
  expect(session.questions).toEqual([])
  await session.listen(result.id)
  const second = await session.question()
  expect(second.message.params).toMatchObject({ message: 'b?' })
  await session.answer(second, accepted('B'))
  expect((await result.answer).result).toMatchObject({
    content: [{ text: JSON.stringify([accepted('A'), accepted('B')]) }],
  })
  expect(session.questions).toEqual([])
})

// C117, C185
test('a question on a stream that could go on, and does not, is delivered again to the next tasks/result', async () => {
  const session = await (await serveTools({}, { eventStore: keepEvents })).connect()
  const { taskId } = await session.start([{ ask: 'name?' }])
  const dead = session.send('tasks/result', { taskId })
  await session.question()
  await dead.drop()
  const result = session.send('tasks/result', { taskId })
  await session.answer(await session.question(), accepted('Ann'))
  expect((await result.answer).result).toMatchObject({ content: [{ text: JSON.stringify([accepted('Ann')]) }] })
})
