import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson, NotJsonError, TooLargeError, toJson, toJsonObject, type JsonValue } from './json.ts'

const jsonValues = fc.jsonValue({ maxDepth: 4 }).map((value) => value as JsonValue)

describe('toJson', () => {
  test('gives what JSON has, frozen all the way down, and apart from what it was given', () => {
    fc.assert(
      fc.property(jsonValues, (value) => {
        const before = JSON.stringify(value)
        const copy = toJson(value, 'it')
        expect(copy).toEqual(JSON.parse(before))
        expect(JSON.stringify(value)).toBe(before)
        expectFrozen(copy)
        if (typeof value === 'object' && value !== null) expect(copy).not.toBe(value)
      }),
    )
  })

  test('knows no negative zero, as JSON does not', () => {
    for (const zero of [-0, Object.freeze([-0])])
      expect(JSON.parse(JSON.stringify(zero))).toStrictEqual(toJson(zero, 'it'))
  })

  test('gives back what it made, and copies what only seems so', () => {
    const made = toJson({ list: [{ deep: 1 }] }, 'it')
    expect(toJson(made, 'it')).toBe(made)
    const inner = { list: [1] }
    const outside = Object.freeze({ inner })
    const copy = toJson(outside, 'it')
    inner.list.push(2)
    expect(copy).toEqual({ inner: { list: [1] } })
    expect(toJson(Object.freeze({ at: Object.freeze(new Date(0)) }), 'it')).toEqual({ at: '1970-01-01T00:00:00.000Z' })
    expect(toJson(Object.freeze({ gone: undefined, not: Number.NaN }), 'it')).toStrictEqual({ not: null })
  })

  test('keeps a name that an object has already', () => {
    const value: unknown = JSON.parse('{"__proto__":{"admin":true},"constructor":1}')
    const copy = toJson(value, 'it')
    expect(Object.keys(copy as object)).toEqual(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })

  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle

  test.each([
    ['undefined', undefined, 'it is undefined'],
    ['a function', () => {}, 'it is function'],
    ['a symbol', Symbol('x'), 'it is symbol'],
    ['a bigint', { deep: [1n] }, 'BigInt'],
    ['a cycle', cycle, 'circular'],
    ['what throws an error', { toJSON: () => fail(new Error('not today')) }, 'not today'],
    ['what throws something else', { toJSON: () => fail('just so') }, 'just so'],
  ])('refuses %s, and names what it was', (_what, value, why) => {
    expect(() => toJson(value, 'the answer')).toThrow(NotJsonError)
    expect(() => toJson(value, 'the answer')).toThrow(/^The answer cannot be kept as JSON: /)
    expect(() => toJson(value, 'the answer')).toThrow(why)
  })

  test('counts bytes of UTF-8, exactly', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const bytes = Buffer.byteLength(JSON.stringify(text))
        expect(toJson(text, 'it', bytes)).toBe(JSON.parse(JSON.stringify(text)))
        expect(() => toJson(text, 'it', bytes - 1)).toThrow(TooLargeError)
      }),
    )
  })

  test('says how large what is too large is', () => {
    expect(() => toJson('é'.repeat(10), 'the result of "render"', 20)).toThrow(
      'The result of "render" takes 22 bytes; 20 are allowed.',
    )
    expect(() => toJson(toJson('x'.repeat(50), 'it'), 'it', 20)).toThrow(TooLargeError)
  })
})

describe('toJsonObject', () => {
  test.each([[[]], [null], ['text'], [1], [true]])('refuses %j', (value) => {
    expect(() => toJsonObject(value, 'the result')).toThrow('The result cannot be kept as JSON: it is no object.')
  })

  test('takes an object', () => {
    expect(toJsonObject({ a: [1] }, 'the result')).toEqual({ a: [1] })
  })
})

describe('canonicalJson', () => {
  test('says the same value, whatever the order of names, and only that', () => {
    fc.assert(
      fc.property(jsonValues, fc.infiniteStream(fc.nat()), (value, random) => {
        const text = canonicalJson(value)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonicalJson(shuffled(value, random))).toBe(text)
      }),
    )
  })

  test('says different values differently', () => {
    fc.assert(
      fc.property(jsonValues, jsonValues, (one, other) => {
        const isSame = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
        expect(canonicalJson(one) === canonicalJson(other)).toBe(isSame)
      }),
    )
  })

  test('sorts names by their code units, has no blanks, and keeps the order of lists', () => {
    expect(canonicalJson({ b: [2, 1], a: { z: null, é: '"' }, B: true })).toBe(
      '{"B":true,"a":{"z":null,"é":"\\""},"b":[2,1]}',
    )
  })
})

function fail(thrown: unknown): never {
  throw thrown as Error
}

function expectFrozen(value: unknown): void {
  expect(Object.isFrozen(value)).toBe(true)
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) expectFrozen(part)
}

/** The same value, the names of its objects in another order. */
function shuffled(value: JsonValue, random: Iterator<number>): JsonValue {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((part: JsonValue) => shuffled(part, random))
  const fields = Object.entries(value).map(([name, part]) => ({ at: random.next().value as number, name, part }))
  return objectOf(fields.toSorted((a, b) => a.at - b.at).map(({ name, part }) => [name, shuffled(part, random)]))
}

function sorted(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return objectOf(fields.map(([name, part]) => [name, sorted(part)]))
}

/** An object may have a field `__proto__`, which an assignment would not make. */
function objectOf(fields: readonly (readonly [string, JsonValue])[]): JsonValue {
  return Object.fromEntries(fields)
}
