import { describe, expect, test } from 'vitest'
import { WaitAbortedError, type Client, type Generation, type TaskSnapshot } from '@longcall/client'
import { ManualClock } from '@longcall/core/testing'
import { ScriptedServer, wireCreated, wireTask, wireText } from '../support/scripted-server.ts'

const generations: readonly Generation[] = ['2025-11-25', '2026-07-28']

interface Polled {
  readonly client: Client
  readonly clock: ManualClock
  readonly server: ScriptedServer
  /** How often the task was asked for. */
  readonly polls: () => number
  /** What the next polls are answered with. */
  readonly become: (status: string, more?: Record<string, unknown>) => void
}

/** A server with one task that changes when the test says so, and a client whose time the test holds. */
async function polled(generation: Generation, pollIntervalMs: unknown): Promise<Polled> {
  const clock = new ManualClock()
  let state = wireTask(generation, 'working', { pollIntervalMs })
  const server = new ScriptedServer(generation, {
    'tools/call': () => wireCreated(generation, { pollIntervalMs }),
    'tasks/get': () => state,
    'tasks/result': () => wireText('done'),
  })
  const client = await server.connect({ clock })
  return {
    client,
    clock,
    server,
    polls: () => server.requests('tasks/get').length,
    become: (status, more = {}) => {
      const outcome = generation === '2026-07-28' && status === 'completed' ? { result: wireText('done') } : {}
      state = wireTask(generation, status, { pollIntervalMs, ...outcome, ...more })
    },
  }
}

describe.each(generations)('a task of a %s server', (generation) => {
  test.each([
    ['is', 2000, 2000],
    ['is a default of half a second if it names none', null, 500],
    ['is the default if it says zero', 0, 500],
    ['is the default if it says less', -5, 500],
    ['is a bearable minimum if it says next to nothing', 1, 100],
    ['is five minutes if it says a year', 31_536_000_000, 300_000],
  ])('is polled no sooner than the interval that the server names, which %s', async (_, asked, expected) => {
    const { client, clock, polls, become } = await polled(generation, asked)
    const task = await client.callTool('job', {}, { task: true })
    const waiting = task.wait()
    await clock.advance(expected - 1)
    expect(polls()).toBe(0)
    await clock.advance(1)
    expect(polls()).toBe(1)
    await clock.advance(expected)
    expect(polls()).toBe(2)
    become('completed')
    await clock.advance(expected)
    expect(await waiting).toMatchObject({ status: 'completed' })
    expect(polls()).toBe(3)
  })

  test('is not polled while nobody waits', async () => {
    const { client, clock, polls } = await polled(generation, 1000)
    const task = await client.callTool('job', {}, { task: true })
    await clock.advance(60_000)
    expect(polls()).toBe(0)
    expect(task.latest).toMatchObject({ status: 'working' })
  })

  test('is not polled any more once the loop over its updates is left', async () => {
    const { client, clock, polls, become } = await polled(generation, 1000)
    const task = await client.callTool('job', {}, { task: true })
    const seen: TaskSnapshot[] = []
    const reading = (async () => {
      for await (const snapshot of task.updates()) if (seen.push(snapshot) === 2) return
    })()
    become('working', { statusMessage: 'half' })
    await clock.advance(1000)
    await reading
    expect(seen.map(({ statusMessage }) => statusMessage)).toEqual([undefined, 'half'])
    await clock.advance(60_000)
    expect(polls()).toBe(1)
  })

  test('is asked for anew by every status, whatever was seen before', async () => {
    const { client, polls, become } = await polled(generation, 1000)
    const task = await client.callTool('job', {}, { task: true })
    for (const statusMessage of ['one', 'two', 'three']) {
      become('working', { statusMessage })
      expect(await task.status()).toMatchObject({ statusMessage })
    }
    expect(polls()).toBe(3)
  })

  test('stays ended, whatever the server says later', async () => {
    const { client, become } = await polled(generation, 1000)
    const task = await client.callTool('job', {}, { task: true })
    become('completed')
    await task.status()
    become('working')
    expect(await task.status()).toMatchObject({ status: 'completed' })
    expect(task.latest).toMatchObject({ status: 'completed' })
  })

  test('is polled once for all who wait for it, by whatever handle', async () => {
    const { client, clock, polls, become } = await polled(generation, 1000)
    const task = await client.callTool('job', {}, { task: true })
    const twin = client.tasks.resume(JSON.parse(JSON.stringify(task)))
    const waits = [task.wait(), task.result(), twin.wait(), twin.result(), client.tasks.result('t1')]
    await clock.advance(1000)
    await clock.advance(1000)
    expect(polls()).toBe(2)
    become('completed')
    await clock.advance(1000)
    await Promise.all(waits)
    expect(polls()).toBe(3)
  })

  test('has its result fetched once for all its handles', async () => {
    const { client, server, become } = await polled(generation, 1000)
    const task = await client.callTool('job', {}, { task: true })
    become('completed')
    await task.status()
    const twin = client.tasks.resume(JSON.parse(JSON.stringify(task)))
    await twin.status()
    await Promise.all([task.result(), task.result(), twin.result(), client.tasks.result('t1')])
    expect(server.requests('tasks/result')).toHaveLength(generation === '2025-11-25' ? 1 : 0)
  })

  test('is let go at once by a wait that is aborted, and is not cancelled', async () => {
    const { client, server } = await polled(generation, 300_000)
    const task = await client.callTool('job', {}, { task: true })
    const abort = new AbortController()
    const waits = [task.wait({ signal: abort.signal }), task.updates({ signal: abort.signal }).return()]
    const result = task.result({ signal: abort.signal })
    abort.abort(new Error('enough'))
    // The clock stands still: nothing waits for the next poll.
    for (const waiting of [waits[0], result]) {
      const error: unknown = await waiting!.catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(WaitAbortedError)
      expect(error).toMatchObject({ reference: { taskId: 't1' }, cause: { message: 'enough' } })
    }
    expect(server.requests('tasks/cancel')).toEqual([])
    await expect(task.wait({ signal: abort.signal })).rejects.toBeInstanceOf(WaitAbortedError)
  })

  test('is no thenable, so that to return its handle does not wait for it', async () => {
    const { client } = await polled(generation, 300_000)
    const start = async () => client.callTool('job', {}, { task: true })
    const task = await start()
    expect('then' in task).toBe(false)
    expect(task.latest).toMatchObject({ status: 'working' })
  })
})
