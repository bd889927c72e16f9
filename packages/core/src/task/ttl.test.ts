import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expiresAtMs, grantTtl, isExpired } from './ttl.ts'

const createdAt = '2026-01-01T00:00:00.000Z'
const created = Date.parse(createdAt)
const limitMs = fc.option(fc.integer({ min: 1, max: 1e12 }))

describe('a time to live', () => {
  test('counts from creation, and is over at its last millisecond', () => {
    const task = { createdAt, ttlMs: 1000 }
    expect(expiresAtMs(task)).toBe(created + 1000)
    expect([999, 1000, 1001].map((ms) => isExpired(task, created + ms))).toEqual([false, true, true])
  })

  test('of null, or of a task created nobody knows when, never ends', () => {
    for (const task of [
      { createdAt, ttlMs: null },
      { createdAt: 'yesterday', ttlMs: 1 },
    ]) {
      expect(expiresAtMs(task)).toBeUndefined()
      expect(isExpired(task, Number.MAX_SAFE_INTEGER)).toBe(false)
    }
  })

  test('is never granted above the maximum, and never as anything but null or a positive finite number', () => {
    fc.assert(
      fc.property(fc.option(fc.double(), { nil: undefined }), limitMs, limitMs, (asked, defaultMs, maxMs) => {
        const granted = grantTtl(asked, { defaultMs, maxMs })
        expect(granted === null || (Number.isFinite(granted) && granted > 0)).toBe(true)
        expect(maxMs === null || (granted !== null && granted <= maxMs)).toBe(true)
      }),
    )
  })

  test.each([
    [5, { defaultMs: 10, maxMs: 20 }, 5],
    [50, { defaultMs: 10, maxMs: 20 }, 20],
    [undefined, { defaultMs: 10, maxMs: 20 }, 10],
    [undefined, { defaultMs: null, maxMs: 20 }, 20],
    [undefined, { defaultMs: null, maxMs: null }, null],
    [0, { defaultMs: 10, maxMs: null }, 10],
    [-1, { defaultMs: 10, maxMs: null }, 10],
    [Number.NaN, { defaultMs: 10, maxMs: null }, 10],
    [Infinity, { defaultMs: 10, maxMs: null }, 10],
    [30 * 86_400_000, { defaultMs: 10, maxMs: null }, 30 * 86_400_000],
  ] as const)('asked %s of %o grants %s', (asked, limits, granted) => {
    expect(grantTtl(asked, limits)).toBe(granted)
  })
})
