import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvalidOptionError } from '../errors/usage-errors.ts'
import { promptArguments } from './prompt-arguments.ts'

describe('the arguments of a prompt', () => {
  test('are strings as they are and all else as compact JSON', () => {
    const args = {
      text: 'as "it" is',
      list: [1, 2, 3],
      map: { key: 'value' },
      yes: true,
      none: null,
      n: 0,
      day: new Date(0),
    }
    expect(promptArguments(args)).toEqual({
      text: 'as "it" is',
      list: '[1,2,3]',
      map: '{"key":"value"}',
      yes: 'true',
      none: 'null',
      n: '0',
      day: '"1970-01-01T00:00:00.000Z"',
    })
  })

  test.each([undefined, {}, { a: undefined }])('may be none: %j', (args) => {
    expect(promptArguments(args)).toBeUndefined()
  })

  test('hold what was given, read back', () => {
    const notStrings = fc.jsonValue().filter((value) => typeof value !== 'string')
    fc.assert(
      fc.property(fc.dictionary(fc.string(), notStrings), (args) => {
        const texts = Object.entries(promptArguments(args) ?? {})
        const back = Object.fromEntries(texts.map(([name, text]) => [name, JSON.parse(text)]))
        expect(JSON.stringify(back)).toBe(JSON.stringify({ ...args }))
      }),
    )
  })

  test('may have any name', () => {
    const sent = promptArguments(JSON.parse('{"__proto__":{"a":1},"constructor":"x"}') as Record<string, unknown>)
    expect(JSON.stringify(sent)).toBe('{"__proto__":"{\\"a\\":1}","constructor":"x"}')
    expect(Object.getPrototypeOf(sent)).toBe(Object.prototype)
  })

  const round: { self?: unknown } = {}
  round.self = round
  test.each<[string, unknown]>([
    ['a function', () => 7],
    ['a symbol', Symbol('x')],
    ['a bigint', 7n],
    ['NaN', Number.NaN],
    ['a cycle', round],
    ['a function within', { list: [() => 7] }],
    ['a symbol within', { list: [Symbol('x')] }],
    ['an infinity within', [Infinity]],
  ])('are refused where JSON cannot hold one: %s', (_what, value) => {
    expect(() => promptArguments({ fine: 1, when: value })).toThrow(InvalidOptionError)
    expect(() => promptArguments({ fine: 1, when: value })).toThrow('arguments["when"]')
  })

  test.each([[['a']], 'text', null])('are an object: %j', (args) => {
    expect(() => promptArguments(args as unknown as Record<string, unknown>)).toThrow(InvalidOptionError)
  })
})
