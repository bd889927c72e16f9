import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkLimitMs, SchemaChecker, type Verdict } from './schema-checker.ts'

const check = (schema: object, value: unknown): Verdict => new SchemaChecker().check(schema, value)
const isFit = (schema: object, value: unknown): boolean => check(schema, value).kind === 'fits'

describe('a schema', () => {
  test.each([
    [{ prefixItems: [{ type: 'number' }] }, undefined],
    [{ prefixItems: [{ type: 'number' }] }, 'https://json-schema.org/draft/2020-12/schema'],
    [{ items: [{ type: 'number' }] }, 'http://json-schema.org/draft-07/schema#'],
    [{ items: [{ type: 'number' }] }, 'http://json-schema.org/draft-04/schema#'],
    [{ items: [{ type: 'number' }] }, 'https://json-schema.org/draft/2019-09/schema'],
  ])('is read in its dialect: %j of %s', (keywords, $schema) => {
    const schema = { ...keywords, ...($schema !== undefined && { $schema }) }
    expect(isFit(schema, [1])).toBe(true)
    expect(isFit(schema, ['x'])).toBe(false)
  })

  test.each([
    [{ $schema: 'https://example.com/own' }, 'dialect "https://example.com/own"'],
    [{ properties: { a: { $ref: '#/$defs/none' } } }, '$ref "#/$defs/none" leads nowhere'],
    [{ properties: { a: { $ref: 'https://example.com/a.json' } } }, 'none is fetched'],
    [{ properties: { a: { $ref: 7 } } }, '$ref that is no string'],
    [{ items: { pattern: '(' } }, 'pattern "(" is no regular expression'],
    [{ patternProperties: { '[': {} } }, 'pattern "[" is no regular expression'],
    [{ $defs: { a: { $id: 'http://x/' }, b: { $id: 'http://x/' } } }, 'Duplicate schema'],
  ])('that cannot be used is said to be so, whatever the value: %j', (schema, why) => {
    expect(check(schema, {})).toMatchObject({ kind: 'unusable_schema', why: expect.stringContaining(why) })
  })

  test('refers to its own definitions, and to itself', () => {
    const tree = { type: 'object', properties: { kids: { type: 'array', items: { $ref: '#' } } }, required: ['kids'] }
    expect(isFit(tree, { kids: [{ kids: [{ kids: [] }] }] })).toBe(true)
    expect(isFit(tree, { kids: [{ kids: [{}] }] })).toBe(false)
    const defined = { $defs: { id: { type: 'integer' } }, properties: { id: { $ref: '#/$defs/id' } } }
    expect(isFit(defined, { id: 1 })).toBe(true)
    expect(isFit(defined, { id: 'x' })).toBe(false)
  })

  test('of one tool has nothing to do with that of another, though both have one name', () => {
    const checker = new SchemaChecker()
    expect(checker.check({ $id: 'urn:result', type: 'string' }, 'x').kind).toBe('fits')
    expect(checker.check({ $id: 'urn:result', type: 'number' }, 'x').kind).toBe('violated')
  })

  test('is prepared once for its object', () => {
    const schema = { type: 'string' }
    const checker = new SchemaChecker()
    expect(checker.check(schema, 'x').kind).toBe('fits')
    schema.type = 'number'
    expect(checker.check(schema, 'x').kind).toBe('fits')
    expect(checker.check({ ...schema }, 'x').kind).toBe('violated')
  })

  test('is left as it is, frozen or not', () => {
    const schema = Object.freeze({ type: 'object', properties: Object.freeze({ a: Object.freeze({ $ref: '#' }) }) })
    expect(isFit(schema, { a: {} })).toBe(true)
    expect(Reflect.ownKeys(schema)).toEqual(['type', 'properties'])
  })

  test('does not refuse data for its format', () => {
    expect(isFit({ properties: { at: { type: 'string', format: 'date-time' } } }, { at: '2026-01-01T00:00:00' })).toBe(
      true,
    )
    expect(isFit({ properties: { format: { type: 'string' } } }, { format: 7 })).toBe(false)
    expect(isFit({ const: { format: 'x' } }, { format: 'x' })).toBe(true)
  })

  test('names properties as it likes', () => {
    const inherited = ['constructor', 'toString', 'hasOwnProperty', '__proto__']
    for (const name of inherited) {
      const schema = JSON.parse(
        `{"type":"object","properties":{"${name}":{"type":"string"}},"required":["${name}"],"additionalProperties":false}`,
      ) as object
      expect(isFit(schema, {})).toBe(false)
      expect(isFit(schema, JSON.parse(`{"${name}":7}`))).toBe(false)
      expect(isFit(schema, JSON.parse(`{"${name}":"x"}`))).toBe(true)
      expect(isFit({ type: 'object', properties: { [name]: { type: 'string' } } }, {})).toBe(true)
      expect(isFit({ type: 'object', additionalProperties: false }, JSON.parse(`{"${name}":7}`))).toBe(false)
    }
  })
})

