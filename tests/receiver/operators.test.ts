import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { Client } from '@longcall/client'
import { ManualClock } from '@longcall/core/testing'
import { createTasks, workElsewhere, type Tasks } from '@longcall/server'
import { serveRaw } from '../support/raw-modern.ts'
import { aborted } from '../support/watched-store.ts'

function tools(tasks: Tasks): void {
  tasks.registerTool('add', { inputSchema: z.object({ a: z.number(), b: z.number().default(1) }) }, ({ a, b }) =>
    String(a + b),
  )
  tasks.registerTool('never', {}, (_args, { signal }) => aborted(signal))
  tasks.registerTool('elsewhere', { task: 'required' }, () => workElsewhere)
  tasks.registerTool('asks', {}, async (_args, context) => {
    const requestedSchema = { type: 'object' as const, properties: { n: { type: 'number' as const } }, required: ['n'] }
    const { content } = await context.elicit({ message: 'n?', requestedSchema }, { key: 'n' })
    return `n is ${String(content?.['n'])}`
  })
}

/** Tasks without any client. */
function operated(): Tasks {
  const tasks = createTasks()
  tools(tasks)
  onTestFinished(() => tasks.close({ graceMs: 0 }))
  return tasks
}

/** Waits, on the store's own word, until a task is so. */
function until(tasks: Tasks, id: string, status: string): Promise<true> {
  return tasks.runtime.until(id, (task) => (task?.status === status ? true : undefined))
}

test('a task is started without a client, and its end is read without one', async () => {
  const tasks = operated()
  const started = await tasks.start('add', { a: 2 }, { owner: 'cron' })
  expect(started).toMatchObject({ status: 'working', tool: 'add', owner: 'cron', questions: [] })
  await until(tasks, started.id, 'completed')
  expect(await tasks.get(started.id)).toMatchObject({
    status: 'completed',
    attempt: 1,
    outcome: { kind: 'result', result: { content: [{ text: '3' }] } },
  })
})

test('a task is not started with arguments that do not fit, or for a tool that there is not', async () => {
  const tasks = operated()
  await expect(tasks.start('add', { a: 'one' })).rejects.toMatchObject({ rpcError: { code: -32_602 } })
  await expect(tasks.start('nothing', {})).rejects.toThrow('There is no task tool "nothing".')
  expect((await tasks.list()).tasks).toEqual([])
})

test('with an id of its own, a task is started once', async () => {
  const tasks = operated()
  await tasks.start('never', {}, { id: 'nightly' })
  await expect(tasks.start('never', {}, { id: 'nightly' })).rejects.toMatchObject({ code: 'task_exists' })
  expect(await tasks.count()).toMatchObject({ working: 1 })
})

test('with an owner, only theirs are found', async () => {
  const tasks = operated()
  const { id } = await tasks.start('never', {}, { owner: 'ann' })
  expect(await tasks.get(id, { owner: 'bob' })).toBeUndefined()
  expect(await tasks.get(id, { owner: 'ann' })).toMatchObject({ id })
  await expect(tasks.cancel(id, { owner: 'bob' })).rejects.toMatchObject({ rpcError: { code: -32_602 } })
  await expect(tasks.complete(id, 'mine', { owner: 'bob' })).rejects.toMatchObject({ rpcError: { code: -32_602 } })
  await expect(tasks.answer(id, {}, { owner: 'bob' })).rejects.toMatchObject({ rpcError: { code: -32_602 } })
})

test('lists are filtered and paged, and counted by status', async () => {
  const tasks = operated()
  const names = ['ann', 'bob', 'ann', 'ann'] as const
  const ids: string[] = []
  for (const owner of names) ids.push((await tasks.start('never', {}, { owner })).id)
  await tasks.cancel(ids[3] ?? '')
  const first = await tasks.list({ owner: 'ann', limit: 2 })
  const second = await tasks.list({ owner: 'ann', limit: 2, cursor: first.nextCursor ?? '' })
  expect([...first.tasks, ...second.tasks].map(({ id }) => id)).toEqual([ids[3], ids[2], ids[0]])
  expect(second.nextCursor).toBeUndefined()
  expect((await tasks.list({ status: 'cancelled' })).tasks.map(({ id }) => id)).toEqual([ids[3]])
  expect((await tasks.list({ status: ['working', 'cancelled'], tool: 'never' })).tasks).toHaveLength(4)
  expect((await tasks.list({ tool: 'add' })).tasks).toEqual([])
  expect(await tasks.count({ owner: 'ann' })).toEqual({
    working: 2,
    input_required: 0,
    completed: 0,
    failed: 0,
    cancelled: 1,
  })
  await expect(tasks.list({ owner: 'bob', limit: 2, cursor: first.nextCursor ?? '' })).rejects.toThrow(/cursor/i)
})

test('cancelling aborts the body before it resolves, and says why; once is enough', async () => {
  const tasks = operated()
  const { id } = await tasks.start('never', {})
  const view = await tasks.cancel(id, { statusMessage: 'maintenance' })
  expect(view).toMatchObject({ status: 'cancelled', statusMessage: 'maintenance' })
  await expect(tasks.cancel(id)).rejects.toThrow(/has ended already: it is cancelled/)
  await expect(tasks.cancel('unknown')).rejects.toThrow('Task not found: unknown')
})

