import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultPollIntervalMs, maxPollIntervalMs, minPollIntervalMs, pollIntervalMs } from './poll-interval.ts'

describe('the interval between two polls', () => {
  test('is within bounds, whatever is asked for', () => {
    fc.assert(
      fc.property(fc.option(fc.double(), { nil: undefined }), (asked) => {
        const interval = pollIntervalMs(asked)
        expect(interval).toBeGreaterThanOrEqual(minPollIntervalMs)
        expect(interval).toBeLessThanOrEqual(maxPollIntervalMs)
      }),
    )
  })

  test('is never shorter than what is asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: maxPollIntervalMs }), (asked) => {
        expect(pollIntervalMs(asked)).toBeGreaterThanOrEqual(asked)
      }),
    )
  })

  test.each([undefined, 0, -1, Number.NaN, -Infinity])('is the default where %s is asked for', (asked) => {
    expect(pollIntervalMs(asked)).toBe(defaultPollIntervalMs)
  })

  test.each([
    [1, minPollIntervalMs],
    [minPollIntervalMs, minPollIntervalMs],
    [2500, 2500],
    [1e12, maxPollIntervalMs],
    [Infinity, maxPollIntervalMs],
  ])('asked for as %d ms is %d ms', (asked, interval) => {
    expect(pollIntervalMs(asked)).toBe(interval)
  })
})
