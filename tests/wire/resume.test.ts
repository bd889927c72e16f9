import { describe, expect, test } from 'vitest'
import { InvalidReferenceError, type TaskReference } from '@longcall/client'
import { ann, expectSoon, textOf } from '../support/answering.ts'
import { ScriptedServer, wireTask, wireText } from '../support/scripted-server.ts'
import { jobs, serve, settings } from '../support/servers.ts'

/** What a process that stored the handle of a task reads back. */
const stored = <Reference>(task: { toJSON(): Reference }): Reference => JSON.parse(JSON.stringify(task)) as Reference

describe.each(settings())('on the $name', ({ setting }) => {
  const { slow, asks } = jobs(setting)

  test('a task is picked up by its reference, on the client that made it', async () => {
    const client = await (await serve(setting)).connect()
    const task = await client.callTool(slow.tool, slow.args, { task: true })
    const same = client.tasks.resume(stored(task))
    expect(same).toMatchObject({ id: task.id, created: undefined, returnedImmediately: false })
    // On a busy machine it may be over by now.
    const { id, status } = await same.status()
    expect([id, ['working', 'completed'].includes(status)]).toEqual([task.id, true])
    expect(same.latest).toMatchObject({ status })
    expect(textOf(await same.result())).toBe(slow.says)
  })

  test('a reference names the task, its server and its tool, and survives JSON', async () => {
    const client = await (await serve(setting)).connect()
    const task = await client.callTool(asks.tool, asks.args, { task: { ttlMs: 60_000 } })
    expect(stored(task)).toEqual(task.toJSON())
    expect(stored(task)).toMatchObject({
      longcall: 1,
      kind: 'task',
      taskId: task.id,
      endpoint: expect.stringMatching(/./),
      operation: { method: 'tools/call', name: asks.tool },
      generation: setting.generation,
      createdAt: task.latest?.createdAt,
      ttlMs: 60_000,
    })
    expect(stored(client.tasks.resume(stored(task)))).toEqual(stored(task))
  })
})

const shared = settings().filter(({ setting }) => setting.transport !== 'stdio')

describe.each(shared)('on the $name', ({ setting }) => {
  const { slow } = jobs(setting)

  test('a task is picked up by another client, after the first one closed', async () => {
    const served = await serve(setting)
    const first = await served.connect()
    const reference = stored(await first.callTool(slow.tool, slow.args, { task: true }))
    await first.close()
    const second = await served.connect()
    const task = second.tasks.resume(reference)
    expect(textOf(await task.result())).toBe(slow.says)
  })
})

// In memory the independent server fails a task that asks when the connection that it was made on closes.
const outliving = shared.filter(({ setting }) => setting.peer === 'dual' || setting.transport === 'http')

describe.each(outliving)('on the $name', ({ setting }) => {
  const { asks, typed } = jobs(setting)

  test('the question of a task is asked by the client that picks it up', async () => {
    const served = await serve(setting)
    const first = await served.connect({ capabilities: { elicitation: {} } })
    const left = await first.callTool(asks.tool, asks.args, { task: true })
    await left.wait({ until: 'input_required' })
    const reference = stored(left)
    await first.close()
    const { asked, onElicitation } = ann()
    const second = await served.connect({ onElicitation })
    expect(textOf(await second.tasks.resume(reference).result())).toBe(asks.says)
    expect(asked).toHaveLength(1)
  })

  test('a picked up task is answered by hand, watched and cancelled as any other', async () => {
    const served = await serve(setting)
    const first = await served.connect({ capabilities: { elicitation: {} } })
    const references = [
      stored(await first.callTool(asks.tool, asks.args, { task: true })),
      stored(await first.callTool('hang', {}, { task: true })),
      stored(await first.callTool(typed.tool, typed.args, { task: true })),
    ]
    await first.close()
    const second = await served.connect({ capabilities: { elicitation: {} } })
    const [asking, hanging, done] = references.map((reference) => second.tasks.resume<{ n: number }>(reference))
    const result = asking!.result()
    await expectSoon(() => asking!.questions().length).toBe(1)
    await asking!.answer(asking!.questions()[0]!.key, { action: 'accept', content: { name: 'Ann' } })
    expect(textOf(await result)).toBe(asks.says)
    expect(await hanging!.cancel()).toMatchObject({ status: 'cancelled' })
    const statuses: string[] = []
    for await (const { status } of done!.updates()) statuses.push(status)
    expect(statuses.at(-1)).toBe('completed')
    expect((await done!.result()).data?.n).toBe(7)
  })
})

describe.each(settings({ transport: 'stdio' }))('on the $name', ({ setting }) => {
  test('a task that died with its process is not found', async () => {
    const served = await serve(setting)
    const first = await served.connect()
    const reference = stored(await first.callTool('hang', {}, { task: true }))
    await first.close()
    const second = await served.connect()
    await expect(second.tasks.resume(reference).result()).rejects.toMatchObject({ code: 'task_not_found' })
  })
})

describe('to resume', () => {
  test.each(['2025-11-25', '2026-07-28'] as const)('sends nothing before the first use (%s)', async (generation) => {
    const server = new ScriptedServer(generation, {
      'tasks/get': () => wireTask(generation, 'completed', { result: wireText('done') }),
      'tasks/result': () => wireText('done'),
    })
    const client = await server.connect()
    const reference = stored(await client.callTool('job', {}, { task: true }))
    const before = server.received.length
    const task = client.tasks.resume(reference)
    expect(stored(task)).toEqual(reference)
    expect(task.latest?.status).not.toBe('completed')
    expect(server.received).toHaveLength(before)
    expect(textOf(await task.result())).toBe('done')
  })

  test('on another server is refused on first use, by both names', async () => {
    const setting = { peer: 'dual', transport: 'http', generation: '2026-07-28' } as const
    const [one, other] = [await serve(setting), await serve(setting)]
    const first = await one.connect()
    const reference = stored(await first.callTool('hang', {}, { task: true }))
    const second = await other.connect()
    const task = second.tasks.resume(reference)
    for (const use of [() => task.status(), () => task.wait(), () => task.result(), () => task.cancel()]) {
      const error: unknown = await use().catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(InvalidReferenceError)
      expect((error as Error).message).toContain(one.target())
      expect((error as Error).message).toContain(other.target())
    }
  })

  const good = {
    longcall: 1,
    kind: 'task',
    taskId: 't1',
    endpoint: 'memory:x',
    operation: { method: 'tools/call', name: 'job' },
    generation: '2026-07-28',
  }
  const { taskId: _id, ...nameless } = good
  test.each([
    ['nothing', undefined],
    ['an id alone', 't1'],
    ['a list', [good]],
    ['another version', { ...good, longcall: 2 }],
    ['no task id', nameless],
    ['an empty task id', { ...good, taskId: '' }],
    ['no operation', { ...good, operation: undefined }],
    ['another operation', { ...good, operation: { method: 'prompts/list', name: 'x' } }],
    ['another generation', { ...good, generation: '2024-11-05' }],
    ['no endpoint', { ...good, endpoint: 7 }],
    ['half a session', { ...good, session: { id: 's' } }],
    ['a kind that is not known', { ...good, kind: 'wish' }],
    ['a result that is none', { ...good, kind: 'settled', createdAt: 'now', result: 'x' }],
  ])('from %s is refused at once', async (_, value) => {
    const client = await new ScriptedServer('2026-07-28', {}).connect()
    expect(() => client.tasks.resume(good as TaskReference)).not.toThrow()
    expect(() => client.tasks.resume(value as unknown as TaskReference)).toThrow(InvalidReferenceError)
  })
})