test('the history says what happened, in order', async () => {
  const server = await serveRaw('memory', tools)
  const { tasks } = server
  const id = await server.start('asks')
  await until(tasks, id, 'input_required')
  await tasks.answer(id, { n: { action: 'accept', content: { n: 7 } } })
  await until(tasks, id, 'completed')
  expect((await tasks.history(id)).map(({ event }) => event)).toEqual([
    'created',
    'claimed',
    'asked',
    'answered',
    'completed',
  ])
})

test('an operator answers in the place of the client, as it would have to', async () => {
  const server = await serveRaw('memory', tools)
  const { tasks } = server
  const id = await server.start('asks')
  await until(tasks, id, 'input_required')
  const wrong = tasks.answer(id, { n: { action: 'accept', content: { n: 'seven' } } })
  await expect(wrong).rejects.toMatchObject({ rpcError: { code: -32_602 } })
  expect(await tasks.get(id)).toMatchObject({ questions: [{ key: 'n' }] })
  await tasks.answer(id, { n: { action: 'accept', content: { n: 7 } } })
  await until(tasks, id, 'completed')
  expect(await tasks.get(id)).toMatchObject({ outcome: { result: { content: [{ text: 'n is 7' }] } } })
})

test('work that goes on elsewhere is asked for, completed or failed from outside, once', async () => {
  const tasks = operated()
  const [a, b] = [await tasks.start('elsewhere', {}), await tasks.start('elsewhere', {})]
  expect(await tasks.complete(a.id, 'done outside')).toMatchObject({
    status: 'completed',
    outcome: { result: { content: [{ text: 'done outside' }] } },
  })
  const error = { code: -32_050, message: 'no paper', data: { tray: 2 } }
  expect(await tasks.fail(b.id, error)).toMatchObject({
    status: 'failed',
    statusMessage: 'no paper',
    outcome: { error },
  })
  await expect(tasks.complete(b.id, 'late')).rejects.toThrow(/has ended already: it is failed/)
  await expect(tasks.fail('unknown', error)).rejects.toThrow('Task not found: unknown')
})

test('a question asked from outside is the same question when it is asked again', async () => {
  const question = {
    key: 'colour',
    method: 'elicitation/create',
    params: { mode: 'form', message: 'Which?', requestedSchema: { type: 'object', properties: {} } },
  } as const
  const server = await serveRaw('memory', tools)
  const taskId = await server.start('elsewhere')
  const asked = [server.tasks.ask(taskId, question), server.tasks.ask(taskId, question)]
  expect(Object.keys(await server.asked(taskId))).toEqual(['colour'])
  await server.update(taskId, { colour: { action: 'decline' } })
  expect(await Promise.all(asked)).toEqual([{ action: 'decline' }, { action: 'decline' }])
  expect(await server.tasks.ask(taskId, question)).toEqual({ action: 'decline' })
})

test('who started a task without a client can be asked nothing', async () => {
  const tasks = operated()
  const { id } = await tasks.start('elsewhere', {})
  const question = { key: 'roots', method: 'roots/list', params: {} } as const
  await expect(tasks.ask(id, question)).rejects.toMatchObject({ rpcError: { code: -32_600 } })
  await expect(tasks.ask('unknown', question)).rejects.toThrow('Task not found: unknown')
})

test('a question asked from outside can be given up by time', async () => {
  const clock = new ManualClock()
  const server = await serveRaw('memory', tools, { clock })
  const taskId = await server.start('elsewhere')
  const params = { mode: 'form', message: 'Which?', requestedSchema: { type: 'object', properties: {} } }
  const asked = server.tasks.ask(taskId, { key: 'colour', method: 'elicitation/create', params }, { timeoutMs: 1_000 })
  const refused = asked.catch((error: unknown) => error)
  await until(server.tasks, taskId, 'input_required')
  await clock.advance(1_000)
  expect(await refused).toMatchObject({ code: 'question_timeout' })
  expect(await server.tasks.get(taskId)).toMatchObject({ status: 'working', questions: [] })
})

test('work that was handed to another service ends when that service calls back', async () => {
  const server = await serveRaw('http', tools)
  const { tasks } = server
  const webhook = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    const done = tasks.complete(pathname.slice(1), `${searchParams.get('pages')} pages`)
    void done.then(
      () => response.writeHead(204).end(),
      () => response.writeHead(409).end(),
    )
  })
  await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void webhook.close())
  const { port } = webhook.address() as AddressInfo

  for (const era of ['legacy', '2026-07-28'] as const) {
    const client = await Client.connect(server.url, { era })
    onTestFinished(() => client.close())
    const task = await client.callTool('elsewhere', {}, { task: true })
    const url = `http://127.0.0.1:${port}/${task.id}?pages=9`
    expect((await fetch(url, { method: 'POST' })).status).toBe(204)
    expect((await task.result()).content).toEqual([{ type: 'text', text: '9 pages' }])
    expect((await fetch(url, { method: 'POST' })).status).toBe(409)
  }
})
