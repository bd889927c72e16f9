import { expect, test } from 'vitest'
import { defaultLeaseMs, defaultLimits } from './runtime-options.ts'

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
