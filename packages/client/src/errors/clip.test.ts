import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { clip, saidBy } from './clip.ts'

describe('what an error message quotes', () => {
  test('is cut to a bearable length', () => {
    expect(clip('short')).toBe('short')
    expect(clip('x'.repeat(10_000))).toHaveLength(501)
    expect(saidBy(new Error('x'.repeat(10_000))).length).toBeLessThan(600)
  })

  test('goes down to the cause, and says nothing twice', () => {
    const refused = new Error('connect ECONNREFUSED')
    const failed = new TypeError('fetch failed', { cause: refused })
    expect(saidBy(failed)).toBe('fetch failed (connect ECONNREFUSED)')
    expect(saidBy(new Error('probe failed: fetch failed', { cause: failed }))).toBe(
      'probe failed: fetch failed (connect ECONNREFUSED)',
    )
  })

  test('has an end also where causes go round', () => {
    const error = new Error('round')
    error.cause = error
    expect(saidBy(error)).toBe('round')
  })

  test('names the code of an error that has no message', () => {
    expect(saidBy(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED')
  })

  test('leaves out what a schema lists', () => {
    const { error } = z.union([z.object({ id: z.number() }), z.string()]).safeParse({ id: 'x' })
    expect(error?.message).toContain('"code"')
    expect(saidBy(error)).toBe('it does not fit the schema of the protocol')
    expect(saidBy(new Error(`probe failed: ${error?.message}`))).toBe(
      'probe failed: it does not fit the schema of the protocol',
    )
  })

  test.each([undefined, null, 7, 'bare', Symbol('x')])('may be anything that is thrown: %s', (thrown) => {
    expect(typeof saidBy(thrown)).toBe('string')
  })
})
