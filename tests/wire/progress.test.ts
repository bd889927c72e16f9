import { describe, expect, test } from 'vitest'
import type { CallProgress } from '@longcall/client'
import { ScriptedServer, wireCreated, wireTask, wireText, type Wire } from '../support/scripted-server.ts'
import { serve, settings } from '../support/servers.ts'

describe.each(settings({ peer: 'v1' }))('on the $name', ({ setting }) => {
  test('progress goes on after the call has become a task', async () => {
    const client = await (await serve(setting)).connect()
    const seen: CallProgress[] = []
    const onProgress = (progress: CallProgress): void => void seen.push(progress)
    const task = await client.callTool('progress', {}, { task: true, onProgress })
    await task.result()
    expect(seen).toEqual([1, 2, 3].map((progress) => ({ progress, total: 3 })))
  })

  test('progress of a plain call that became a task means the same', async () => {
    const client = await (await serve(setting)).connect({ preferTasks: true })
    const seen: number[] = []
    await client.callTool('progress', {}, { onProgress: ({ progress }) => void seen.push(progress) })
    expect(seen).toEqual([1, 2, 3])
  })
})

describe.each(settings({ peer: 'dual' }))('on the $name', ({ setting }) => {
  test.each([true, false])('the status message of a task is progress (as a task: %s)', async (asTask) => {
    const client = await (await serve(setting)).connect({ preferTasks: true })
    const seen: (string | undefined)[] = []
    const onProgress = ({ message }: CallProgress): void => void seen.push(message)
    const args = { ms: 200, label: 'it' }
    if (asTask) await (await client.callTool('slow', args, { task: true, onProgress })).result()
    else await client.callTool('slow', args, { onProgress })
    expect(seen).toEqual(['working on it'])
  })
})

describe('on the 2025-11-25 wire', () => {
  const generation = '2025-11-25'

  interface Reporting {
    readonly server: ScriptedServer
    state: Wire
    readonly report: (progress: number, more?: Wire) => void
  }

  function reporting(): Reporting {
    const server = new ScriptedServer(generation, {
      'tasks/get': () => peer.state,
      'tasks/result': () => wireText('done'),
      'tasks/cancel': () => (peer.state = wireTask(generation, 'cancelled')),
    })
    const peer: Reporting = {
      server,
      state: wireTask(generation, 'working'),
      report: (progress, more = {}) => {
        const meta = server.requests('tools/call').at(-1)?.params['_meta'] as Wire
        server.notify('notifications/progress', { progressToken: meta['progressToken'], progress, ...more })
      },
    }
    return peer
  }

  test('the token of the call is good until the task ends, before and after its creation', async () => {
    const peer = reporting()
    const { server, report } = peer
    const client = await server.connect()
    const seen: CallProgress[] = []
    const onProgress = (progress: CallProgress): void => void seen.push(progress)
    const task = await client.callTool('job', {}, { task: true, onProgress })
    report(1)
    await task.status()
    report(2, { total: 5, message: 'two of five' })
    await task.status()
    expect(seen).toEqual([{ progress: 1 }, { progress: 2, total: 5, message: 'two of five' }])
  })

  test.each(['completed', 'failed', 'cancelled'])('progress of a task that is %s is told to nobody', async (status) => {
    const peer = reporting()
    const { server, report } = peer
    const client = await server.connect()
    const seen: number[] = []
    const onProgress = ({ progress }: CallProgress): void => void seen.push(progress)
    const task = await client.callTool('job', {}, { task: true, onProgress })
    report(1)
    await task.status()
    peer.state = wireTask(generation, status)
    if (status === 'cancelled') await task.cancel()
    else await task.status()
    report(2)
    await client.tasks.get('t1')
    // Answered after the report came in.
    await client.sdk.ping()
    expect(seen).toEqual([1])
  })

  test('a push that shows the end releases the token too', async () => {
    const peer = reporting()
    const { server, report } = peer
    const client = await server.connect()
    const seen: number[] = []
    const onProgress = ({ progress }: CallProgress): void => void seen.push(progress)
    const task = await client.callTool('job', {}, { task: true, onProgress })
    const ended = task.wait()
    server.notify('notifications/tasks/status', wireTask(generation, 'completed'))
    await ended
    report(1)
    await client.sdk.ping()
    expect(seen).toEqual([])
  })

  test('a call that was answered at once releases its token', async () => {
    const server = new ScriptedServer(generation, { 'tools/call': () => wireText('at once') })
    const client = await server.connect()
    const seen: number[] = []
    await client.callTool('job', {}, { task: true, onProgress: ({ progress }) => void seen.push(progress) })
    const meta = server.requests('tools/call')[0]?.params['_meta'] as Wire
    server.notify('notifications/progress', { progressToken: meta['progressToken'], progress: 1 })
    await client.sdk.ping()
    expect(seen).toEqual([])
  })

  test('the number never goes back, and a status message leaves it as it was', async () => {
    const peer = reporting()
    const { server, report } = peer
    const client = await server.connect()
    const seen: CallProgress[] = []
    const onProgress = (progress: CallProgress): void => void seen.push(progress)
    const task = await client.callTool('job', {}, { task: true, onProgress })
    const result = task.result()
    report(5, { total: 9 })
    report(3, { total: 9 })
    server.notify('notifications/tasks/status', wireTask(generation, 'working', { statusMessage: 'on it' }))
    await client.sdk.ping()
    peer.state = wireTask(generation, 'completed')
    await result
    expect(seen).toEqual([
      { progress: 5, total: 9 },
      { progress: 5, total: 9 },
      { progress: 5, total: 9, message: 'on it' },
    ])
  })
})

test.each(['2025-11-25', '2026-07-28'] as const)('a callback that throws harms nobody (%s)', async (generation) => {
  const server = new ScriptedServer(generation, {
    'tools/call': () => wireCreated(generation, { statusMessage: 'begun' }),
    'tasks/get': () => wireTask(generation, 'completed', { statusMessage: 'ready', result: wireText('done') }),
    'tasks/result': () => wireText('done'),
  })
  const errors: Error[] = []
  const client = await server.connect({ preferTasks: true, onError: (error) => void errors.push(error) })
  const onProgress = (): never => {
    throw new Error('callback broke')
  }
  expect(await client.callTool('job', {}, { onProgress })).toMatchObject({ content: [{ text: 'done' }] })
  expect(errors.map(({ message }) => message)).toContain('callback broke')
})
