import { minPollIntervalMs } from '@longcall/core'
import { expect, test } from 'vitest'
import { ManualClock } from '@longcall/core/testing'
import { PollTimer } from './poll-timer.ts'

/** A timer, and when somebody who sleeps until it is due woke, by the clock. */
function sleeper() {
  const clock = new ManualClock(0)
  const timer = new PollTimer(clock)
  const abort = new AbortController()
  const woke: number[] = []
  const failed: unknown[] = []
  const sleep = (): void => {
    timer.untilDue(abort.signal).then(
      () => woke.push(clock.now()),
      (error: unknown) => failed.push(error),
    )
  }
  return { clock, timer, abort, woke, failed, sleep }
}

test('the first poll is due at once', async () => {
  const { clock, sleep, woke } = sleeper()
  sleep()
  await clock.advance(0)
  expect(woke).toEqual([0])
})

test('a poll is due when it was said to be', async () => {
  const { clock, timer, sleep, woke } = sleeper()
  timer.dueIn(500)
  sleep()
  await clock.advance(499)
  expect(woke).toEqual([])
  await clock.advance(1)
  expect(woke).toEqual([500])
})

test('a poll that is put off while somebody sleeps comes later, and one brought forward sooner', async () => {
  const { clock, timer, sleep, woke } = sleeper()
  timer.dueIn(500)
  sleep()
  await clock.advance(400)
  timer.dueIn(500)
  await clock.advance(499)
  expect(woke).toEqual([])
  timer.dueIn(0)
  await clock.advance(0)
  expect(woke).toEqual([899])
})

test('news bring the next poll forward, but not closer to the last than is bearable', async () => {
  const { clock, timer, sleep, woke } = sleeper()
  timer.sent(10_000)
  timer.dueIn(10_000)
  sleep()
  await clock.advance(30)
  for (let news = 0; news < 5; news += 1) timer.soon()
  await clock.advance(minPollIntervalMs)
  expect(woke).toEqual([minPollIntervalMs])
  sleep()
  await clock.advance(0)
  expect(woke).toEqual([minPollIntervalMs, minPollIntervalMs + 30])
})

test('news put no poll off', async () => {
  const { clock, timer, sleep, woke } = sleeper()
  timer.sent(10_000)
  timer.dueIn(20)
  sleep()
  timer.soon()
  await clock.advance(20)
  expect(woke).toEqual([20])
})

test('who sleeps until a poll is due is woken by the signal, with its reason', async () => {
  const { clock, timer, abort, sleep, woke, failed } = sleeper()
  timer.dueIn(500)
  sleep()
  await clock.advance(10)
  const reason = new Error('nobody waits')
  abort.abort(reason)
  await clock.advance(0)
  expect([woke, failed]).toEqual([[], [reason]])
  expect(clock.sleepers).toBe(0)
  sleep()
  await clock.advance(0)
  expect(failed).toEqual([reason, reason])
})

test.each([
  ['forward', 8 * 3_600_000],
  ['back', -8 * 3_600_000],
])('a clock that is set %s by eight hours puts no poll off, and brings none forward', async (_, byMs) => {
  const clock = new ManualClock()
  const timer = new PollTimer(clock)
  const polls: number[] = []
  const begun = clock.monotonic()
  const poll = async (): Promise<void> => {
    for (let n = 0; n < 3; n += 1) {
      await timer.untilDue(new AbortController().signal)
      polls.push(clock.monotonic() - begun)
      timer.sent(500)
      timer.dueIn(500)
    }
  }
  const polled = poll()
  await clock.advance(250)
  clock.set(clock.now() + byMs)
  await clock.advance(1000)
  await polled
  expect(polls).toEqual([0, 500, 1000])
})
