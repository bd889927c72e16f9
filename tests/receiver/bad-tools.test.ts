import { describe, expect, test } from 'vitest'
import type { Tasks } from '@longcall/server'
import { InProcessEngine, MemoryStore } from '@longcall/core'
import { ManualClock } from '@longcall/core/testing'
import { ProtocolError } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { RawLegacy } from '../support/raw-legacy.ts'
import { serveRaw, withoutTasks, type Served } from '../support/raw-modern.ts'
import { textOf, type Reply } from '../support/modern-views.ts'

const cycle: Record<string, unknown> = {}
cycle['self'] = cycle

/** What tools return that they should not, and what is said of it. */
const returns: Readonly<Record<string, readonly [unknown, RegExp]>> = {
  nothing: [undefined, /no tool result|cannot be kept as JSON/],
  null: [null, /no tool result/],
  number: [5, /no tool result/],
  list: [[], /no tool result/],
  function: [() => 'late', /no tool result/],
  symbol: [Symbol('x'), /no tool result/],
  wrongContent: [{ content: 'text' }, /no tool result: content: /],
  wrongBlock: [{ content: [{ type: 'text' }] }, /no tool result: content/],
  bigint: [{ content: [], structuredContent: { n: 5n } }, /BigInt|JSON/],
  cycle: [{ content: [], structuredContent: cycle }, /circular|JSON/i],
}

/** What tools throw, and what is said of it. */
const throws: Readonly<Record<string, readonly [unknown, string]>> = {
  error: [new Error('disk full'), 'disk full'],
  silent: [new Error(''), 'Tool silent failed.'],
  text: ['disk full', 'disk full'],
  number: [5, '5'],
  null: [null, 'Tool null failed.'],
  nothing: [undefined, 'Tool nothing failed.'],
  symbol: [Symbol('x'), 'Symbol(x)'],
  object: [{ disk: 'full' }, 'Tool object failed.'],
  bare: [Object.create(null), 'Tool bare failed.'],
}

function toolsThat(does: 'return' | 'throw'): (tasks: Tasks) => void {
  return (tasks) => {
    tasks.registerTool('well', {}, () => 'well')
    for (const [name, [value]] of Object.entries(does === 'return' ? returns : throws)) {
      tasks.registerTool(name, {}, () => {
        if (does === 'return') return value as string
        throw value
      })
    }
  }
}

async function expectWell(server: Served): Promise<void> {
  expect(textOf((await server.ended(await server.start('well'))).result)).toBe('well')
}

/** What became of a call: as a task, and without one. */
async function both(server: Served, name: string): Promise<string[]> {
  const ended = await server.ended(await server.start(name))
  const inline: Reply = await server.call(name, {}, { capabilities: withoutTasks })
  return [textOf(ended.result) ?? ended.error?.message ?? '', textOf(inline.result) ?? inline.error?.message ?? '']
}

describe.each(['memory', 'http'] as const)('over %s', (transport) => {
  test.each(Object.entries(returns))('a tool that returns %s fails, and says why', async (name, [, says]) => {
    const server = await serveRaw(transport, toolsThat('return'))
    for (const said of await both(server, name)) expect(said).toMatch(says)
    await expectWell(server)
  })

  test.each(Object.entries(throws))('a tool that throws %s fails with what there is to say', async (name, [, says]) => {
    const server = await serveRaw(transport, toolsThat('throw'))
    expect(await both(server, name)).toEqual([says, says])
    await expectWell(server)
  })
})

test('a protocol error of the SDK is the error of the call, as one of ours is', async () => {
  const server = await serveRaw('memory', (tasks) => {
    tasks.registerTool('breaks', {}, () => Promise.reject(new ProtocolError(-32_099, 'teapot', { short: true })))
  })
  const error = { code: -32_099, message: 'teapot', data: { short: true } }
  expect(await server.ended(await server.start('breaks'))).toMatchObject({ status: 'failed', error })
  expect((await server.call('breaks', {}, { capabilities: withoutTasks })).error).toMatchObject(error)
  const other = await serveRaw('memory', (tasks) => {
    tasks.registerTool('breaks', {}, () => Promise.reject(new ProtocolError(-32_099, 'teapot', { short: true })))
  })
  const session = await RawLegacy.open(other.wire)
  expect((await session.request('tasks/result', { taskId: await session.start('breaks') })).error).toMatchObject(error)
})

