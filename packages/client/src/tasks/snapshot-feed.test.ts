import { describe, expect, test } from 'vitest'
import type { TaskSnapshot, TaskStatus } from '@longcall/core'
import { ManualClock } from '@longcall/core/testing'
import { settle } from './settled-task.ts'
import { keepsNothing } from './task-keeper.ts'
import { snapshotFeed } from './snapshot-feed.ts'
import type { TaskSource, TaskWatcher } from './task-source.ts'

const operation = { method: 'tools/call', name: 'render' } as const

function snapshot(status: TaskStatus, statusMessage?: string, at = 0): TaskSnapshot {
  const createdAt = new Date(0).toISOString()
  const lastUpdatedAt = new Date(at).toISOString()
  return {
    id: 't1',
    status,
    createdAt,
    lastUpdatedAt,
    ttlMs: null,
    ...(statusMessage !== undefined && { statusMessage }),
  }
}

/** A task whose news the test makes. */
class ScriptedSource implements TaskSource {
  readonly taskId = 't1'
  readonly operation = operation
  readonly clock = new ManualClock(0)
  readonly reference = {
    longcall: 1,
    kind: 'task',
    taskId: 't1',
    endpoint: 'memory:x',
    operation,
    generation: '2026-07-28',
  } as const
  readonly watchers = new Set<TaskWatcher>()
  latest: TaskSnapshot | undefined

  watch(watcher: TaskWatcher): () => void {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }

  see(seen: TaskSnapshot): void {
    this.latest = seen
    for (const watcher of this.watchers) watcher.seen?.(seen)
  }

  fail(error: Error): void {
    for (const watcher of this.watchers) watcher.failed?.(error)
  }

  status = (): Promise<never> => Promise.reject(new Error('not asked'))
  ending = this.status
  cancel = this.status
  answer = this.status
  questions = (): [] => []
  keeper = keepsNothing
  busy = (): boolean => false
}

async function collect(feed: AsyncIterable<TaskSnapshot>): Promise<TaskSnapshot[]> {
  const seen: TaskSnapshot[] = []
  for await (const each of feed) seen.push(each)
  return seen
}

describe('the snapshots of a task', () => {
  test('come from what is known now to the terminal one, none twice', async () => {
    const source = new ScriptedSource()
    source.latest = snapshot('working')
    const feed = snapshotFeed(source, {})
    expect(await feed.next()).toMatchObject({ value: { status: 'working' } })
    source.see(snapshot('working', undefined, 5))
    source.see(snapshot('working', 'half'))
    source.see(snapshot('working', 'half', 6))
    source.see(snapshot('completed'))
    const rest: (string | undefined)[] = []
    for await (const { status, statusMessage } of feed) rest.push(statusMessage ?? status)
    expect(rest).toEqual(['half', 'completed'])
    expect(source.watchers.size).toBe(0)
  })

  test('are waited for by a reader who is ahead', async () => {
    const source = new ScriptedSource()
    const feed = snapshotFeed(source, {})
    const next = feed.next()
    source.see(snapshot('input_required'))
    expect(await next).toMatchObject({ value: { status: 'input_required' } })
    const end = feed.next()
    source.see(snapshot('cancelled'))
    expect(await end).toMatchObject({ value: { status: 'cancelled' } })
    expect(await feed.next()).toEqual({ value: undefined, done: true })
  })

  test('are not lost on a slow reader, up to a thousand; the last is always the terminal one', async () => {
    const source = new ScriptedSource()
    source.latest = snapshot('working', 'first')
    const feed = snapshotFeed(source, {})
    await feed.next()
    for (let n = 1; n <= 1500; n += 1) source.see(snapshot('working', `step ${n}`))
    source.see(snapshot('completed'))
    const rest = await collect(feed)
    expect(rest.length).toBe(1000)
    expect([rest[0]?.statusMessage, rest.at(-1)?.status]).toEqual(['step 502', 'completed'])
  })

  test('stop the watching when the loop is left', async () => {
    const source = new ScriptedSource()
    source.latest = snapshot('working')
    for await (const seen of snapshotFeed(source, {})) {
      expect(source.watchers.size).toBe(1)
      expect(seen.status).toBe('working')
      break
    }
    await source.clock.advance(0)
    expect(source.watchers.size).toBe(0)
  })

  test('end with the error that the task cannot be followed, after what was seen before', async () => {
    const source = new ScriptedSource()
    source.latest = snapshot('working')
    const feed = snapshotFeed(source, {})
    await feed.next()
    source.see(snapshot('working', 'last words'))
    source.fail(new Error('gone'))
    expect(await feed.next()).toMatchObject({ value: { statusMessage: 'last words' } })
    await expect(feed.next()).rejects.toThrow('gone')
    expect(await feed.next()).toEqual({ value: undefined, done: true })
  })

  test('keep to the limits of the wait', async () => {
    const source = new ScriptedSource()
    source.latest = snapshot('working')
    const timed = snapshotFeed(source, { timeoutMs: 100 })
    await timed.next()
    await source.clock.advance(100)
    await expect(timed.next()).rejects.toMatchObject({ code: 'wait_timeout', reference: { taskId: 't1' } })

    const abort = new AbortController()
    const aborted = snapshotFeed(source, { signal: abort.signal })
    await aborted.next()
    abort.abort(new Error('enough'))
    await expect(aborted.next()).rejects.toMatchObject({ code: 'wait_aborted' })
    await expect(collect(snapshotFeed(source, { signal: abort.signal }))).rejects.toMatchObject({
      code: 'wait_aborted',
    })
    expect(source.watchers.size).toBe(0)
  })

  test('of a call that was answered at once are one', async () => {
    const settled = settle(operation, { content: [] }, new Date(0))
    const seen = await collect(snapshotFeed(settled, {}))
    expect(seen.map(({ status }) => status)).toEqual(['completed'])
  })
})
