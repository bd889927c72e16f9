import { describe, expect, test } from 'vitest'
import { ManualClock } from '@longcall/core/testing'
import { expectSoon, textOf } from '../support/answering.ts'
import {
  RpcFault,
  ScriptedServer,
  silence,
  wireCreated,
  wireTask,
  wireText,
  type Received,
  type Wire,
} from '../support/scripted-server.ts'
import { serve, settings } from '../support/servers.ts'

const generation = '2026-07-28'
const seldom = { pollIntervalMs: 120_000 }

interface Listening {
  readonly server: ScriptedServer
  /** The streams that were asked for, with the ids of each. */
  readonly asked: () => readonly { readonly id: unknown; readonly taskIds: readonly string[] }[]
  /** The ids of streams that the client gave up. */
  readonly givenUp: () => readonly unknown[]
  readonly acknowledge: (id: unknown, taskIds: readonly string[]) => void
}

/** A server of many tasks, whose subscriptions the test acknowledges. */
function listening(answers: ConstructorParameters<typeof ScriptedServer>[1] = {}): Listening {
  let created = 0
  const server = new ScriptedServer(generation, {
    'tools/call': () => wireCreated(generation, { ...seldom, taskId: `t${(created += 1)}` }),
    'tasks/get': ({ taskId }) => wireTask(generation, 'working', { ...seldom, taskId }),
    'subscriptions/listen': () => silence,
    ...answers,
  })
  return {
    server,
    asked: () =>
      server.requests('subscriptions/listen').map(({ id, params }) => ({
        id,
        taskIds: (params['notifications'] as { taskIds: string[] }).taskIds,
      })),
    givenUp: () =>
      server.requests('notifications/cancelled').map(({ params }) => (params as { requestId: unknown }).requestId),
    acknowledge: (id, taskIds) =>
      server.notify('notifications/subscriptions/acknowledged', {
        notifications: { taskIds },
        _meta: { 'io.modelcontextprotocol/subscriptionId': id },
      }),
  }
}

describe.each(settings({ peer: 'dual', generation }))('on the $name', ({ setting }) => {
  test('eight tasks share the way of their pushes, and none of them is missed', async () => {
    const client = await (await serve(setting, seldom)).connect()
    const waits: Promise<unknown>[] = []
    for (let at = 1; at <= 8; at += 1) {
      const task = await client.callTool('slow', { ms: 100 * at, label: `${at}` }, { task: true })
      waits.push(task.result().then(textOf))
    }
    expect(await Promise.all(waits)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((at) => `done ${at}`))
  })
})

test('streams that the server ends are opened again, and nothing is missed', async () => {
  const served = await serve({ peer: 'dual', transport: 'http', generation }, seldom)
  const client = await served.connect()
  const task = await client.callTool('hang', {}, { task: true })
  const listens = () => served.dual.events.filter(({ method }) => method === 'subscriptions/listen').length
  const ended = task.wait()
  await expectSoon(listens).toBe(1)
  served.dual.control.endListens()
  await expectSoon(listens).toBe(2)
  served.dual.control.finish(task.id)
  expect(await ended).toMatchObject({ status: 'completed' })
})

describe('subscriptions', () => {
  test('change one at a time: the next is asked for when the last was acknowledged, and takes its place', async () => {
    const { server, asked, givenUp, acknowledge } = listening()
    const client = await server.connect()
    const follow = async (): Promise<void> => {
      const task = await client.callTool('job', {}, { task: true })
      task.onStatusChange(() => {})
    }
    await follow()
    await expectSoon(asked).toMatchObject([{ taskIds: ['t1'] }])
    for (let more = 0; more < 7; more += 1) await follow()
    expect(asked()).toHaveLength(1)
    acknowledge(asked()[0]!.id, ['t1'])
    const all = ['t1', 't2', 't3', 't4', 't5', 't6', 't7', 't8']
    await expectSoon(asked).toMatchObject([{}, { taskIds: all }])
    // The old stream stays until the new one flows.
    expect(givenUp()).toEqual([])
    acknowledge(asked()[1]!.id, all)
    await expectSoon(givenUp).toEqual([asked()[0]!.id])
    expect(asked()).toHaveLength(2)
  })

  test('of tasks that begin together are one', async () => {
    const { server, asked, acknowledge } = listening()
    const client = await server.connect()
    const tasks = await Promise.all([1, 2, 3, 4].map(() => client.callTool('job', {}, { task: true })))
    for (const task of tasks) task.onStatusChange(() => {})
    await expectSoon(asked).toMatchObject([{ taskIds: ['t1', 't2', 't3', 't4'] }])
    acknowledge(asked()[0]!.id, ['t1', 't2', 't3', 't4'])
    await expectSoon(() => server.requests('tasks/get').length).toBe(4)
    expect(asked()).toHaveLength(1)
  })

  test('end when nobody waits for any task, and begin anew with the next who does', async () => {
    const { server, asked, givenUp, acknowledge } = listening()
    const client = await server.connect()
    const task = await client.callTool('job', {}, { task: true })
    expect(asked()).toEqual([])
    const stop = task.onStatusChange(() => {})
    await expectSoon(asked).toHaveLength(1)
    acknowledge(asked()[0]!.id, ['t1'])
    await expectSoon(() => server.requests('tasks/get').length).toBe(1)
    stop()
    await expectSoon(givenUp).toEqual([asked()[0]!.id])
    task.onStatusChange(() => {})
    await expectSoon(asked).toHaveLength(2)
  })

  test('are followed by a poll at once: the task may have ended before its pushes began to flow', async () => {
    const clock = new ManualClock()
    const { server, asked, acknowledge } = listening({
      'tasks/get': () => wireTask(generation, 'completed', { ...seldom, result: wireText('done') }),
    })
    const client = await server.connect({ clock })
    const task = await client.callTool('job', {}, { task: true })
    const result = task.result()
    await clock.advance(50)
    expect(asked()).toHaveLength(1)
    expect(server.requests('tasks/get')).toEqual([])
    acknowledge(asked()[0]!.id, ['t1'])
    // Two minutes before the next poll would have been due.
    expect(textOf(await result)).toBe('done')
    expect(server.requests('tasks/get')).toHaveLength(1)
  })

  test.each([
    ['does not know them', () => ({}), false],
    [
      'refuses them',
      () => {
        throw new RpcFault(-32_603, 'no')
      },
      false,
    ],
    ['honors none of them', (): typeof silence => silence, true],
  ])('are left alone when the server %s, and polling does', async (how, answer, acknowledged) => {
    let status = 'working'
    const { server, asked, acknowledge } = listening({
      'tools/call': () => wireCreated(generation),
      'tasks/get': () => wireTask(generation, status, { result: wireText('done') }),
      ...(how !== 'does not know them' && {
        'subscriptions/listen': (_params: Wire, request: Received) => {
          if (acknowledged) queueMicrotask(() => acknowledge(request.id, []))
          return answer()
        },
      }),
      ...(how === 'does not know them' && {
        'subscriptions/listen': () => {
          throw new RpcFault(-32_601, 'Method not found')
        },
      }),
    })
    const client = await server.connect()
    const task = await client.callTool('job', {}, { task: true })
    const result = task.result()
    await expectSoon(() => server.requests('tasks/get').length).toBeGreaterThan(2)
    status = 'completed'
    expect(textOf(await result)).toBe('done')
    expect(asked()).toHaveLength(1)
    const next = await client.callTool('job', {}, { task: true })
    await next.result()
    expect(asked()).toHaveLength(1)
  })
})
