import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from './clock.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('the system clock', () => {
  test('sleeps as long as it is told', async () => {
    const woken = vi.fn<() => void>()
    const sleep = systemClock.sleep(1000).then(woken)
    await vi.advanceTimersByTimeAsync(999)
    expect(woken).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    await sleep
    expect(systemClock.now()).toBe(Date.now())
  })

  test('sleeps longer than a timer of the platform can', async () => {
    const month = 30 * 86_400_000
    const woken = vi.fn<() => void>()
    const sleep = systemClock.sleep(month).then(woken)
    await vi.advanceTimersByTimeAsync(month - 1)
    expect(woken).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    await sleep
  })

  test.each([0, -1, Number.NaN])('a wait of %s ends in a later task', async (ms) => {
    const woken = vi.fn<() => void>()
    const sleep = systemClock.sleep(ms).then(woken)
    await Promise.resolve()
    expect(woken).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    await sleep
  })

  test('an aborted sleep rejects with the reason, and leaves no timer', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const sleep = systemClock.sleep(Infinity, controller.signal)
    controller.abort(reason)
    await expect(sleep).rejects.toBe(reason)
    await expect(systemClock.sleep(1, controller.signal)).rejects.toBe(reason)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('a reason that is no error comes inside one', async () => {
    await expect(systemClock.sleep(1, AbortSignal.abort('enough'))).rejects.toMatchObject({
      message: 'enough',
      cause: 'enough',
    })
  })
})
