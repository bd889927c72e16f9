import { expect, test } from 'vitest'
import type { Tasks } from '@longcall/server'
import { InProcessEngine, MemoryStore, type TaskBackend, type TaskStore } from '@longcall/core'
import { failingStore } from '../support/failing-store.ts'
import { RawLegacy } from '../support/raw-legacy.ts'
import { serveRaw, withoutTasks, type Served } from '../support/raw-modern.ts'
import { textOf } from '../support/modern-views.ts'
import { accepted, serveTools } from '../support/task-tools.ts'

function tools(tasks: Tasks): void {
  tasks.registerTool('well', {}, () => 'well')
  tasks.registerTool('asks', {}, async (_args, context) => {
    const requestedSchema = { type: 'object' as const, properties: {} }
    return (await context.elicit({ message: '?', requestedSchema }, { key: 'on' })).action
  })
}

/** A backend in memory that fails in some of its methods, as often as is said. */
function failing(): TaskBackend & { fail(method: keyof TaskStore, times?: number): void } {
  const left = new Map<keyof TaskStore, number>()
  const store = failingStore(new MemoryStore(), (method) => {
    const times = left.get(method) ?? 0
    if (times > 0) left.set(method, times - 1)
    return times > 0 ? 'before' : 'none'
  })
  return { store, engine: new InProcessEngine(), fail: (method, times = Infinity) => void left.set(method, times) }
}

const unreachable = { code: -32_603, message: 'Tasks cannot be reached at the moment; try again.' }

function troubles({ events }: Served): string[] {
  return events.flatMap((event) => (event.kind === 'trouble' ? [String(event.error)] : []))
}

test('a task that cannot be stored is refused, its reason is reported and not told, and the next one is taken', async () => {
  const backend = failing()
  const server = await serveRaw('http', tools, { backend })
  backend.fail('create', 1)
  expect((await server.call('well')).error).toEqual(unreachable)
  expect(troubles(server)).toEqual(['Error: No disk for create.'])
  expect(textOf((await server.ended(await server.start('well'))).result)).toBe('well')
})

test('2025: the same', async () => {
  const backend = failing()
  const server = await serveRaw('memory', tools, { backend })
  const session = await RawLegacy.open(server.wire)
  backend.fail('create', 1)
  expect((await session.request('tools/call', { name: 'well', task: {} })).error).toEqual(unreachable)
  const taskId = await session.start('well')
  expect(textOf((await session.request('tasks/result', { taskId })).result)).toBe('well')
})

test('a task ends although its end could not be stored for a while', async () => {
  const backend = failing()
  const server = await serveRaw('memory', tools, { backend })
  backend.fail('end', 3)
  expect(textOf((await server.ended(await server.start('well'))).result)).toBe('well')
})

test.each(['get', 'answer', 'end'] as const)(
  'a store that fails to %s fails that request, and not the task',
  async (method) => {
    const backend = failing()
    const server = await serveRaw('memory', tools, { backend })
    const taskId = await server.start('asks')
    await server.asked(taskId)
    const answers = { on: { action: 'decline' } }
    backend.fail(method, 1)
    const reply = method === 'end' ? server.request('tasks/cancel', { taskId }) : server.update(taskId, answers)
    expect((await reply).error).toEqual(unreachable)
    await server.update(taskId, answers)
    expect(textOf((await server.ended(taskId)).result)).toBe('decline')
  },
)

test('2025 over HTTP: an answer that cannot be stored is not acknowledged, and is taken when it is sent again', async () => {
  const backend = failing()
  const { connect } = await serveTools({ backend })
  const session = await connect()
  const { taskId } = await session.start([{ ask: 'name?' }])
  const result = session.send('tasks/result', { taskId })
  const question = await session.question()
  backend.fail('answer', 1)
  expect(await session.answer(question, accepted('Ann'))).toMatchObject({ status: 500 })
  expect((await session.get(taskId)).status).toBe('input_required')
  expect(await session.answer(question, accepted('Bob'))).toMatchObject({ status: 202 })
  expect(JSON.stringify((await result.answer).result)).toContain('Bob')
})

test('2025 over HTTP: an answer is acknowledged once it is stored', async () => {
  let letGo = (): void => {}
  const stored = new Promise<void>((resolve) => (letGo = resolve))
  const memory = new MemoryStore()
  const asked: string[] = []
  const store = new Proxy<TaskStore>(memory, {
    get: (target, name: keyof TaskStore) => {
      if (name !== 'answer') return target[name].bind(target)
      return async (...args: Parameters<TaskStore['answer']>) => {
        asked.push('answer')
        await stored
        return target.answer(...args)
      }
    },
  })
  const { connect } = await serveTools({ backend: { store, engine: new InProcessEngine() } })
  const session = await connect()
  const { taskId } = await session.start([{ ask: 'name?' }])
  const result = session.send('tasks/result', { taskId })
  const question = await session.question()
  let status: number | undefined
  const answered = session.answer(question, accepted('Ann')).then((opened) => (status = opened.status))
  await expect.poll(() => asked).toEqual(['answer'])
  await session.settle()
  expect(status).toBeUndefined()
  letGo()
  expect(await answered).toBe(202)
  await result.answer
})

test('a question that cannot be stored at first is asked as soon as it can', async () => {
  const backend = failing()
  const server = await serveRaw('memory', tools, { backend })
  backend.fail('ask', 1)
  const taskId = await server.start('asks')
  const task = await server.tasks.runtime.until(taskId, (now) => (now?.status === 'input_required' ? now : undefined))
  expect(task.questions).toHaveLength(1)
})

test('a call that asks without a task is refused when there is no place for its rounds', async () => {
  const backend = failing()
  const server = await serveRaw('memory', tools, { backend })
  backend.fail('create', 1)
  const reply = await server.call('asks', {}, { capabilities: withoutTasks })
  expect(reply.error ?? reply.result).toBeDefined()
  const again = await server.call('asks', {}, { capabilities: withoutTasks })
  expect(again.result).toMatchObject({ resultType: 'input_required' })
})

test('calls that need no store are answered while it is down', async () => {
  const backend = failing()
  const server = await serveRaw('http', tools, { backend })
  for (const method of ['create', 'get', 'end', 'answer', 'sweep', 'claim', 'list'] as const) backend.fail(method)
  expect(textOf((await server.call('well', {}, { capabilities: withoutTasks })).result)).toBe('well')
  expect((await server.request('tasks/get', { taskId: 'x' })).error).toEqual(unreachable)
  expect((await server.request('tools/list')).error).toBeUndefined()
  for (const method of ['create', 'get', 'end', 'answer', 'sweep', 'claim', 'list'] as const) backend.fail(method, 0)
})