test('structured content that does not fit its schema, or is missing, fails the call and says why', async () => {
  const outputSchema = z.object({ n: z.number() })
  const server = await serveRaw('memory', (tasks) => {
    tasks.registerTool('unfit', { outputSchema }, () => ({ content: [], structuredContent: { n: 'one' } }))
    tasks.registerTool('missing', { outputSchema }, () => 'text')
  })
  for (const said of await both(server, 'unfit')) expect(said).toMatch(/^Output validation error: .*tool unfit: n: /)
  for (const said of await both(server, 'missing')) expect(said).toMatch(/output schema but gave no structured content/)
})

test('a tool that never returns ends when its time is over, listening or not', async () => {
  const clock = new ManualClock()
  const server = await serveRaw(
    'fetch',
    (tasks) => {
      tasks.registerTool('deaf', { timeoutMs: 1_000 }, () => new Promise<never>(() => {}))
    },
    { clock, pollIntervalMs: 100 },
  )
  const taskId = await server.start('deaf')
  await server.tasks.runtime.until(taskId, (task) => (task?.attempt === 1 ? true : undefined))
  await clock.advance(1_000)
  const failed = await server.tasks.get(taskId)
  expect(failed).toMatchObject({
    status: 'failed',
    statusMessage: expect.stringContaining('timeoutMs of 1000 ms') as string,
  })
  const inline = server.call('deaf', {}, { capabilities: withoutTasks })
  await clock.untilSleeping()
  await new Promise((resolve) => setImmediate(resolve))
  await clock.advance(1_000)
  expect(textOf((await inline).result)).toBe('The call of "deaf" ran longer than its timeoutMs of 1000 ms.')
  await clock.advance(10_000)
})

test('a tool that never returns can be cancelled, and gives its place to the next', async () => {
  const clock = new ManualClock()
  const backend = { store: new MemoryStore({ clock }), engine: new InProcessEngine({ concurrency: 1 }) }
  const server = await serveRaw(
    'fetch',
    (tasks) => {
      tasks.registerTool('deaf', {}, () => new Promise<never>(() => {}))
      tasks.registerTool('well', {}, () => 'well')
    },
    { clock, backend },
  )
  const deaf = await server.start('deaf')
  const well = await server.start('well')
  await server.tasks.runtime.until(deaf, (task) => (task?.attempt === 1 ? true : undefined))
  await server.request('tasks/cancel', { taskId: deaf })
  expect(await server.tasks.get(deaf)).toMatchObject({ status: 'cancelled' })
  await clock.advance(5_000)
  await server.tasks.runtime.until(well, (task) => (task?.status === 'completed' ? true : undefined))
  expect(await server.tasks.get(well)).toMatchObject({ status: 'completed' })
})

test('a tool that prepares badly is refused before there is a task', async () => {
  const server = await serveRaw('memory', (tasks) => {
    tasks.registerTool('throws', { prepare: () => Promise.reject(new Error('no room')) }, () => 'never')
    tasks.registerTool('cycle', { prepare: () => cycle }, () => 'never')
    tasks.registerTool('text', { prepare: () => 'text' as never }, () => 'never')
  })
  expect((await server.call('throws')).result).toMatchObject({ isError: true, content: [{ text: 'no room' }] })
  expect((await server.call('cycle')).error).toMatchObject({ code: -32_602 })
  expect((await server.call('text')).error).toMatchObject({ code: -32_602 })
  expect((await server.tasks.list()).tasks).toEqual([])
})
