import { expect, test } from 'vitest'
import { RpcError, type Tasks } from '@longcall/server'
import { serveRaw, withoutTasks } from '../support/raw-modern.ts'
import { textOf } from '../support/modern-views.ts'
import { aborted } from '../support/watched-store.ts'

function tools(tasks: Tasks): void {
  tasks.registerTool('asks', {}, async (_args, context) => {
    const requestedSchema = { type: 'object' as const, properties: { pin: { type: 'string' as const } } }
    const { content } = await context.elicit({ message: 'secret question', requestedSchema }, { key: 'on' })
    return `secret result ${String(content?.['pin'])}`
  })
  tasks.registerTool('never', {}, (_args, { signal }) => aborted(signal))
  tasks.registerTool('leaks', {}, () => Promise.reject(new Error('password is hunter2')))
  tasks.registerTool('means it', {}, () => Promise.reject(new RpcError(-32_001, 'for you to read')))
}

test('the life of a task is told, in order, and nothing of what was said in it', async () => {
  const info = { authInfo: { token: 'secret token', clientId: 'app', scopes: [], extra: { iss: 'i', sub: 'ann' } } }
  const server = await serveRaw('fetch', tools)
  const taskId = await server.start('asks', { card: 'secret argument' }, { info })
  await server.tasks.runtime.until(taskId, (task) => (task?.status === 'input_required' ? true : undefined))
  await server.request('tasks/get', { taskId }, { info })
  await server.update(taskId, { on: { action: 'accept', content: { pin: 'secret answer' } } }, { info })
  await server.ended(taskId, { info })
  const { events } = server
  const kinds = events.map(({ kind }) => kind)
  expect(kinds.filter((kind) => kind !== 'retrieved')).toEqual(['created', 'started', 'asked', 'answered', 'ended'])
  expect(kinds).toContain('retrieved')
  for (const event of events) expect(event).toMatchObject({ taskId, owner: expect.stringContaining('i ann') })
  expect(JSON.stringify(events)).not.toContain('secret')
})

test('a cancelled task is told as such, and so is a listener that throws ignored', async () => {
  const server = await serveRaw('memory', tools, {
    onEvent: () => {
      throw new Error('the log is full')
    },
  })
  const taskId = await server.start('never')
  await server.request('tasks/cancel', { taskId })
  expect(server.events.findLast(({ kind }) => kind === 'ended')).toMatchObject({ taskId, status: 'cancelled' })
})

test('what a tool did not mean for its caller is masked on request; what it did mean is not', async () => {
  const server = await serveRaw('memory', tools, { maskErrors: true })
  const masked = await server.ended(await server.start('leaks'))
  expect(textOf(masked.result)).toBe('Tool leaks failed.')
  expect(JSON.stringify(masked)).not.toContain('hunter2')
  const inline = await server.call('leaks', {}, { capabilities: withoutTasks })
  expect(textOf(inline.result)).toBe('Tool leaks failed.')
  expect(await server.ended(await server.start('means it'))).toMatchObject({ error: { message: 'for you to read' } })
  expect(JSON.stringify(server.events)).not.toContain('hunter2')
})
