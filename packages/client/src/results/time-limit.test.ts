import { expect, test } from 'vitest'
import { TimeLimit } from './time-limit.ts'

test('work in time gives its result', () => {
  expect(new TimeLimit().run(1_000, () => 7)).toBe(7)
  expect(new TimeLimit().run(1_000, () => undefined)).toBeUndefined()
})

test('work that never ends is ended, and the next runs', () => {
  const limit = new TimeLimit()
  const forever = (): never => {
    for (;;);
  }
  expect(() => limit.run(20, forever)).toThrow('it took more than 20 ms')
  expect(limit.run(1_000, () => 'next')).toBe('next')
})

test('what work throws is thrown', () => {
  const error = new TypeError('own')
  const work = (): never => {
    throw error
  }
  expect(() => new TimeLimit().run(1_000, work)).toThrow(error)
})

test.each([null, undefined, 'bare'])('what work throws may be anything: %s', (thrown) => {
  const work = (): never => {
    throw thrown
  }
  const caught = ((): unknown => {
    try {
      return new TimeLimit().run(1_000, work)
    } catch (error) {
      return { error }
    }
  })()
  expect(caught).toEqual({ error: thrown })
})
