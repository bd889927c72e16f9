import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { ManualClock } from './manual-clock.ts'

describe('ManualClock', () => {
  test('stands still until it is told to move', async () => {
    const clock = new ManualClock(1000)
    const woken = vi.fn<() => void>()
    const sleep = clock.sleep(10).then(woken)
    await clock.advance(9)
    expect([clock.now(), clock.sleepers, woken.mock.calls.length]).toEqual([1009, 1, 0])
    await clock.advance(1)
    await sleep
    expect([clock.now(), clock.sleepers]).toEqual([1010, 0])
  })

  test('wakes sleepers in the order of time, then of arrival, each seeing its own time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 20 }), async (waits) => {
        const clock = new ManualClock(0)
        const woken: { order: number; ms: number; at: number }[] = []
        waits.forEach((ms, order) => void clock.sleep(ms).then(() => woken.push({ order, ms, at: clock.now() })))
        await clock.advance(50)
        const expected = waits.map((ms, order) => ({ order, ms, at: ms })).toSorted((a, b) => a.ms - b.ms)
        expect(woken).toEqual(expected)
        expect(clock.now()).toBe(50)
      }),
    )
  })

  test('one advance wakes a sleeper again and again', async () => {
    const clock = new ManualClock(0)
    const times: number[] = []
    const poll = async (): Promise<never> => {
      for (;;) {
        await clock.sleep(100)
        times.push(clock.now())
      }
    }
    void poll()
    await clock.advance(350)
    expect(times).toEqual([100, 200, 300])
    expect(clock.now()).toBe(350)
  })

  test('what one sleeper sets off runs before the next wakes, tasks of the event loop included', async () => {
    const clock = new ManualClock()
    const log: string[] = []
    const first = async (): Promise<void> => {
      await clock.sleep(1)
      await new Promise((resolve) => setImmediate(resolve))
      log.push('first')
    }
    void first()
    void clock.sleep(1).then(() => log.push('second'))
    await clock.advance(1)
    expect(log).toEqual(['first', 'second'])
  })

  test('two advances come one after the other', async () => {
    const clock = new ManualClock(0)
    await Promise.all([clock.advance(5), clock.advance(7)])
    expect(clock.now()).toBe(12)
  })

  test('may show an earlier time, which changes no sleep', async () => {
    const clock = new ManualClock(5000)
    const sleep = clock.sleep(10)
    clock.set(1000)
    expect([clock.now(), clock.sleepers]).toEqual([1000, 1])
    await clock.advance(10)
    await sleep
    expect(clock.now()).toBe(1010)
  })

  test('says when enough are asleep', async () => {
    const clock = new ManualClock()
    const twoAsleep = vi.fn<() => void>()
    const waiting = clock.untilSleeping(2).then(twoAsleep)
    void clock.sleep(1)
    await clock.untilSleeping()
    expect(twoAsleep).not.toHaveBeenCalled()
    void clock.sleep(1)
    await waiting
    await clock.advance(1)
  })

  test('an aborted sleep rejects with the reason, and is no longer counted', async () => {
    const clock = new ManualClock()
    const controller = new AbortController()
    const reason = new Error('enough')
    const sleep = clock.sleep(Infinity, controller.signal)
    expect(clock.sleepers).toBe(1)
    controller.abort(reason)
    await expect(sleep).rejects.toBe(reason)
    await expect(clock.sleep(1, controller.signal)).rejects.toBe(reason)
    expect(clock.sleepers).toBe(0)
  })

  test.each([0, -1, Number.NaN])('a wait of %s ends by itself, in a later task', async (ms) => {
    const clock = new ManualClock()
    const woken = vi.fn<() => void>()
    const sleep = clock.sleep(ms).then(woken)
    await Promise.resolve()
    expect(woken).not.toHaveBeenCalled()
    await sleep
  })

  test.each([-1, Infinity, Number.NaN])('cannot advance by %s', async (ms) => {
    await expect(new ManualClock().advance(ms)).rejects.toThrow(RangeError)
  })
})
