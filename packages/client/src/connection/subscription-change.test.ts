import { expect, onTestFinished, test } from 'vitest'
import { ManualClock } from '@longcall/core/testing'
import { streamEnded } from './sdk-client.ts'
import type { RawReply } from './sdk-hooks.ts'
import { Subscription } from './subscription.ts'

/** A stream that was asked for. */
interface Opening {
  readonly ids: readonly string[]
  readonly signal: AbortSignal
  readonly open: () => void
  readonly end: () => void
  readonly refuse: () => void
}

/** A subscription whose streams are opened by the test, one at a time. */
function setUp() {
  const clock = new ManualClock()
  const opening: Opening[] = []
  const subscription = new Subscription({
    clock,
    dispatch: ({ params }, signal, sent) =>
      new Promise<RawReply>((resolve, reject) => {
        const id = `longcall:${opening.length + 1}`
        const { taskIds } = (params ?? {})['notifications'] as { taskIds: string[] }
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
        sent(id)
        opening.push({
          ids: taskIds,
          signal,
          open: () => subscription.acknowledge(id, { taskIds }),
          end: () => reject(streamEnded),
          refuse: () => resolve({ kind: 'error', error: { code: -32_601, message: 'Method not found' } }),
        })
      }),
  })
  onTestFinished(() => {
    subscription.close()
    // As the end of the connection does.
    for (const { end } of opening) end()
  })
  const nth = (at: number): Opening => opening[at] ?? expect.fail(`no stream ${at} was opened`)
  return { clock, opening, nth, subscription }
}

const nobody = (): void => {}

test('ids that are added while a stream opens wait for it, and then go together', async () => {
  const { clock, opening, nth, subscription } = setUp()
  subscription.add({ kind: 'task', id: 'a' }, nobody)
  await clock.advance(1000)
  for (const id of ['b', 'c', 'd']) {
    subscription.add({ kind: 'task', id }, nobody)
    await clock.advance(100)
  }
  expect(opening.map(({ ids }) => ids)).toEqual([['a']])
  nth(0).open()
  await clock.advance(1000)
  expect(opening.map(({ ids }) => ids)).toEqual([['a'], ['a', 'b', 'c', 'd']])
})

test('an id that leaves alone changes no stream; the last one to leave while it opens closes it', async () => {
  const { clock, opening, nth, subscription } = setUp()
  const leave = ['a', 'b'].map((id) => subscription.add({ kind: 'task', id }, nobody))
  await clock.advance(1000)
  for (const each of leave) each()
  nth(0).open()
  await clock.advance(1000)
  expect(opening).toHaveLength(1)
  expect(nth(0).signal.aborted).toBe(true)
  expect(clock.sleepers).toBe(0)
})

test('an acknowledgement of another request opens nothing', async () => {
  const { clock, nth, subscription } = setUp()
  let heard = 0
  subscription.add({ kind: 'task', id: 'a' }, () => void (heard += 1))
  await clock.advance(1000)
  subscription.acknowledge('longcall:99', { taskIds: ['a'] })
  await clock.advance(1000)
  expect(heard).toBe(0)
  nth(0).open()
  await clock.advance(1000)
  expect(heard).toBe(1)
})

test('a server that refuses is left alone for good', async () => {
  const { clock, opening, nth, subscription } = setUp()
  subscription.add({ kind: 'task', id: 'a' }, nobody)
  await clock.advance(1000)
  nth(0).refuse()
  await clock.advance(600_000)
  subscription.add({ kind: 'task', id: 'b' }, nobody)
  await clock.advance(600_000)
  expect(opening).toHaveLength(1)
  expect(clock.sleepers).toBe(0)
})

test('closed while it pauses, or while a stream is open, it opens nothing more', async () => {
  const { clock, opening, nth, subscription } = setUp()
  subscription.add({ kind: 'task', id: 'a' }, nobody)
  await clock.advance(1000)
  nth(0).end()
  await clock.untilSleeping()
  subscription.close()
  await clock.advance(600_000)
  subscription.add({ kind: 'task', id: 'b' }, nobody)
  await clock.advance(600_000)
  expect([opening.length, clock.sleepers]).toEqual([1, 0])

  const other = setUp()
  other.subscription.add({ kind: 'task', id: 'a' }, nobody)
  await other.clock.advance(1000)
  other.nth(0).open()
  await other.clock.advance(1000)
  other.subscription.close()
  await other.clock.advance(600_000)
  expect(other.nth(0).signal.aborted).toBe(true)
  expect([other.opening.length, other.clock.sleepers]).toEqual([1, 0])
})
