import { describe, expect, test } from 'vitest'
import type { Tasks } from '@longcall/server'
import { McpServer } from '@modelcontextprotocol/server'
import { checkNotification } from '../../support/modern-schemas.ts'
import { rawTransports, serveRaw, withoutTasks } from '../../support/raw-modern.ts'
import type { Subscription, WireMessage } from '../../support/modern-views.ts'
import { aborted } from '../../support/watched-store.ts'

/** Tools that go on when the test says so. */
function gate(): { tools: (tasks: Tasks) => void; open: () => void } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  const tools = (tasks: Tasks): void => {
    tasks.registerTool('gated', {}, async (_args, context) => {
      await Promise.race([opened, aborted(context.signal)])
      context.updateStatus('through')
      await context.elicit({ message: 'go on?', requestedSchema: { type: 'object', properties: {} } }, { key: 'on' })
      return 'done'
    })
    tasks.registerTool('done', {}, () => 'done')
  }
  return { tools, open: () => open() }
}

const subscriptionKey = 'io.modelcontextprotocol/subscriptionId'

function paramsOf(message: WireMessage): {
  taskId?: string
  status?: string
  notifications?: { taskIds?: string[]; toolsListChanged?: boolean }
  _meta: Record<string, unknown>
} {
  return message.params as ReturnType<typeof paramsOf>
}

/** The acknowledgement, which is always first. */
async function acknowledged(subscription: Subscription): Promise<ReturnType<typeof paramsOf>> {
  const first = await subscription.next()
  expect(first.method).toBe('notifications/subscriptions/acknowledged')
  return paramsOf(first)
}

const isPush = ({ method }: WireMessage): boolean => method === 'notifications/tasks'
const isEnd = ({ result }: WireMessage): boolean => result !== undefined
const hasStatus =
  (wanted: string) =>
  (message: WireMessage): boolean =>
    isPush(message) && paramsOf(message).status === wanted

