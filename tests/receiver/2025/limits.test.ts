/** What one requestor may take, and what an operator is told. */
import { ManualClock } from '@longcall/core/testing'
import type { TaskEvent } from '@longcall/server'
import { expect, test } from 'vitest'
import { accepted, serveMemory, serveTools } from '../../support/task-tools.ts'

const call = { name: 'play', arguments: { steps: [] }, task: {} }

// R72, R84
test('a requestor may have so many open tasks and no more; the refusal says how many', async () => {
  const session = await serveMemory({ limits: { maxOpenPerOwner: 2 } }).connect()
  const { taskId } = await session.start([{ wait: 'end' }])
  await session.start([{ wait: 'end' }])
  const { code, message, data } = await session.error('tools/call', call)
  expect([code, data]).toEqual([-32_603, expect.objectContaining({ maxOpen: 2 })])
  expect(message).toContain('2')
  await session.result('tasks/cancel', { taskId })
  expect(await session.result('tools/call', call)).toHaveProperty('task.status', 'working')
})

// R84
test('without authentication an address has one number of open tasks, however many sessions it opens', async () => {
  const server = await serveTools({ limits: { maxOpenPerOwner: 1 } })
  const [first, second] = [await server.connect(), await server.connect()]
  await first.start([{ wait: 'end' }])
  expect(await first.error('tools/call', call)).toMatchObject({ code: -32_603 })
  expect(await second.error('tools/call', call)).toMatchObject({ code: -32_603 })
})

// R83
test('who polls faster than told is answered late, and at once when there is news', async () => {
  const clock = new ManualClock()
  const session = await serveMemory({ clock, pollIntervalMs: 1_000 }).connect()
  const { taskId } = await session.start([{ wait: 'ask' }, { ask: 'name?' }])
  await session.settle()
  expect((await session.get(taskId)).status).toBe('working')
  const early = session.send('tasks/get', { taskId })
  await session.settle()
  expect(session.untaken(({ id }) => id === early.id)).toEqual([])
  await clock.advance(1_000)
  expect((await early.answer).result).toMatchObject({ status: 'working' })
  const next = session.send('tasks/get', { taskId })
  await session.settle()
  await session.open('ask')
  expect((await next.answer).result).toMatchObject({ status: 'input_required' })
})

// R88, R89, R90
test('an operator hears of creation, questions, retrieval and end, with whose task it was, and counts them', async () => {
  const events: TaskEvent[] = []
  const authInfo = { token: 'secret-token', clientId: 'c', scopes: [], extra: { iss: 'https://issuer', sub: 'ann' } }
  const server = await serveTools(
    { onEvent: (event) => events.push(event) },
    { authenticate: () => Promise.resolve(authInfo) },
  )
  const session = await server.connect()
  const { taskId } = await session.start([{ ask: 'name?' }])
  const result = session.send('tasks/result', { taskId })
  await session.answer(await session.question(), accepted('Ann'))
  await result.answer
  await session.get(taskId)
  expect(events.map(({ kind }) => kind)).toEqual([
    'created',
    'started',
    'asked',
    'answered',
    'ended',
    'retrieved',
    'retrieved',
  ])
  for (const event of events) expect(event).toMatchObject({ taskId, tool: 'play', owner: 'https://issuer ann' })
  expect(JSON.stringify(events)).not.toMatch(/secret-token|Ann/)
  expect(await server.tasks.count()).toMatchObject({ completed: 1, working: 0 })
})
