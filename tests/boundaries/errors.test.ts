import * as core from '@longcall/core'
import { LongcallError } from '@longcall/core'
import { describe, expect, test } from 'vitest'
import { exists, readAll } from './sources.ts'

type ErrorClass = new (...args: unknown[]) => Error

const packages = ['core', 'client', 'server', 'sqlite']
const sources = packages.flatMap((name) => readAll(`packages/${name}/src`))

const client: object = exists('packages/client/src/index.ts') ? await import('@longcall/client') : {}
const server: object = await import('@longcall/server')
const sqlite: object = await import('@longcall/sqlite')
// Each side may have an error of the same name, for the same thing: a JSON-RPC error that came, and one to be sent.
const errors = new Map(
  [core, client, server, sqlite]
    .flatMap((exported) => Object.entries<unknown>({ ...exported }))
    .filter(
      (entry): entry is [string, ErrorClass] =>
        typeof entry[1] === 'function' && entry[1].prototype instanceof Error && entry[0] !== 'LongcallError',
    )
    .map(([name, ErrorClass]) => [ErrorClass, name]),
)

/** Stands in for any argument of any constructor: a status, a number, an object with every property. */
const anything: unknown = new Proxy(() => undefined, {
  get: (_target, key) => {
    if (key === Symbol.toPrimitive) return (hint: string) => (hint === 'number' ? 1 : 'working')
    if (key === Symbol.iterator) return () => [][Symbol.iterator]()
    return anything
  },
  apply: () => anything,
})

function build(ErrorClass: ErrorClass): Error {
  return new ErrorClass(anything, anything, anything, anything, anything, anything)
}

test('the packages export errors', () => {
  expect(errors.size).toBeGreaterThanOrEqual(4)
})

test('no two errors share a code', () => {
  const named = new Map(Array.from(errors, ([ErrorClass, name]) => [name, ErrorClass]))
  const codes = [...named.values()]
    .filter((ErrorClass) => !errors.has(Object.getPrototypeOf(ErrorClass)))
    .map((ErrorClass): unknown => (build(ErrorClass) as LongcallError).code)
    // One that covers several failures is told its code.
    .filter((code) => code !== anything)
  expect(codes).toEqual([...new Set(codes)])
})

describe.each(Array.from(errors, ([ErrorClass, name]) => ({ name, ErrorClass })))('$name', ({ name, ErrorClass }) => {
  test('is a LongcallError with its own name and a code in snake_case', () => {
    const error = build(ErrorClass)
    expect(error).toBeInstanceOf(LongcallError)
    expect(error.name).toBe(name)
    const { code }: { code: unknown } = error as LongcallError
    if (code !== anything) expect(code).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/)
  })

  test('says when it is thrown', () => {
    const declared = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*export (?:abstract )?class ${name}\\b`)
    const docs = sources.flatMap(({ text }) => declared.exec(text)?.[1] ?? [])
    expect(docs.length).toBeGreaterThanOrEqual(1)
    for (const doc of docs) expect(doc).toContain('Thrown when')
  })
})
