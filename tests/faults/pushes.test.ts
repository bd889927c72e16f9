import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isTerminal, type TaskSnapshot } from '@longcall/core'
import type { ToolTask } from '@longcall/client'
import { textOf } from '../support/answering.ts'
import {
  gaps,
  generations,
  mishaps,
  startServer,
  useLab,
  type HttpRule,
  type ServerProcess,
} from '../support/fault-lab.ts'

// One server wants to be polled so seldom that only its pushes can be in time; the other is polled.
let pushing: ServerProcess
let polled: ServerProcess
beforeAll(async () => {
  pushing = await startServer('dual', { pollIntervalMs: 120_000 })
  polled = await startServer('dual')
})
afterAll(() => Promise.all([pushing.stop(), polled.stop()]))

async function statusesOf(task: ToolTask): Promise<TaskSnapshot['status'][]> {
  const statuses: TaskSnapshot['status'][] = []
  for await (const { status } of task.updates()) statuses.push(status)
  return statuses
}

describe('a subscription (2026-07-28)', () => {
  // Its answer is the end of the stream: what opens it is the acknowledgement.
  const opened = mishaps('subscriptions/listen').filter(
    ({ rule }) => rule.match.direction === 'request' && rule.fault !== 'drop-response',
  )

  test.concurrent.for<{ name: string; rule: HttpRule }>([
    ...opened,
    {
      name: 'ends before it is acknowledged',
      rule: {
        match: { method: 'notifications/subscriptions/acknowledged', direction: 'response' },
        fault: 'end-stream',
      },
    },
    {
      name: 'breaks in the middle of its acknowledgement',
      rule: { match: { method: 'notifications/subscriptions/acknowledged', direction: 'response' }, fault: 'truncate' },
    },
  ])('that $name is opened again, and brings the end of the task', async ({ rule }, context) => {
    const lab = await useLab(pushing.url, '2026-07-28', context)
    const client = await lab.connect()
    lab.proxy.setRules([rule])
    const task = await client.callTool('slow', { ms: 2500, label: 'it' }, { task: true })
    expect(textOf(await task.result())).toBe('done it')
    expect(lab.hurt()).toBe(true)
    expect(lab.times('subscriptions/listen').length).toBeGreaterThan(1)
  })

  test.concurrent.for([
    ['dies with the network', true],
    ['is ended by the server', false],
  ] as const)('that $0 is opened again, and what was missed is asked for', async ([, byNetwork], context) => {
    const lab = await useLab(pushing.url, '2026-07-28', context)
    const client = await lab.connect()
    const task = await client.callTool('hang', {}, { task: true })
    const result = task.result()
    const acknowledged = (): number => lab.times('notifications/subscriptions/acknowledged', 'response').length
    await context.expect.poll(acknowledged).toBe(1)
    // One more that is waited for: however soon the end of the first is found, there is a reason to listen again.
    const other = await client.callTool('hang', {}, { task: true })
    const otherResult = other.result()
    await context.expect.poll(acknowledged).toBe(2)
    if (byNetwork) lab.proxy.dropConnections()
    else await pushing.control('endListens')
    // While nobody listens.
    await pushing.control('finish', task.id)
    expect(textOf(await result)).toBe('finished from outside')
    await context.expect.poll(acknowledged, { timeout: 10_000 }).toBeGreaterThan(2)
    await pushing.control('finish', other.id)
    expect(textOf(await otherResult)).toBe('finished from outside')
  })

  test.concurrent('keeps to the time that the server asked for', async (context) => {
    const lab = await useLab(pushing.url, '2026-07-28', context)
    const client = await lab.connect()
    const match = { method: 'subscriptions/listen', direction: 'request' } as const
    lab.proxy.setRules([{ match, fault: 'status', status: 429, headers: { 'retry-after': '2' } }])
    const task = await client.callTool('slow', { ms: 3000, label: 'it' }, { task: true })
    expect(textOf(await task.result())).toBe('done it')
    expect(gaps(lab.times('subscriptions/listen'))[0]).toBeGreaterThanOrEqual(1990)
  })

  test.concurrent('that the server does not have is not asked for again: polling does', async (context) => {
    const lab = await useLab(polled.url, '2026-07-28', context)
    const client = await lab.connect()
    const match = { method: 'subscriptions/listen', direction: 'request', nth: 'every' } as const
    lab.proxy.setRules([{ match, fault: 'status', status: 404 }])
    const tasks = await Promise.all([50, 250].map((ms) => client.callTool('slow', { ms, label: 'it' }, { task: true })))
    for (const task of tasks) expect(textOf(await task.result())).toBe('done it')
    expect(lab.times('subscriptions/listen')).toHaveLength(1)
  })
})

