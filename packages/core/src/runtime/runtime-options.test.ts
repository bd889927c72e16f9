import { expect, test } from 'vitest'
import { defaultLeaseMs, defaultLimits, leaseMsOf } from './runtime-options.ts'

test('the defaults are what the documentation says', () => {
  expect(defaultLimits).toEqual({
    maxOpenPerOwner: 100,
    ttlMs: 86_400_000,
    maxTtlMs: 30 * 86_400_000,
    retentionMs: 3_600_000,
    maxArgumentBytes: 1_048_576,
    maxResultBytes: 8_388_608,
    maxAnswerBytes: 1_048_576,
    maxQuestionBytes: 262_144,
    maxStepBytes: 1_048_576,
  })
  expect(defaultLeaseMs).toBe(15_000)
})

test('a lease has a length', () => {
  expect([leaseMsOf(), leaseMsOf(1)]).toEqual([15_000, 1])
  for (const given of [0, -1, Number.NaN, Infinity, '15000' as never])
    expect(() => leaseMsOf(given)).toThrow(/leaseMs must be/)
})
