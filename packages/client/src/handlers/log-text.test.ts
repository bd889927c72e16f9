import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { logText, maxLogTextLength } from './log-text.ts'

const textOf = (data: unknown): string => logText({ server: 's', data }).slice('[s] '.length)

describe('the text of a log message', () => {
  test('names the server and its logger', () => {
    expect(logText({ server: 'weather', data: 'miss' })).toBe('[weather] miss')
    expect(logText({ server: 'weather', logger: 'cache', data: 'miss' })).toBe('[weather:cache] miss')
    expect(logText({ server: 'weather', logger: '', data: 'miss' })).toBe('[weather] miss')
  })

  test('is a string as it is, and all else as compact JSON', () => {
    expect(textOf('a "quoted" word')).toBe('a "quoted" word')
    expect(textOf({ a: [1, null], b: 'x' })).toBe('{"a":[1,null],"b":"x"}')
    expect([null, 7, false, '', []].map(textOf)).toEqual(['null', '7', 'false', '', '[]'])
  })

  test('shows control characters instead of obeying them', () => {
    expect(textOf('a\nb\tc\rd')).toBe('a\\nb\\tc\\rd')
    expect(textOf('\u001B[2J\u0007\u009B')).toBe('\\u{1b}[2J\\u{7}\\u{9b}')
    expect(textOf('\u202Eevil\u2028')).toBe('\\u{202e}evil\\u{2028}')
    expect(logText({ server: 'a\nb', logger: '\u001B[0m', data: '' })).toBe('[a\\nb:\\u{1b}[0m] ')
  })

  test('shows no control characters and has a bearable length, whatever was sent', () => {
    const texts = fc.string({ unit: 'binary', maxLength: 3_000, size: 'max' })
    const hostile = fc.array(fc.constantFrom('\u001B', '\n', '😀', '\uD83D', 'x'), { maxLength: 3_000, size: 'max' })
    const any = fc.oneof(
      texts,
      hostile.map((parts) => parts.join('')),
      fc.jsonValue(),
    )
    fc.assert(
      fc.property(texts, fc.option(texts, { nil: undefined }), any, (server, logger, data) => {
        const text = logText({ server, logger, data })
        expect(text).not.toMatch(/\p{C}|[\u2028\u2029]/u)
        expect(text.length).toBeLessThanOrEqual(maxLogTextLength)
      }),
    )
  })

  test('is cut, and says so, however long the names and the data are', () => {
    const text = logText({ server: 'n'.repeat(10_000), logger: 'l'.repeat(10_000), data: 'd'.repeat(10_000_000) })
    expect(text).toHaveLength(maxLogTextLength)
    expect(text).toMatch(/^\[n{99}…:l{99}…\] d+…$/)
  })

  test('is made of anything', () => {
    const round: { self?: unknown } = {}
    round.self = round
    const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))
    expect(textOf(deep)).not.toBe('')
    expect(textOf(round)).toBe('(data that cannot be shown)')
    expect(textOf(undefined)).toBe('undefined')
  })
})
