import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readRetryAfter } from './retry-after.ts'

const now = Date.UTC(2026, 0, 1)

describe('Retry-After', () => {
  test.each([
    ['0', 0],
    ['7', 7000],
    [' 120 ', 120_000],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
  ])('%j asks to wait %d ms', (header, ms) => {
    expect(readRetryAfter(header, now)).toBe(ms)
  })

  test.each([null, '', 'soon', 'later today'])('%j asks for nothing', (header) => {
    expect(readRetryAfter(header, now)).toBeUndefined()
  })

  test('is never a negative time, whatever a server sends', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.double().map(String), fc.date({ noInvalidDate: true }).map(String)),
        (header) => {
          const ms = readRetryAfter(header, now)
          expect(ms === undefined || ms >= 0).toBe(true)
        },
      ),
    )
  })

  test('in seconds is taken to the second', () => {
    fc.assert(
      fc.property(fc.nat(), (seconds) => {
        expect(readRetryAfter(String(seconds), now)).toBe(seconds * 1000)
      }),
    )
  })
})
