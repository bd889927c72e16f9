import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Tasks } from '@longcall/server'
import { rawTransports, serveRaw } from '../../support/raw-modern.ts'
import { textOf, type WireMessage } from '../../support/modern-views.ts'
import { aborted, watchedBackend } from '../../support/watched-store.ts'

function tools(tasks: Tasks): void {
  tasks.registerTool('never', {}, (_args, { signal }) => aborted(signal))
  tasks.registerTool('asks', {}, async (_args, context) => {
    const requestedSchema = { type: 'object' as const, properties: {} }
    return (await context.elicit({ message: '?', requestedSchema }, { key: 'on' })).action
  })
}

const isPush = ({ method }: WireMessage): boolean => method === 'notifications/tasks'

describe.each(rawTransports)('2026-07-28 over %s', (transport) => {
  test('a client that vanishes leaves nothing that waits in its name, and its tasks go on', async () => {
    const backend = watchedBackend()
    const server = await serveRaw(transport, tools, { backend })
    const ids = await Promise.all([1, 2, 3].map(() => server.start('never')))
    const subscription = await server.listen({ taskIds: ids })
    await subscription.next()
    await vi.waitUntil(() => backend.watching === 6, { interval: 1 })
    await server.wire.close()
    await backend.untilUnwatched(3)
    expect(await server.tasks.count()).toMatchObject({ working: 3 })
  })

  test('a subscription that was cancelled leaves nothing that waits', async () => {
    const backend = watchedBackend()
    const server = await serveRaw(transport, tools, { backend })
    const subscription = await server.listen({ taskIds: [await server.start('never')] })
    await subscription.next()
    await vi.waitUntil(() => backend.watching === 2, { interval: 1 })
    await subscription.cancel()
    await backend.untilUnwatched(1)
    expect(backend.watching).toBe(1)
  })

  test('the end of a task ends what waited for it', async () => {
    const backend = watchedBackend()
    const server = await serveRaw(transport, tools, { backend })
    const taskId = await server.start('asks')
    await server.asked(taskId)
    const subscription = await server.listen({ taskIds: [taskId] })
    await subscription.next()
    await server.request('tasks/cancel', { taskId })
    const { params } = await subscription.next(isPush)
    expect(params).toMatchObject({ taskId, status: 'cancelled' })
    await backend.untilUnwatched()
    expect(backend.watching).toBe(0)
  })
})

describe.each(['memory', 'stdio'] as const)('2026-07-28 over %s', (transport) => {
  test('a subscription under the id of another takes its place, and to leave it leaves nothing', async () => {
    const backend = watchedBackend()
    const server = await serveRaw(transport, tools, { backend })
    const taskId = await server.start('never')
    const subscription = await server.listen({ taskIds: [taskId] }, { id: 'same' })
    await subscription.next()
    await vi.waitUntil(() => backend.watching === 2, { interval: 1 })
    await server.listen({ taskIds: [taskId] }, { id: 'same' })
    await subscription.next()
    await subscription.cancel()
    await backend.untilUnwatched(1)
    expect(backend.watching).toBe(1)
  })
})

test('a stream over HTTP on which nothing happens is kept alive by comments', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const server = await serveRaw('fetch', tools)
  const taskId = await server.start('asks')
  await server.asked(taskId)
  const subscription = await server.listen({ taskIds: [taskId] })
  await subscription.next()
  await vi.advanceTimersByTimeAsync(45_000)
  await server.request('tasks/cancel', { taskId })
  await subscription.next(isPush)
  expect(subscription.comments).toEqual([': keepalive', ': keepalive', ': keepalive'])
})

test('a call that is answered at once is told to stop when its client vanishes', async () => {
  let told: (reason: unknown) => void = () => {}
  const stopped = new Promise((resolve) => {
    told = resolve
  })
  let began = (): void => {}
  const running = new Promise<void>((resolve) => {
    began = resolve
  })
  const server = await serveRaw('http', (tasks) => {
    tasks.registerTool('inline', { task: 'forbidden' }, async (_args, { signal }) => {
      began()
      return aborted(signal).catch((reason: unknown) => {
        told(reason)
        throw reason
      })
    })
    tools(tasks)
  })
  const leave = new AbortController()
  const call = server.call('inline', {}, { signal: leave.signal })
  const left = call.catch((error: unknown) => error)
  await running
  leave.abort()
  expect(await left).toMatchObject({ name: 'AbortError' })
  await stopped
  const other = await server.start('asks')
  expect(Object.keys(await server.asked(other))).toEqual(['on'])
})

test('a client that vanishes between two rounds can go on with another connection', async () => {
  const server = await serveRaw('http', tools)
  const leave = new AbortController()
  const first = await server.call('asks', {}, { capabilities: { elicitation: {} }, signal: leave.signal })
  leave.abort()
  const { requestState } = first.result ?? {}
  const inputResponses = { on: { action: 'decline' } }
  const done = await server.call(
    'asks',
    {},
    { capabilities: { elicitation: {} }, params: { requestState, inputResponses } },
  )
  expect(textOf(done.result)).toBe('decline')
})
