import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LineReader } from './line-reader.ts'
import { LineTooLongError } from './stdio-errors.ts'

/** The lines that a reader makes of bytes that come in pieces which end at these places. */
function linesOf(bytes: Buffer, cuts: readonly number[], limitBytes?: number): string[] {
  const lines: string[] = []
  const reader = new LineReader((line) => void lines.push(line), limitBytes)
  const places = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b)
  let start = 0
  for (const end of places) {
    reader.push(bytes.subarray(start, end))
    start = end
  }
  return lines
}

const line = fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll(/[\r\n]/g, ' '))
const cuts = fc.array(fc.nat(), { maxLength: 30 })

describe('lines of a stream of bytes', () => {
  test('are the same however the bytes are split', () => {
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('\n', '\r\n'), cuts, (lines, ending, places) => {
        const bytes = Buffer.from(lines.map((text) => text + ending).join(''))
        expect(linesOf(bytes, places)).toEqual(lines.filter((text) => text !== ''))
      }),
    )
  })

  test('are read from any bytes at all, and hold no line feed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), cuts, (bytes, places) => {
        const lines = linesOf(Buffer.from(bytes), places)
        expect(lines).toEqual(linesOf(Buffer.from(bytes), []))
        for (const text of lines) expect(text).not.toMatch(/\n|^$/)
      }),
    )
  })

  test('are right where each byte comes alone, whatever the script', () => {
    const bytes = Buffer.from('Grüße\n日本語 🎈\r\n\n\r\n')
    expect(
      linesOf(
        bytes,
        Array.from(bytes, (_, at) => at),
      ),
    ).toEqual(['Grüße', '日本語 🎈'])
  })

  test('do not hold a line that has not ended', () => {
    expect(linesOf(Buffer.from('one\ntwo'), [])).toEqual(['one'])
  })

  test('may be as long as the limit, and not a byte longer', () => {
    fc.assert(
      fc.property(cuts, (places) => {
        expect(linesOf(Buffer.from(`x\n${'y'.repeat(10)}\nz\n`), places, 10)).toEqual(['x', 'y'.repeat(10), 'z'])
        expect(() => linesOf(Buffer.from(`x\n${'y'.repeat(11)}\n`), places, 10)).toThrow(LineTooLongError)
      }),
    )
  })

  test('that never end are refused as soon as the limit is passed', () => {
    const reader = new LineReader(() => expect.fail('it ended'), 100)
    reader.push(Buffer.alloc(100, 'x'))
    expect(() => reader.push(Buffer.from('x'))).toThrow('more than 100 bytes')
  })
})