describe.each(rawTransports)('2026-07-28 over %s', (transport) => {
  const isPipe = transport === 'memory' || transport === 'stdio'

  test('each change of a task is pushed, with all that tasks/get says and the id of the subscription', async () => {
    const { tools, open } = gate()
    const server = await serveRaw(transport, tools)
    const taskId = await server.start('gated')
    const subscription = await server.listen({ taskIds: [taskId] }, { id: 'sub-1' })
    expect(await acknowledged(subscription)).toMatchObject({
      notifications: { taskIds: [taskId] },
      _meta: { [subscriptionKey]: 'sub-1' },
    })
    open()
    const asking = await subscription.next(hasStatus('input_required'))
    expect(asking.params).toMatchObject({ taskId, inputRequests: { on: { method: 'elicitation/create' } } })
    await server.update(taskId, { on: { action: 'accept', content: {} } })
    const ended = await subscription.next(hasStatus('completed'))
    expect(ended.params).toMatchObject({ taskId, result: { content: [{ text: 'done' }] } })
    const pushes = subscription.messages.filter(isPush)
    expect(pushes.map((push) => paramsOf(push)._meta[subscriptionKey])).toEqual(pushes.map(() => 'sub-1'))
    for (const message of subscription.messages) checkNotification(message)
  })

  test('the acknowledgement names exactly the tasks that there are, each once', async () => {
    const { tools } = gate()
    const server = await serveRaw(transport, tools)
    const [a, b] = [await server.start('gated'), await server.start('gated')]
    const subscription = await server.listen({ taskIds: [a, 'unknown', b, a, '', 'x'.repeat(10_000)] })
    expect((await acknowledged(subscription)).notifications?.taskIds).toEqual([a, b])
  })

  test('what changed between the call and the subscription is not missed', async () => {
    const { tools, open } = gate()
    const server = await serveRaw(transport, tools)
    const taskId = await server.start('gated')
    const listening = server.listen({ taskIds: [taskId] })
    open()
    const subscription = await listening
    await acknowledged(subscription)
    const seen = server.until(taskId, ({ status }) => status === 'input_required')
    const pushed = subscription.next(hasStatus('input_required'))
    // Either it was so when it was acknowledged, which tasks/get tells, or it is pushed.
    expect(await Promise.race([seen, pushed])).toBeDefined()
    await server.update(taskId, { on: { action: 'accept', content: {} } })
    expect(await subscription.next(hasStatus('completed'))).toBeDefined()
    pushed.catch(() => {})
  })

  test('one subscription can name tasks and changes of lists', async () => {
    const { tools, open } = gate()
    const built: McpServer[] = []
    const factory = (): McpServer => {
      const server = new McpServer({ name: 'own', version: '1.0.0' })
      server.registerTool('plain', {}, () => ({ content: [] }))
      built.push(server)
      return server
    }
    const server = await serveRaw(transport, tools, { factory })
    const taskId = await server.start('gated')
    const subscription = await server.listen({ taskIds: [taskId], toolsListChanged: true }, { id: 7 })
    expect((await acknowledged(subscription)).notifications).toEqual({ taskIds: [taskId], toolsListChanged: true })
    open()
    await subscription.next(hasStatus('input_required'))
    if (!isPipe) return
    // Over HTTP a change of a list reaches a subscription by the SDK's own bus.
    built[0]?.registerTool('new', {}, () => ({ content: [] }))
    const changed = await subscription.next(({ method }) => method === 'notifications/tools/list_changed')
    expect(paramsOf(changed)._meta[subscriptionKey]).toBe(7)
    checkNotification(changed)
  })

  test('without the extension it is refused with -32021', async () => {
    const { tools } = gate()
    const server = await serveRaw(transport, tools)
    const taskId = await server.start('gated')
    const subscription = await server.listen({ taskIds: [taskId] }, { capabilities: withoutTasks })
    const { error } = await subscription.next()
    expect(error).toMatchObject({
      code: -32_021,
      data: { requiredCapabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } },
    })
    expect(subscription.status).toBe(isPipe ? 200 : 400)
  })

  test('a subscription that was left hears nothing more, and another one of the task goes on', async () => {
    const { tools, open } = gate()
    const server = await serveRaw(transport, tools)
    const taskId = await server.start('gated')
    const left = await server.listen({ taskIds: [taskId] }, { id: 'left' })
    const kept = await server.listen({ taskIds: [taskId] }, { id: 'kept' })
    await acknowledged(left)
    await acknowledged(kept)
    await left.cancel()
    // Whatever was sent before it is behind us once this is answered.
    await server.request('tasks/get', { taskId })
    const heard = left.messages.length
    open()
    await kept.next(hasStatus('input_required'))
    await server.request('tasks/get', { taskId })
    expect(left.messages.length).toBe(heard)
  })

  test('closing the endpoint ends a subscription with its response', async () => {
    const { tools } = gate()
    const server = await serveRaw(transport, tools)
    const taskId = await server.start('gated')
    const subscription = await server.listen({ taskIds: [taskId] }, { id: 'sub' })
    await acknowledged(subscription)
    const end = subscription.next(isEnd)
    await server.endEndpoint()
    const { id, result } = await end
    expect(id).toBe('sub')
    expect(result).toMatchObject({ resultType: 'complete', _meta: { [subscriptionKey]: 'sub' } })
    await subscription.ended
  })

  test('a filter of tasks that is none counts as empty', async () => {
    const { tools } = gate()
    const server = await serveRaw(transport, tools)
    await server.call('done')
    for (const taskIds of ['x', 5, null, {}, [5, null, {}]]) {
      const subscription = await server.listen({ taskIds })
      expect((await acknowledged(subscription)).notifications?.taskIds ?? []).toEqual([])
      await subscription.cancel()
    }
  })
})

describe.each(['http', 'fetch'] as const)('2026-07-28 over %s', (transport) => {
  test('a subscription of which nothing is granted is acknowledged and ended, in the orderly way', async () => {
    const { tools } = gate()
    const server = await serveRaw(transport, tools)
    const subscription = await server.listen({ taskIds: ['unknown'] }, { id: 'sub' })
    expect((await acknowledged(subscription)).notifications).toEqual({ taskIds: [] })
    expect(await subscription.next()).toMatchObject({ id: 'sub', result: { resultType: 'complete' } })
    await subscription.ended
    for (const message of subscription.messages) checkNotification(message)
  })
})
