/** Tools and operators that do what they should not. */
import { expect, onTestFinished, test } from 'vitest'
import { createTasks, workElsewhere, type Tasks } from '@longcall/server'
import { z } from 'zod'
import { textOf } from '../support/modern-views.ts'
import { serveRaw, withoutTasks } from '../support/raw-modern.ts'

const requestedSchema = { type: 'object' as const, properties: {} }

function tools(tasks: Tasks): void {
  tasks.registerTool('floats', {}, (_args, context) => {
    void context.elicit({ message: '?', requestedSchema })
    return 'done'
  })
  tasks.registerTool('no_text', {}, () => Promise.reject(Object.assign(new Error('x'), { message: { code: 5 } })))
  tasks.registerTool('proto', {}, async (_args, context) => {
    await context.elicit({ message: '?', requestedSchema }, { key: '__proto__' })
    return 'never'
  })
  tasks.registerTool('elsewhere', { outputSchema: z.object({ pages: z.number() }) }, () => workElsewhere)
}

test('a question that nobody awaits ends no process, whether or not it can be asked', async () => {
  const server = await serveRaw('memory', tools)
  expect(textOf((await server.ended(await server.start('floats'))).result)).toBe('done')
  const tasksOnly = { extensions: { 'io.modelcontextprotocol/tasks': {} } }
  const taskId = await server.start('floats', {}, { capabilities: tasksOnly })
  expect(textOf((await server.ended(taskId)).result)).toBe('done')
})

test('an error whose message is no text still makes a result that says that the tool failed', async () => {
  const server = await serveRaw('memory', tools)
  const inTask = (await server.ended(await server.start('no_text'))).result
  const inline = (await server.call('no_text', {}, { capabilities: withoutTasks })).result
  for (const result of [inTask, inline]) {
    expect(result).toMatchObject({ isError: true, content: [{ text: 'Tool no_text failed.' }] })
  }
})

test('a question cannot have the key __proto__, asked by a tool or from outside', async () => {
  const server = await serveRaw('memory', tools)
  expect(textOf((await server.ended(await server.start('proto'))).result)).toContain('cannot have the key "__proto__"')
  const taskId = await server.start('elsewhere')
  const question = {
    key: '__proto__',
    method: 'elicitation/create',
    params: { message: '?', requestedSchema },
  } as const
  await expect(server.tasks.ask(taskId, question)).rejects.toMatchObject({ code: 'bad_key' })
})

test('work that was done elsewhere is completed with what its tool could have returned, or stays open', async () => {
  const tasks = createTasks()
  tools(tasks)
  onTestFinished(() => tasks.close({ graceMs: 0 }))
  const { id } = await tasks.start('elsewhere', {})
  for (const result of [{ answer: 42 }, { content: 'text' }, { content: [], structuredContent: { pages: 'many' } }]) {
    await expect(tasks.complete(id, result as never)).rejects.toMatchObject({ rpcError: { code: -32_602 } })
  }
  expect(await tasks.get(id)).toMatchObject({ status: 'working' })
  const done = { content: [], structuredContent: { pages: 9 } }
  expect(await tasks.complete(id, done)).toMatchObject({ status: 'completed', outcome: { result: done } })
})

test('what is started in the name of a principal is theirs, and events and views say the principal', async () => {
  const server = await serveRaw('fetch', tools)
  const info = { authInfo: { token: 't', clientId: 'c', scopes: [], extra: { iss: 'https://iss', sub: 'ann' } } }
  const { id } = await server.tasks.start('elsewhere', {}, { owner: 'https://iss ann' })
  expect((await server.request('tasks/get', { taskId: id }, { info })).result).toMatchObject({ taskId: id })
  const taskId = await server.start('elsewhere', {}, { info })
  expect(await server.tasks.get(taskId, { owner: 'https://iss ann' })).toMatchObject({ owner: 'https://iss ann' })
  expect((await server.tasks.list({ owner: 'https://iss ann' })).tasks).toHaveLength(2)
  expect(server.events.every((event) => event.kind !== 'trouble' && event.owner === 'https://iss ann')).toBe(true)
})

test('no principal can be called what stands for a pipe, or for those whom nobody knows', async () => {
  for (const name of ['(pipe)', '(anonymous) 10.0.0.1']) {
    const server = await serveRaw('fetch', tools, { principal: () => name })
    const info = { authInfo: { token: 't', clientId: 'c', scopes: [] } }
    expect((await server.call('elsewhere', {}, { info })).error).toMatchObject({ code: -32_603 })
  }
})
