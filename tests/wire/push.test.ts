import { describe, expect, test } from 'vitest'
import { type Generation } from '@longcall/client'
import { ManualClock } from '@longcall/core/testing'
import { ann, expectSoon, gate, textOf } from '../support/answering.ts'
import { ScriptedServer, wireCreated, wireTask, wireText, type Wire } from '../support/scripted-server.ts'
import { serve, settings } from '../support/servers.ts'

const generations: readonly Generation[] = ['2025-11-25', '2026-07-28']
const pushOf = (generation: Generation): string =>
  generation === '2025-11-25' ? 'notifications/tasks/status' : 'notifications/tasks'

/** Longer than any test may take: what comes sooner was not polled. */
const seldom = { pollIntervalMs: 120_000 }

describe.each(settings({ peer: 'dual' }))('on the $name', ({ setting }) => {
  test('the end of a task is known without a poll in between', async () => {
    const client = await (await serve(setting, seldom)).connect()
    const task = await client.callTool('slow', { ms: 200, label: 'it' }, { task: true })
    expect(task.latest?.pollIntervalMs).toBe(120_000)
    expect(textOf(await task.result())).toBe('done it')
  })

  test('a question is known without a poll in between, and so is what follows', async () => {
    const { asked, onElicitation } = ann()
    const client = await (await serve(setting, seldom)).connect({ onElicitation })
    const task = await client.callTool('two_rounds', {}, { task: true })
    expect(textOf(await task.result())).toBe('Ann/Ann')
    expect(asked).toEqual(['round 1?', 'round 2?'])
  })
})

describe.each(settings({ peer: 'dual' }).filter(({ setting }) => setting.transport !== 'stdio'))(
  'on the $name',
  ({ setting }) => {
    test('pushes save polls', async () => {
      const served = await serve(setting, seldom)
      const client = await served.connect()
      const task = await client.callTool('slow', { ms: 200 }, { task: true })
      await task.result()
      // One, once pushes flow: what happened before them was told to nobody.
      expect(served.dual.log.requestsOf(task.id)['tasks/get'] ?? 0).toBeLessThanOrEqual(1)
    })

    test('without any push, polling finishes every task', async () => {
      const served = await serve(setting, { push: false })
      const { asked, onElicitation } = ann()
      const client = await served.connect({ onElicitation })
      const tasks = [
        await client.callTool('slow', { ms: 150, label: 'it' }, { task: true }),
        await client.callTool('two_rounds', {}, { task: true }),
      ]
      expect((await Promise.all(tasks.map((task) => task.result()))).map(textOf)).toEqual(['done it', 'Ann/Ann'])
      expect(asked).toHaveLength(2)
      expect(served.dual.events.filter(({ kind }) => kind === 'push')).toEqual([])
    })

    test('a push that lies about the past is not believed', async () => {
      const served = await serve(setting, seldom)
      const client = await served.connect()
      const task = await client.callTool('slow', { ms: 60_000, label: 'it' }, { task: true })
      const seen: (string | undefined)[] = []
      task.onStatusChange(({ status, statusMessage }) => void seen.push(`${status} ${statusMessage}`))
      await expectSoon(() => task.latest?.statusMessage).toBe('working on it')
      const { lastUpdatedAt } = task.latest!
      served.dual.control.emit(task.id, { statusMessage: 'long ago', lastUpdatedAt: '2020-01-01T00:00:00.000Z' })
      served.dual.control.emit(task.id, { statusMessage: 'newer', lastUpdatedAt })
      await expectSoon(() => task.latest?.statusMessage).toBe('newer')
      expect(seen.some((said) => said?.includes('long ago'))).toBe(false)
      served.dual.control.finish(task.id)
      expect(await task.wait()).toMatchObject({ status: 'completed' })
      served.dual.control.emit(task.id, { status: 'working', lastUpdatedAt: '2099-01-01T00:00:00.000Z' })
      expect(await task.status()).toMatchObject({ status: 'completed' })
    })
  },
)

describe.each(generations)('on the %s wire', (generation) => {
  test('a push that overtakes the answer that made the task is not lost', async () => {
    const clock = new ManualClock()
    const server = new ScriptedServer(generation, {
      'tools/call': () => {
        const result = generation === '2026-07-28' ? { result: wireText('done') } : {}
        server.notify(pushOf(generation), wireTask(generation, 'completed', result))
        return wireCreated(generation)
      },
      'tasks/result': () => wireText('done'),
    })
    const client = await server.connect({ clock })
    const task = await client.callTool('job', {}, { task: true })
    // The clock stands still, so nothing was polled.
    expect(textOf(await task.result())).toBe('done')
    expect(server.requests('tasks/get')).toEqual([])
  })

  test('a push that overtakes the answer to a poll is not undone by it', async () => {
    const clock = new ManualClock()
    const poll = gate<Wire>()
    const at = (second: number): string => `2026-01-01T00:00:0${second}.000Z`
    const server = new ScriptedServer(generation, { 'tasks/get': () => poll.opened })
    const client = await server.connect({ clock })
    const task = await client.callTool('job', {}, { task: true })
    const seen: string[] = []
    task.onStatusChange(({ statusMessage = '' }) => void seen.push(statusMessage))
    await clock.advance(100)
    await expectSoon(() => server.requests('tasks/get').length).toBe(1)
    server.notify(pushOf(generation), wireTask(generation, 'working', { statusMessage: 'new', lastUpdatedAt: at(2) }))
    await expectSoon(() => task.latest?.statusMessage).toBe('new')
    poll.open(wireTask(generation, 'working', { statusMessage: 'old', lastUpdatedAt: at(1) }))
    await client.sdk.listTools()
    expect(task.latest).toMatchObject({ statusMessage: 'new', lastUpdatedAt: at(2) })
    expect(seen).toEqual(['new'])
  })

  test('the end that a push tells is not undone by the answer to a poll', async () => {
    const clock = new ManualClock()
    const poll = gate<Wire>()
    const server = new ScriptedServer(generation, {
      'tasks/get': () => poll.opened,
      'tasks/result': () => wireText('done'),
    })
    const client = await server.connect({ clock })
    const task = await client.callTool('job', {}, { task: true })
    const ended = task.wait()
    await clock.advance(100)
    await expectSoon(() => server.requests('tasks/get').length).toBe(1)
    const result = generation === '2026-07-28' ? { result: wireText('done') } : {}
    server.notify(pushOf(generation), wireTask(generation, 'completed', result))
    expect(await ended).toMatchObject({ status: 'completed' })
    poll.open(wireTask(generation, 'working', { lastUpdatedAt: '2099-01-01T00:00:00.000Z' }))
    await client.sdk.listTools()
    expect(task.latest).toMatchObject({ status: 'completed' })
    expect(textOf(await task.result())).toBe('done')
  })

  test('a push for a task that nobody knows, or that cannot be read, harms nobody', async () => {
    const server = new ScriptedServer(generation, {
      'tasks/get': () => wireTask(generation, 'completed', { result: wireText('done') }),
      'tasks/result': () => wireText('done'),
    })
    const errors: Error[] = []
    const client = await server.connect({ onError: (error) => void errors.push(error) })
    const task = await client.callTool('job', {}, { task: true })
    const result = task.result()
    for (const params of [
      {},
      { taskId: 't1' },
      { taskId: 't1', status: 'paused' },
      wireTask(generation, 'failed', { taskId: 'x' }),
    ])
      server.notify(pushOf(generation), params)
    expect(textOf(await result)).toBe('done')
    expect(errors).toEqual([])
  })
})
