import { describe, expect, test } from 'vitest'
import { readRelatedTask, relatedTaskMetaKey, writeRelatedTask } from './meta-keys.ts'
import { readTask } from './read-task.ts'
import { maxTextLength } from './read.ts'

const now = Date.parse('2026-06-01T12:00:00.000Z')
const minimal = { taskId: 't1', status: 'working' }
const read = (fields: object): unknown => readTask({ ...minimal, ...fields }, now)

describe('a task off the wire', () => {
  test('needs no more than its id and its status', () => {
    const at = '2026-06-01T12:00:00.000Z'
    expect(readTask(minimal, now)).toEqual({
      id: 't1',
      status: 'working',
      createdAt: at,
      lastUpdatedAt: at,
      ttlMs: null,
    })
  })

  test('takes null for absent, everywhere', () => {
    const nothing = { statusMessage: null, createdAt: null, lastUpdatedAt: null, ttl: null, pollInterval: null }
    expect(read(nothing)).toEqual(readTask(minimal, now))
  })

  test('is the same with the field names of either generation, flat or nested', () => {
    const expected = readTask({ ...minimal, ttl: 60_000, pollInterval: 500 }, now)
    expect(expected).toMatchObject({ ttlMs: 60_000, pollIntervalMs: 500 })
    expect(read({ ttlMs: 60_000, pollIntervalMs: 500 })).toEqual(expected)
    expect(readTask({ task: { ...minimal, ttl: 60_000, pollIntervalMs: 500 } }, now)).toEqual(expected)
  })

  test.each([
    [0, 0],
    [1.5, 1.5],
    ['60000', 60_000],
    [-1, null],
    [Infinity, null],
    [Number.NaN, null],
    ['', null],
    ['soon', null],
    [{}, null],
    [true, null],
  ])('a ttl of %o is %s', (ttl, ttlMs) => {
    expect(read({ ttl })).toMatchObject({ ttlMs })
  })

  test.each([
    [0, 0],
    [-5, -5],
    [0.25, 0.25],
    ['500', 500],
    [Infinity, undefined],
    [[], undefined],
    ['fast', undefined],
  ])('a poll interval of %o is %s', (pollInterval, pollIntervalMs) => {
    expect(readTask({ ...minimal, pollInterval }, now).pollIntervalMs).toBe(pollIntervalMs)
  })

  test.each([
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000Z'],
    ['2026-01-02T03:04:05.123456+00:00', '2026-01-02T03:04:05.123Z'],
    ['2026-01-02T05:04:05+02:00', '2026-01-02T03:04:05.000Z'],
    ['2026-01-02T03:04:05.123456', '2026-01-02T03:04:05.123Z'],
    ['2026-01-02', '2026-01-02T00:00:00.000Z'],
    ['2026-13-45T99:99:99Z', '2026-06-01T12:00:00.000Z'],
    ['yesterday', '2026-06-01T12:00:00.000Z'],
    ['1', '2026-06-01T12:00:00.000Z'],
    [1_700_000_000, '2026-06-01T12:00:00.000Z'],
  ])('a time of %o is %s', (createdAt, expected) => {
    expect(read({ createdAt })).toMatchObject({ createdAt: expected })
  })

  test('keeps so much of a message as a person could read, and no half character', () => {
    const length = (statusMessage: unknown): number | undefined =>
      readTask({ ...minimal, statusMessage }, now).statusMessage?.length
    expect(length('x'.repeat(maxTextLength + 1))).toBe(maxTextLength)
    expect(length(`${'x'.repeat(maxTextLength - 1)}😀`)).toBe(maxTextLength - 1)
    expect(length({ text: 'no string' })).toBeUndefined()
  })

  test.each([
    ['taskId', { taskId: '' }, 'a non-empty string'],
    ['taskId', { taskId: 12 }, 'a non-empty string'],
    ['status', { status: 'submitted' }, '"submitted"'],
    ['status', { status: 'toString' }, '"toString"'],
  ])('is refused for its %s when it has %o', (field, fields, said) => {
    expect(() => read(fields)).toThrow(expect.objectContaining({ code: 'malformed_message', field }))
    expect(() => read(fields)).toThrow(said)
  })

  test('has nothing from a prototype', () => {
    expect(() => readTask(Object.create(minimal), now)).toThrow('taskId')
    const sneaky: unknown = JSON.parse('{"status":"working","__proto__":{"taskId":"t1"}}')
    expect(() => readTask(sneaky, now)).toThrow('taskId')
  })
})

describe('related-task metadata', () => {
  test('is read as it was written', () => {
    expect(readRelatedTask(writeRelatedTask('t1'))).toBe('t1')
  })

  test.each([undefined, null, 7, {}, { [relatedTaskMetaKey]: null }, { [relatedTaskMetaKey]: { taskId: 7 } }])(
    '%o names no task',
    (meta) => {
      expect(readRelatedTask(meta)).toBeUndefined()
    },
  )
})
