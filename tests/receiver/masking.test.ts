import { expect, test } from 'vitest'
import { ManualClock } from '@longcall/core/testing'
import { BackendError, MemoryStore } from '@longcall/core'
import { LongcallError, memory, RpcError, workElsewhere, type TaskEvent, type Tasks } from '@longcall/server'
import { z } from 'zod'
import { serveRaw, withoutTasks, type Served } from '../support/raw-modern.ts'
import { textOf } from '../support/modern-views.ts'

function tools(tasks: Tasks): void {
  tasks.registerTool('breaks', {}, () => Promise.reject(new LongcallError('db', 'password of db-7')))
  tasks.registerTool('steps', {}, async (_args, { step }) => String(await step('key', () => 7n as never)))
  tasks.registerTool('heavy', {}, (_args, { step }) => step('key', () => 'x'.repeat(2_000)))
  tasks.registerTool('refuses', {}, () => Promise.reject(new RpcError(-32_050, 'closed')))
  tasks.registerTool('prepares', { prepare: () => Promise.reject(new LongcallError('db', 'db-7')) }, () => 'never')
  tasks.registerTool('unfit', { outputSchema: z.object({ n: z.number() }) }, () => 'text')
  tasks.registerTool('elsewhere', {}, () => workElsewhere)
}

async function serve(maskErrors: boolean): Promise<Served> {
  return serveRaw('memory', tools, { maskErrors, limits: { maxStepBytes: 1_000 } })
}

/** What a call is answered with: as a task, and without one. */
async function said(server: Served, name: string): Promise<unknown[]> {
  const ended = await server.ended(await server.start(name))
  const inline = await server.call(name, {}, { capabilities: withoutTasks })
  return [textOf(ended.result) ?? ended.error?.message, textOf(inline.result) ?? inline.error?.message]
}

test.each([
  ['breaks', /^password of db-7$/],
  ['steps', /^What step "key" gave cannot be kept as JSON: .*BigInt/],
  ['heavy', /^What step "key" gave takes 2002 bytes; 1000 are allowed\.$/],
])('what comes out of the tool %s is told, and is masked on request, whatever error it is', async (name, says) => {
  for (const text of await said(await serve(false), name)) expect(text).toMatch(says)
  expect(await said(await serve(true), name)).toEqual([`Tool ${name} failed.`, `Tool ${name} failed.`])
})

test('a question that nobody answered in time is masked as well', async () => {
  const clock = new ManualClock()
  const asks = (tasks: Tasks): void =>
    tasks.registerTool('asks', {}, async (_args, { listRoots }) => {
      const { roots } = await listRoots({ timeoutMs: 1_000 })
      return `${roots.length} roots`
    })
  const server = await serveRaw('memory', asks, { maskErrors: true, clock })
  const taskId = await server.start('asks')
  await server.tasks.runtime.until(taskId, (task) => (task?.status === 'input_required' ? true : undefined))
  await clock.advance(1_000)
  expect(textOf((await server.ended(taskId)).result)).toBe('Tool asks failed.')
})

test('what a tool prepares in is masked, too', async () => {
  const { result } = await (await serve(true)).call('prepares')
  expect(result).toMatchObject({ isError: true, content: [{ text: 'Tool prepares failed.' }] })
})

test('what is wrong with a result is told all the same, and so is what a tool means for its caller', async () => {
  const server = await serve(true)
  for (const text of await said(server, 'unfit')) expect(text).toMatch(/^Output validation error: /)
  expect(await said(server, 'refuses')).toEqual(['closed', 'closed'])
})

test('work that is left to others in a call without a task is an error, and says where it can be left', async () => {
  const { result } = await (await serve(true)).call('elsewhere', {}, { capabilities: withoutTasks })
  const text = 'Tool elsewhere can leave its work to others only in a task.'
  expect(result).toMatchObject({ isError: true, content: [{ text }] })
})

test('what a backend says of itself is for whoever runs the server, and is told to no caller', async () => {
  const store = new MemoryStore()
  store.create = () => Promise.reject(new BackendError('store_full', '/srv/tasks.db cannot grow'))
  const events: TaskEvent[] = []
  const backend = { ...memory(), store }
  const server = await serveRaw('memory', tools, { backend, onEvent: (event) => events.push(event) })
  const { error } = await server.call('breaks')
  expect(error).toMatchObject({ code: -32_603, message: 'Tasks cannot be reached at the moment; try again.' })
  expect(events).toMatchObject([{ kind: 'trouble', error: { code: 'store_full' } }])
})
