import fc from 'fast-check'
import { expect, test } from 'vitest'
import { StderrTail } from './stderr-tail.ts'

function tailOf(bytes: Buffer, step: number): string {
  const tail = new StderrTail()
  for (let at = 0; at < bytes.length; at += step) tail.push(bytes.subarray(at, at + step))
  return tail.toString()
}

test('the last 2000 characters of stderr are kept, however they come', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.integer({ min: 1, max: 9000 }), (text, step) => {
      const all = text.repeat(2500)
      expect(tailOf(Buffer.from(all), step)).toBe(all.slice(-2000).trim())
    }),
    { numRuns: 25 },
  )
})

test('a server that said nothing has no last words', () => {
  expect(new StderrTail().toString()).toBe('')
})
