import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvalidReferenceError } from '../errors/usage-errors.ts'
import { nameTask, unknownOperation } from './operation.ts'
import { readReference, type TaskReference } from './task-reference.ts'

const text = fc.string({ minLength: 1 })
const operation = fc.oneof(
  fc.record({ method: fc.constantFrom('tools/call' as const, 'prompts/get' as const), name: text }),
  fc.record({ method: fc.constant('resources/read' as const), uri: text }),
)

const references: fc.Arbitrary<TaskReference> = fc.oneof(
  fc.record(
    {
      longcall: fc.constant(1 as const),
      kind: fc.constant('task' as const),
      taskId: text,
      endpoint: text,
      operation,
      generation: fc.constantFrom('2025-11-25' as const, '2026-07-28' as const),
      session: fc.record({ id: text, protocolVersion: text }),
      createdAt: fc.string(),
      ttlMs: fc.option(fc.integer()),
    },
    { requiredKeys: ['longcall', 'kind', 'taskId', 'endpoint', 'operation', 'generation'] },
  ),
  fc.record({
    longcall: fc.constant(1 as const),
    kind: fc.constant('settled' as const),
    taskId: text,
    operation,
    createdAt: text,
    result: fc.dictionary(fc.string(), fc.jsonValue()),
  }),
)

const running = {
  longcall: 1,
  kind: 'task',
  taskId: 't1',
  endpoint: 'https://x/',
  operation: { method: 'tools/call', name: 'render' },
  generation: '2026-07-28',
}

/** What is read, or the error in its place. */
function read(value: unknown): unknown {
  try {
    return readReference(value)
  } catch (error) {
    return error
  }
}

describe('a reference', () => {
  test('comes back from storage as it was', () => {
    fc.assert(
      fc.property(references, (reference) => {
        const stored = JSON.stringify(reference)
        expect(JSON.stringify(sorted(readReference(JSON.parse(stored))))).toBe(
          JSON.stringify(sorted(JSON.parse(stored))),
        )
      }),
    )
  })

  test('is read again as what it was read as', () => {
    fc.assert(
      fc.property(references, (reference) => {
        expect(read(read(reference))).toEqual(read(reference))
      }),
    )
  })

  test('whatever else was stored is told not to be one', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(read(value)).toBeInstanceOf(InvalidReferenceError)
      }),
    )
  })

  test('with any one field spoiled is still a reference, or an error that says what to pass', () => {
    const spoiled = fc.tuple(references, fc.nat(20), fc.oneof(fc.jsonValue(), fc.constant(undefined)))
    fc.assert(
      fc.property(spoiled, ([reference, at, value]) => {
        const keys = Object.keys(reference)
        const seen = read({ ...reference, [keys[at % keys.length] ?? '']: value })
        if (seen instanceof InvalidReferenceError) {
          expect(seen.message).toMatch(
            /^This is not a task reference: .+ is .+ and must be .+\. Pass what task\.toJSON\(\) gave\.$/s,
          )
          expect(seen.message.length).toBeLessThan(400)
        } else expect(read(seen)).toEqual(seen)
      }),
    )
  })

  test('drops what it does not know', () => {
    expect(readReference({ ...running, later: true })).toEqual(running)
    expect(readReference({ ...running, createdAt: 7, ttlMs: 'long' })).toEqual(running)
  })

  test.each([
    ['It', null],
    ['It', []],
    ['It', 'task'],
    ['longcall', { ...running, longcall: 2 }],
    ['longcall', { ...running, longcall: '1' }],
    ['kind', { ...running, kind: 'prompt' }],
    ['taskId', { ...running, taskId: '' }],
    ['taskId', { ...running, taskId: 7 }],
    ['endpoint', { ...running, endpoint: undefined }],
    ['operation', { ...running, operation: 'tools/call' }],
    ['operation.method', { ...running, operation: { method: 'prompts/list', name: 'x' } }],
    ['name', { ...running, operation: { method: 'tools/call' } }],
    ['name', { ...running, operation: { method: 'prompts/get', uri: 'x' } }],
    ['uri', { ...running, operation: { method: 'resources/read', name: 'x' } }],
    ['generation', { ...running, generation: '2024-11-05' }],
    ['session', { ...running, session: 's1' }],
    ['session', { ...running, session: null }],
    ['id', { ...running, session: { protocolVersion: '2025-11-25' } }],
    ['protocolVersion', { ...running, session: { id: 's1' } }],
    ['createdAt', { ...running, kind: 'settled', result: {} }],
    ['result', { ...running, kind: 'settled', createdAt: 'now', result: 'done' }],
  ])('names what is wrong with it: %s', (field, value) => {
    expect(() => readReference(value)).toThrow(`This is not a task reference: ${field} is `)
  })

  test('is named with its prompt or resource, which it says', () => {
    expect(nameTask('t1', { method: 'prompts/get', name: 'greet' })).toBe('Task t1 of prompt "greet"')
    expect(nameTask('t1', { method: 'resources/read', uri: 'report://today' })).toBe(
      'Task t1 of resource "report://today"',
    )
    expect(nameTask('t1', unknownOperation)).toBe('Task t1 of "an unknown request"')
  })

  test('is named with its tool, cut to a bearable length', () => {
    expect(nameTask('t1', { method: 'tools/call', name: 'render "it"' })).toBe('Task t1 of "render \\"it\\""')
    expect(nameTask('t1', { method: 'tools/call', name: 'x'.repeat(1000) }).length).toBeLessThan(130)
  })
})

function sorted(value: object): object {
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, nested(inner)]),
  )
}

function nested(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? sorted(value) : value
}
