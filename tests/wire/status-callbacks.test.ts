import { describe, expect, test } from 'vitest'
import type { TaskSnapshot } from '@longcall/client'
import { ManualClock } from '@longcall/core/testing'
import { expectSoon } from '../support/answering.ts'
import { ScriptedServer, wireTask, wireText } from '../support/scripted-server.ts'
import { jobs, serve, settings } from '../support/servers.ts'

describe.each(settings({ transport: 'memory' }))('on the $name', ({ setting }) => {
  const { slow, toolError, typed } = jobs(setting)

  test('every callback hears every change, and one that throws or rejects harms nobody', async () => {
    const errors: string[] = []
    const client = await (await serve(setting)).connect({ onError: ({ message }) => void errors.push(message) })
    const task = await client.callTool(slow.tool, slow.args, { task: true })
    const heard: string[][] = [[], []]
    task.onStatusChange(() => {
      throw new Error('thrown')
    })
    task.onStatusChange(({ status }) => void heard[0]!.push(status))
    task.onStatusChange(() => Promise.reject(new Error('rejected')))
    task.onStatusChange(async ({ status }) => void heard[1]!.push(status))
    await expectSoon(() => heard[1]!.at(-1)).toBe('completed')
    expect(heard[0]).toEqual(heard[1])
    expect(heard[0]!.filter((status) => status === 'completed')).toHaveLength(1)
    expect(errors).toEqual(expect.arrayContaining(['thrown', 'rejected']))
  })

  test('a callback alone has the task followed', async () => {
    const client = await (await serve(setting)).connect()
    const task = await client.callTool(slow.tool, slow.args, { task: true })
    const ended = await new Promise<TaskSnapshot>((resolve) =>
      task.onStatusChange((snapshot) => {
        if (snapshot.status !== 'working') resolve(snapshot)
      }),
    )
    expect(ended).toMatchObject({ id: task.id, status: 'completed' })
  })

  test('a callback on a task that has ended is called at once, and once', async () => {
    const client = await (await serve(setting)).connect()
    const task = await client.callTool(typed.tool, typed.args, { task: true })
    await task.wait()
    const heard: string[] = []
    task.onStatusChange(({ status }) => void heard.push(status))
    await expectSoon(() => heard).toEqual(['completed'])
    await task.status()
    expect(heard).toEqual(['completed'])
  })

  test('a failure says why in its snapshot, where the server says it', async () => {
    const client = await (await serve(setting)).connect()
    const task = await client.callTool(toolError.tool, toolError.args, { task: true })
    expect(await task.wait()).toMatchObject({
      status: setting.generation === '2025-11-25' ? 'failed' : 'completed',
    })
  })
})

describe.each(['2025-11-25', '2026-07-28'] as const)('on the %s wire', (generation) => {
  test('a polled change is heard as a pushed one is, and a repeated status is no change', async () => {
    const clock = new ManualClock()
    let state = wireTask(generation, 'working', { pollIntervalMs: 1000 })
    const server = new ScriptedServer(generation, { 'tasks/get': () => state, 'tasks/result': () => wireText('done') })
    const client = await server.connect({ clock })
    const task = await client.callTool('job', {}, { task: true })
    const heard: (string | undefined)[] = []
    const stop = task.onStatusChange(({ statusMessage }) => void heard.push(statusMessage))
    await clock.advance(1000)
    await clock.advance(1000)
    state = wireTask(generation, 'working', { statusMessage: 'one' })
    await clock.advance(1000)
    const method = generation === '2025-11-25' ? 'notifications/tasks/status' : 'notifications/tasks'
    state = wireTask(generation, 'working', { statusMessage: 'two' })
    server.notify(method, state)
    await expectSoon(() => heard).toEqual(['one', 'two'])
    stop()
    const polls = server.requests('tasks/get').length
    state = wireTask(generation, 'working', { statusMessage: 'three' })
    server.notify(method, state)
    await clock.advance(60_000)
    expect(heard).toEqual(['one', 'two'])
    // Nobody else waits, so nothing is polled either.
    expect(server.requests('tasks/get')).toHaveLength(polls)
  })

  test('a callback learns of the last change after the connection closed: that it cannot learn more', async () => {
    const errors: Error[] = []
    const server = new ScriptedServer(generation, { 'tasks/get': () => wireTask(generation, 'working') })
    const client = await server.connect({ onError: (error) => void errors.push(error) })
    const task = await client.callTool('job', {}, { task: true })
    task.onStatusChange(() => {})
    await client.close()
    expect(errors).toMatchObject([{ code: 'task_unreachable', reference: { taskId: 't1' } }])
  })
})