describe.each(generations)('pushes on the %s wire', (generation) => {
  const method = generation === '2026-07-28' ? 'notifications/tasks' : 'notifications/tasks/status'

  test.concurrent.for(['drop-connection', 'end-stream', 'truncate', 'duplicate', 'reorder', 'delay'] as const)(
    'that meet %s leave the statuses in order and the result as it is',
    async (fault, context) => {
      const lab = await useLab(polled.url, generation, context)
      const client = await lab.connect()
      lab.proxy.setRules([1, 2, 3].map((nth) => ({ match: { method, direction: 'response', nth }, fault, ms: 200 })))
      const task = await client.callTool('slow', { ms: 400, label: 'it' }, { task: true })
      const statuses = await statusesOf(task)
      expect(statuses.at(-1)).toBe('completed')
      expect(statuses.filter(isTerminal)).toHaveLength(1)
      expect(textOf(await task.result())).toBe('done it')
    },
  )

  test.concurrent('that tell of old times reopen nothing', async (context) => {
    const lab = await useLab(polled.url, generation, context)
    const client = await lab.connect()
    const task = await client.callTool('slow', { ms: 300, label: 'it' }, { task: true })
    const statuses = statusesOf(task)
    const old = { status: 'input_required', lastUpdatedAt: '2020-01-01T00:00:00.000Z' }
    for (let round = 0; round < 5; round += 1) await polled.control('emit', task.id, old)
    expect(await statuses).not.toContain('input_required')
    await polled.control('emit', task.id, { status: 'working' })
    expect(task.latest).toMatchObject({ status: 'completed' })
  })
})

describe('the GET stream (2025-11-25)', () => {
  test.concurrent.for([
    ['cannot be opened', { fault: 'drop-connection' }],
    ['is not to be had', { fault: 'status', status: 405 }],
    ['is out of order', { fault: 'status', status: 503 }],
  ] as const)('that %s costs pushes, and no result', async ([, fault], context) => {
    const lab = await useLab(polled.url, '2025-11-25', context)
    lab.proxy.setRules([{ match: { method: 'GET', direction: 'request', nth: 'every' }, ...fault }])
    const client = await lab.connect()
    const task = await client.callTool('slow', { ms: 150, label: 'it' }, { task: true })
    expect(textOf(await task.result())).toBe('done it')
  })

  test.concurrent.for([
    ['is cut', { fault: 'drop-connection' }],
    ['is refused for now', { fault: 'status', status: 503 }],
  ] as const)('whose first opening %s is opened later, and brings the push', async ([, fault], context) => {
    const lab = await useLab(pushing.url, '2025-11-25', context)
    lab.proxy.setRules([{ match: { method: 'GET', direction: 'request', nth: 1 }, ...fault }])
    const client = await lab.connect()
    const task = await client.callTool('slow', { ms: 2500, label: 'it' }, { task: true })
    expect(textOf(await task.result())).toBe('done it')
    expect(lab.times('GET').length).toBeGreaterThan(1)
    expect(lab.times('tasks/get')).toEqual([])
  })

  test.concurrent('that dies is opened again, and brings the next push', async (context) => {
    // A server that opens the stream before there is anything to say on it.
    const server = await startServer('v1', { pollIntervalMs: 120_000 })
    context.onTestFinished(() => server.stop())
    const lab = await useLab(server.url, '2025-11-25', context)
    const client = await lab.connect()
    await context.expect.poll(() => lab.times('GET').length).toBe(1)
    const task = await client.callTool('sleep', { ms: 2500 }, { task: true })
    const result = task.result()
    lab.proxy.dropConnections()
    expect(textOf(await result)).toBe('slept')
    expect(lab.times('GET').length).toBeGreaterThan(1)
    expect(lab.times('tasks/get')).toEqual([])
  })
})
