import { maxPollIntervalMs, minPollIntervalMs } from '@longcall/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { retryDelayMs } from './retry-delay.ts'

const intervals = fc.integer({ min: minPollIntervalMs, max: maxPollIntervalMs })
const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const failureCounts = fc.integer({ min: 1, max: 10_000 })

describe('the pause after a failed poll', () => {
  test('is never shorter than the interval, and never longer than half a minute or the interval, and a tenth', () => {
    fc.assert(
      fc.property(failureCounts, intervals, randoms, (failures, interval, random) => {
        const delay = retryDelayMs(failures, interval, random)
        expect(delay).toBeGreaterThanOrEqual(interval)
        expect(delay).toBeLessThanOrEqual(Math.max(interval, 30_000) * 1.1)
      }),
    )
  })

  test('never shrinks with another failure', () => {
    fc.assert(
      fc.property(failureCounts, intervals, randoms, (failures, interval, random) => {
        expect(retryDelayMs(failures + 1, interval, random)).toBeGreaterThanOrEqual(
          retryDelayMs(failures, interval, random),
        )
      }),
    )
  })

  test('doubles up to half a minute', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 8].map((failures) => retryDelayMs(failures, 500, 0))
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
  })

  test('is spread by chance, so that many clients do not come back at once', () => {
    expect(retryDelayMs(1, 1000, 0)).toBe(1000)
    expect(retryDelayMs(1, 1000, 0.5)).toBeCloseTo(1050)
  })

  test('keeps to the time that the server named, up to five minutes', () => {
    fc.assert(
      fc.property(
        failureCounts,
        intervals,
        randoms,
        fc.nat({ max: 1e12 }),
        (failures, interval, random, retryAfter) => {
          const delay = retryDelayMs(failures, interval, random, retryAfter)
          expect(delay).toBe(Math.max(retryDelayMs(failures, interval, random), Math.min(retryAfter, 300_000)))
        },
      ),
    )
  })
})
