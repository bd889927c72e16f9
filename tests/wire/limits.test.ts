import { describe, expect, test } from 'vitest'
import { RequestError, WaitTimeoutError, type Client, type Generation } from '@longcall/client'
import { ManualClock } from '@longcall/core/testing'
import { gate, textOf } from '../support/answering.ts'
import { ScriptedServer, silence, wireCreated, wireTask, wireText } from '../support/scripted-server.ts'
import { jobs, serve, settings } from '../support/servers.ts'

const generations: readonly Generation[] = ['2025-11-25', '2026-07-28']

describe.each(generations)('on a %s server', (generation) => {
  const working = {
    'tools/call': () => wireCreated(generation, { pollIntervalMs: 1000 }),
    'tasks/get': () => wireTask(generation, 'working', { pollIntervalMs: 1000 }),
  }

  async function connect(
    answers: ConstructorParameters<typeof ScriptedServer>[1] = working,
  ): Promise<{ client: Client; clock: ManualClock; server: ScriptedServer }> {
    const clock = new ManualClock()
    const server = new ScriptedServer(generation, answers)
    return { client: await server.connect({ clock, preferTasks: true }), clock, server }
  }

  test('the time of a call bounds the call and its task, and the error holds the reference', async () => {
    const { client, clock, server } = await connect()
    const call = client.callTool('job', {}, { timeoutMs: 10_000 }).catch((thrown: unknown) => thrown)
    await clock.untilSleeping()
    await clock.advance(10_000)
    const error = await call
    expect(error).toBeInstanceOf(WaitTimeoutError)
    expect(error).toMatchObject({
      code: 'wait_timeout',
      limit: 'total',
      reference: { taskId: 't1', operation: { name: 'job' } },
      snapshot: { status: 'working' },
      message: expect.stringContaining('not cancelled'),
    })
    expect(server.requests('tasks/cancel')).toEqual([])
  })

  test('the time of a call means the same for its handle', async () => {
    const { client, clock } = await connect()
    const task = await client.callTool('job', {}, { task: true, timeoutMs: 10_000 })
    // The time counts from the call.
    await clock.advance(4000)
    const waiting = task.result().catch((thrown: unknown) => thrown)
    await clock.advance(6000)
    expect(await waiting).toMatchObject({ code: 'wait_timeout', limit: 'total', reference: { taskId: 't1' } })
  })

  test('a wait has no limit but its own', async () => {
    let status = 'working'
    const { client, clock } = await connect({
      'tasks/get': () => wireTask(generation, status, { pollIntervalMs: 300_000, result: wireText('done') }),
      'tasks/result': () => wireText('done'),
    })
    const task = await client.callTool('job', {}, { task: true })
    const waiting = task.result()
    await clock.advance(24 * 3_600_000)
    status = 'completed'
    await clock.advance(300_000)
    expect(textOf(await waiting)).toBe('done')
  })

  test('silence ends a wait that does not put up with it, and answered polls are no silence', async () => {
    let mute = false
    const { client, clock } = await connect({
      'tasks/get': () => (mute ? silence : wireTask(generation, 'working', { pollIntervalMs: 1000 })),
    })
    const task = await client.callTool('job', {}, { task: true })
    let over = false
    const waiting = task.wait({ idleTimeoutMs: 5000 }).catch((thrown: unknown) => {
      over = true
      return thrown
    })
    await clock.advance(60_000)
    expect(over).toBe(false)
    mute = true
    await clock.advance(6000)
    expect(await waiting).toMatchObject({ code: 'wait_timeout', limit: 'idle', reference: { taskId: 't1' } })
  })

  test('updates keep to the same limits, and end with the error', async () => {
    const { client, clock } = await connect()
    const task = await client.callTool('job', {}, { task: true })
    const seen: string[] = []
    const reading = (async () => {
      for await (const { status } of task.updates({ timeoutMs: 5000 })) seen.push(status)
    })().catch((thrown: unknown) => thrown)
    await clock.advance(5000)
    expect(await reading).toMatchObject({ code: 'wait_timeout', limit: 'total', reference: { taskId: 't1' } })
    expect(seen).toEqual(['working'])
  })

  test('a call that never became a task says that whether it ran is not known', async () => {
    const { client, clock } = await connect({ 'tools/call': () => silence })
    for (const options of [{}, { task: true as const }]) {
      const call = Promise.resolve(client.callTool('job', {}, { ...options, timeoutMs: 5000 } as { timeoutMs: number }))
      const failed = call.catch((thrown: unknown) => thrown)
      await clock.untilSleeping()
      await clock.advance(5000)
      const error = await failed
      expect(error).toBeInstanceOf(RequestError)
      expect(error).toMatchObject({ failure: { kind: 'timeout', timeoutMs: 5000 } })
    }
  })

  test('a signal that aborted before the call sends nothing', async () => {
    const { client, server } = await connect()
    const { signal } = (() => {
      const abort = new AbortController()
      abort.abort(new Error('too late'))
      return abort
    })()
    const error = expect.objectContaining({ failure: { kind: 'aborted' } })
    await expect(client.callTool('job', {}, { signal })).rejects.toEqual(error)
    await expect(client.callTool('job', {}, { signal, task: true })).rejects.toEqual(error)
    expect(server.requests('tools/call')).toEqual([])
  })

  test('no limit of a single request ends a call that is slow to be answered', async () => {
    const reply = gate()
    const server = new ScriptedServer(generation, {
      'tools/call': async () => {
        await reply.opened
        return wireCreated(generation)
      },
      'tasks/get': ({ taskId }) =>
        taskId === 'mute' ? silence : wireTask(generation, 'completed', { result: wireText('done') }),
      'tasks/result': () => wireText('done'),
    })
    const client = await server.connect({ requestTimeoutMs: 20 })
    const call = client.callTool('job', {}, { task: true })
    // Sent later, given up by now: so would the call be.
    await expect(client.tasks.get('mute')).rejects.toMatchObject({ failure: { kind: 'timeout', timeoutMs: 20 } })
    reply.open()
    expect(textOf(await (await call).result())).toBe('done')
  })
})

describe.each(settings({ transport: 'memory' }))('on the $name', ({ setting }) => {
  const { asks } = jobs(setting)

  test('a handler that never answers does not hold a call beyond its time', async () => {
    const asked = gate()
    const client = await (
      await serve(setting)
    ).connect({
      preferTasks: true,
      onElicitation: () => {
        asked.open()
        return new Promise(() => {})
      },
    })
    const abort = new AbortController()
    const call = client.callTool(asks.tool, asks.args, { signal: abort.signal, timeoutMs: 60_000 })
    await asked.opened
    abort.abort(new Error('enough'))
    await expect(call).rejects.toMatchObject({ code: 'wait_aborted', reference: { kind: 'task' } })
    const timed = client.callTool(asks.tool, asks.args, { timeoutMs: 300 })
    await expect(timed).rejects.toMatchObject({ code: 'wait_timeout', limit: 'total', reference: { kind: 'task' } })
  })
})
