import { expect, test } from 'vitest'
import type { RequestOrigin, Tasks, ToolContext } from '@longcall/server'
import { ManualClock } from '@longcall/core/testing'
import { serveRaw, withoutTasks, type RawModern } from '../../support/raw-modern.ts'
import { textOf, type Reply } from '../../support/modern-views.ts'

let ran = 0

function tools(tasks: Tasks): void {
  ran = 0
  const ask = async (context: ToolContext): Promise<string> => {
    const requestedSchema = { type: 'object' as const, properties: {} }
    return (await context.elicit({ message: 'sure?', requestedSchema }, { key: 'sure' })).action
  }
  tasks.registerTool('asks', {}, async (_args, context) => {
    ran += 1
    return ask(context)
  })
  tasks.registerTool('other', {}, async (_args, context) => ask(context))
  tasks.registerTool(
    'prepared',
    { prepare: async (args, context) => ({ ...args, said: await ask(context) }) },
    (args) => {
      ran += 1
      return String(args['said'])
    },
  )
}

const refusal = { code: -32_602, message: 'Invalid or expired requestState', data: { reason: 'invalid_request_state' } }
const inputResponses = { sure: { action: 'accept' } }
const inline = { capabilities: withoutTasks }

const as = (sub: string): RequestOrigin => ({
  authInfo: { token: sub, clientId: 'app', scopes: [], extra: { iss: 'i', sub } },
})

function answer(client: RawModern, tool: string, state: unknown, options: object = inline): Promise<Reply> {
  return client.call(tool, {}, { ...options, params: { requestState: state, inputResponses } })
}

test('a state that nobody gave is refused, and the tool does not run', async () => {
  const server = await serveRaw('fetch', tools)
  const taskId = await server.start('asks')
  await server.asked(taskId)
  ran = 0
  const forged = [
    '',
    'call:',
    'call:no-such-call',
    'no-such-call',
    taskId,
    `call:${taskId}`,
    'call:__proto__',
    'x'.repeat(100_000),
  ]
  for (const state of forged) {
    const { error } = await answer(server, 'asks', state)
    expect({ state, error }).toEqual({ state, error: refusal })
  }
  expect(ran).toBe(0)
  expect(await server.tasks.get(taskId)).toMatchObject({ status: 'input_required' })
})

test('a state of another tool is refused, and is still good for its own', async () => {
  const server = await serveRaw('fetch', tools)
  const { result } = await server.call('asks', {}, inline)
  expect((await answer(server, 'other', result?.requestState)).error).toEqual(refusal)
  expect(textOf((await answer(server, 'asks', result?.requestState)).result)).toBe('accept')
})

test("somebody else's state is refused like one that nobody gave", async () => {
  const server = await serveRaw('fetch', tools)
  const { result } = await server.call('asks', {}, { ...inline, info: as('ann') })
  for (const info of [as('bob'), {}]) {
    const { error } = await answer(server, 'asks', result?.requestState, { ...inline, info })
    expect(error).toEqual(refusal)
  }
  const mine = await answer(server, 'asks', result?.requestState, { ...inline, info: as('ann') })
  expect(textOf(mine.result)).toBe('accept')
})

test('a state is good for as long as it was said to be, and then the body is told to stop', async () => {
  const clock = new ManualClock()
  let signal: AbortSignal | undefined
  const server = await serveRaw(
    'fetch',
    (tasks) => {
      tasks.registerTool('asks', {}, async (_args, context) => {
        signal = context.signal
        await context.elicit({ message: '?', requestedSchema: { type: 'object', properties: {} } }, { key: 'sure' })
        return 'answered'
      })
    },
    { clock, roundTtlMs: 60_000 },
  )
  const { result } = await server.call('asks', {}, inline)
  await clock.advance(59_000)
  expect(signal?.aborted).toBe(false)
  await clock.advance(11_000)
  expect((await answer(server, 'asks', result?.requestState)).error).toEqual(refusal)
  expect(signal?.aborted).toBe(true)
})

test('a last round that comes again gives the same answer, and the tool does not run again', async () => {
  const server = await serveRaw('fetch', tools)
  const { result } = await server.call('asks', {}, inline)
  const [first, second] = await Promise.all([1, 2].map(() => answer(server, 'asks', result?.requestState)))
  const third = await answer(server, 'asks', result?.requestState)
  expect([first, second, third].map((reply) => textOf(reply?.result))).toEqual(['accept', 'accept', 'accept'])
  expect(ran).toBe(1)
})

test('a last round that comes again gives the same task, never two', async () => {
  const server = await serveRaw('fetch', tools)
  const { result } = await server.call('prepared')
  const rounds = await Promise.all([1, 2, 3].map(() => answer(server, 'prepared', result?.requestState, {})))
  const [first] = rounds
  expect(first?.result?.resultType).toBe('task')
  await server.ended(first?.result?.taskId ?? '')
  const late = await answer(server, 'prepared', result?.requestState, {})
  const ids = [...rounds, late].map((reply) => reply.result?.taskId)
  expect(new Set(ids)).toEqual(new Set([first?.result?.taskId]))
  expect((await server.tasks.list()).tasks).toHaveLength(1)
  expect(ran).toBe(1)
})

test('the record of a call that asks is no task to anybody', async () => {
  const server = await serveRaw('fetch', tools)
  const { result } = await server.call('asks', {}, inline)
  const id = (result?.requestState ?? '').replace(/^call:/, '')
  expect((await server.request('tasks/get', { taskId: id })).error).toMatchObject({ code: -32_602 })
  expect((await server.request('tasks/cancel', { taskId: id })).error).toMatchObject({ code: -32_602 })
  expect((await server.update(id, inputResponses)).error).toMatchObject({ code: -32_602 })
  expect(await server.tasks.get(id)).toBeUndefined()
  expect((await server.tasks.list()).tasks).toEqual([])
  expect(textOf((await answer(server, 'asks', result?.requestState)).result)).toBe('accept')
})