describe('the violations', () => {
  test('are told once each, at their place', () => {
    const schema = { properties: { n: { type: 'number' } }, additionalProperties: false }
    expect(check(schema, { n: 'x', 'a b': 1 })).toEqual({
      kind: 'violated',
      violations: ['/n: Instance type "string" is invalid. Expected "number".', '/a b: is not allowed'],
    })
  })

  test('of a choice are those of each possibility', () => {
    const schema = { properties: { n: { anyOf: [{ type: 'number' }, { type: 'null' }] } } }
    expect(check(schema, { n: 'x' })).toEqual({
      kind: 'violated',
      violations: [
        '/n: Instance type "string" is invalid. Expected "number".',
        '/n: Instance type "string" is invalid. Expected "null".',
      ],
    })
  })

  test('are at least one, whatever is violated', () => {
    const values = fc.jsonValue()
    const schemas = fc.constantFrom<object>(
      { not: {} },
      { anyOf: [] },
      { oneOf: [{}, {}] },
      { contains: false, type: 'array' },
      JSON.parse('{"if":{},"then":false}') as object,
      { allOf: [{ anyOf: [false] }] },
      { propertyNames: false, minProperties: 1, type: 'object' },
      { unevaluatedProperties: false, type: 'object', minProperties: 1 },
    )
    fc.assert(
      fc.property(schemas, values, (schema, value) => {
        const verdict = check(schema, value)
        if (verdict.kind === 'violated') expect(verdict.violations.length).toBeGreaterThanOrEqual(1)
        else expect(verdict.kind).toBe('fits')
      }),
    )
  })
})

describe('a hostile server', () => {
  /** Longer than the check itself may take, by what a busy machine takes. */
  const bearableMs = checkLimitMs * 4

  /** References that double at each of forty levels. */
  const doubling = {
    $defs: Object.fromEntries(
      Array.from({ length: 40 }, (_none, level) => {
        const next = { $ref: `#/$defs/d${level + 1}` }
        return [`d${level}`, level === 39 ? {} : { allOf: [next, next] }]
      }),
    ),
    $ref: '#/$defs/d0',
  }

  test.each<[string, object, unknown]>([
    ['a pattern that backtracks', { pattern: '^(a+)+$' }, `${'a'.repeat(50)}b`],
    ['a pattern of names that backtracks', { patternProperties: { '^(a+)+$': {} } }, { [`${'a'.repeat(50)}b`]: 1 }],
    ['references that multiply', doubling, {}],
    ['items compared with each other', { uniqueItems: true }, Array.from({ length: 60_000 }, (_none, at) => [[at]])],
  ])('cannot hold up the process by %s', (_how, schema, value) => {
    const startedAt = performance.now()
    expect(check(schema, value)).toMatchObject({ kind: 'unchecked', why: `it took more than ${checkLimitMs} ms` })
    expect(performance.now() - startedAt).toBeLessThan(bearableMs)
  })

  test('leaves the checker usable after it was stopped', () => {
    const checker = new SchemaChecker()
    const schema = { pattern: '^(a+)+$' }
    expect(checker.check(schema, `${'a'.repeat(50)}b`).kind).toBe('unchecked')
    expect(checker.check(schema, 'aaa').kind).toBe('fits')
    expect(checker.check(schema, 'b').kind).toBe('violated')
  })

  test.each<[string, object]>([
    ['refers to itself and nothing else', { $ref: '#' }],
    [
      'refers to itself by another',
      { $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' },
    ],
  ])('gains nothing by a schema that %s', (_how, schema) => {
    expect(check(schema, {})).toMatchObject({ kind: 'unchecked', why: 'it is nested too deep' })
  })

  test('gains nothing by a schema or a value that is deep, large or has a cycle', () => {
    const deep = (levels: number): unknown => JSON.parse(`${'{"items":'.repeat(levels)}{}${'}'.repeat(levels)}`)
    const nested: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))
    const round: { self?: unknown } = {}
    round.self = round
    const wide = Object.fromEntries(Array.from({ length: 60_000 }, (_none, at) => [`p${at}`, true]))
    expect(check(deep(10_000) as object, []).kind).toBe('unusable_schema')
    expect(check({ properties: wide }, {}).kind).toBe('unusable_schema')
    expect(check({ properties: { ['x'.repeat(1_000)]: {} } }, {}).kind).toBe('unusable_schema')
    expect(check({}, nested).kind).toBe('unchecked')
    expect(check({}, round).kind).toBe('unchecked')
    expect(
      check(
        {},
        Array.from({ length: 1_000_001 }, () => 0),
      ).kind,
    ).toBe('unchecked')
  })
})
