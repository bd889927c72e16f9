import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import type { RequestOrigin, Tasks } from '@longcall/server'
import { InProcessEngine, MemoryStore } from '@longcall/core'
import { failingStore, type Trouble } from '../support/failing-store.ts'
import { RawLegacy } from '../support/raw-legacy.ts'
import { serveRaw, type Served } from '../support/raw-modern.ts'
import type { ModernHttpWire } from '../support/modern-wires.ts'
import { aborted, watchedBackend } from '../support/watched-store.ts'

function tools(tasks: Tasks): void {
  tasks.registerTool('never', {}, (_args, { signal }) => aborted(signal))
}

const as = (sub: string): RequestOrigin => ({
  authInfo: { token: 't', clientId: 'app', scopes: [], extra: { iss: 'i', sub } },
})

/** A subscription whose stream nobody reads. */
async function subscribe(server: Served, taskIds: readonly string[], info: RequestOrigin = {}): Promise<Response> {
  const wire = server.wire as ModernHttpWire
  return wire.post(server.message('subscriptions/listen', { notifications: { taskIds, toolsListChanged: true } }), {
    info,
  })
}

const isStream = ({ headers }: Response): boolean => headers.get('content-type') === 'text/event-stream'

test('who does not read what it subscribed to is dropped at 16 MiB, and the task goes on', async () => {
  const backend = watchedBackend()
  const server = await serveRaw('fetch', tools, { backend })
  const taskId = await server.start('never')
  await expect.poll(() => backend.watching).toBe(1)
  const before = backend.watching
  const unread = await subscribe(server, [taskId])
  const reader = unread.body!.getReader()
  await expect.poll(() => backend.watching).toBe(before + 1)
  const big = 'x'.repeat(1024 * 1024)
  for (let count = 0; count < 40 && backend.watching > before; count += 1) {
    const message = `${count} ${big}`
    await server.tasks.runtime.store.note(taskId, { statusMessage: message }, { from: ['working'] })
    await new Promise((resolve) => setImmediate(resolve))
  }
  await expect(
    (async () => {
      for (;;) if ((await reader.read()).done) return
    })(),
  ).rejects.toThrow('has not read')
  expect((await server.request('tasks/get', { taskId })).result).toMatchObject({ status: 'working' })
})

test('one caller has 64 subscriptions and no more, and others have theirs; one that ends makes room', async () => {
  const server = await serveRaw('fetch', tools)
  const open = await Promise.all(Array.from({ length: 70 }, () => subscribe(server, ['x'], as('mallory'))))
  const refused = open.filter((response) => !isStream(response))
  expect(refused).toHaveLength(6)
  expect(await refused[0]?.json()).toMatchObject({ error: { message: 'Subscription limit reached' } })
  expect(isStream(await subscribe(server, ['x'], as('ann')))).toBe(true)
  expect(isStream(await subscribe(server, ['x'], { remoteAddress: '10.0.0.1' }))).toBe(true)
  await open.find(isStream)?.body?.cancel()
  expect(isStream(await subscribe(server, ['x'], as('mallory')))).toBe(true)
})

test('a store that fails while a subscription opens leaves none behind', async () => {
  let trouble: Trouble = 'none'
  const store = failingStore(new MemoryStore(), (method) => (method === 'get' ? trouble : 'none'))
  const server = await serveRaw('fetch', tools, { backend: { store, engine: new InProcessEngine() } })
  const taskId = await server.start('never')
  trouble = 'before'
  // As many as the SDK serves at once, and one more.
  for (let count = 0; count < 1_025; count += 1) expect((await subscribe(server, [taskId])).status).toBe(500)
  trouble = 'none'
  const subscription = await server.listen({ taskIds: [taskId], toolsListChanged: true })
  expect(await subscription.next()).toMatchObject({ params: { notifications: { taskIds: [taskId] } } })
})

test('a subscription to many tasks is no pile of listeners', async () => {
  const server = await serveRaw('fetch', tools, { limits: { maxOpenPerOwner: 1_000 } })
  const ids = await Promise.all(Array.from({ length: 50 }, () => server.start('never')))
  const subscription = await server.listen({ taskIds: ids })
  expect(await subscription.next()).toMatchObject({ params: { notifications: { taskIds: ids } } })
  await server.tasks.cancel(ids[49]!)
  expect(await subscription.next()).toMatchObject({ params: { taskId: ids[49], status: 'cancelled' } })
})

describe('a request that nobody holds any more still says when its client has gone', () => {
  const collect = (): void => {
    setFlagsFromString('--expose-gc')
    for (let round = 0; round < 3; round += 1) (runInNewContext('gc') as () => void)()
  }

  test('on a subscription', async () => {
    const backend = watchedBackend()
    const server = await serveRaw('fetch', tools, { backend })
    const taskId = await server.start('never')
    await expect.poll(() => backend.watching).toBe(1)
    const watched = backend.watching
    const gone = new AbortController()
    const message = server.message('subscriptions/listen', { notifications: { taskIds: [taskId] } })
    const response = await (server.wire as ModernHttpWire).post(message, { signal: gone.signal })
    const reader = response.body!.getReader()
    await reader.read()
    await expect.poll(() => backend.watching).toBe(watched + 1)
    collect()
    gone.abort()
    await expect.poll(() => backend.watching).toBe(watched)
  })

  test('on tasks/result', async () => {
    const backend = watchedBackend()
    const server = await serveRaw('fetch', tools, { backend })
    const session = await RawLegacy.open(server.wire)
    const taskId = await session.start('never')
    await session.request('tasks/get', { taskId })
    // Its body and the session, which is told of it.
    await expect.poll(() => backend.watching).toBe(2)
    const watched = backend.watching
    const gone = new AbortController()
    const request = { jsonrpc: '2.0', id: 'waits', method: 'tasks/result', params: { taskId } }
    const headers = { ...session.headers, 'mcp-method': undefined, 'mcp-name': undefined }
    await (server.wire as ModernHttpWire).post(request, { signal: gone.signal, headers })
    await expect.poll(() => backend.watching).toBe(watched + 1)
    collect()
    gone.abort()
    await expect.poll(() => backend.watching).toBe(watched)
  })
})
