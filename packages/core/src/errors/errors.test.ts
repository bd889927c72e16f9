import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { LongcallError } from './longcall-error.ts'
import { MalformedMessageError } from './malformed-message-error.ts'
import { TaskCancelledError, TaskExpiredError, TaskFailedError, TaskNotFoundError } from './task-errors.ts'

const snapshot = {
  id: 't1',
  status: 'failed',
  statusMessage: 'no disk',
  createdAt: '2026-01-01T00:00:00.000Z',
  lastUpdatedAt: '2026-01-01T00:00:01.000Z',
  ttlMs: 60_000,
} as const

describe('LongcallError', () => {
  test('is recognised when it comes from a second copy of this package', () => {
    const copy = Object.assign(new Error('x'), { [Symbol.for('longcall.error')]: 'TaskFailedError' })
    expect(copy).toBeInstanceOf(LongcallError)
    expect(copy).toBeInstanceOf(TaskFailedError)
    expect(copy).not.toBeInstanceOf(TaskCancelledError)
    expect(new Error('x')).not.toBeInstanceOf(LongcallError)
    expect(null as unknown).not.toBeInstanceOf(LongcallError)
  })

  test('keeps its cause, and shows no brand', () => {
    const cause = new Error('socket')
    const error = new LongcallError('some_code', 'What failed.', { cause })
    expect(error.cause).toBe(cause)
    expect(Object.keys(error)).toEqual(['name', 'code'])
  })

  describe('as Node prints it', () => {
    const spoiled = '\u001B]0;owned\u0007\u001B[2J\u009B31m\u202E\u0000'

    test.each([
      ['an error', new Error(spoiled)],
      [
        'an error of an error',
        new Error('outer', { cause: new LongcallError('x', 'y', { cause: new Error(spoiled) }) }),
      ],
      ['an error whose name is odd', Object.assign(new Error('odd'), { name: spoiled, stack: undefined })],
      ['a text', spoiled],
    ])('obeys no terminal codes of its cause: %s', (_what, cause) => {
      const error = new LongcallError('some_code', 'What failed.', { cause })
      for (const options of [{}, { colors: false, depth: 10 }]) {
        const printed = inspect(error, options)
        expect(printed).toContain('What failed.')
        expect(printed).toContain('some_code')
        expect(printed).toContain('[cause]')
        expect(printed).not.toMatch(/[^\P{C}\n\t]/u)
      }
    })

    test('says what its cause says, cut where that is long, of four causes at most', () => {
      let cause: Error = new Error('root')
      for (let at = 0; at < 50; at += 1) cause = new Error(`because ${at} ${'x'.repeat(100_000)}`, { cause })
      const printed = inspect(new LongcallError('some_code', 'What failed.', { cause }))
      expect(printed).toContain('because 49')
      expect(printed.match(/\[cause\]/g)).toHaveLength(4)
      expect(printed.length).toBeLessThan(30_000)
    })

    test('leaves its cause as it was thrown', () => {
      const cause = new Error(spoiled)
      const error = new LongcallError('some_code', 'What failed.', { cause })
      inspect(error)
      expect(error.cause).toBe(cause)
      expect(cause.message).toBe(spoiled)
    })

    test.each([null, 7, Symbol('s'), { a: 1 }])('can be printed whatever its cause is', (cause) => {
      expect(inspect(new LongcallError('some_code', 'What failed.', { cause }))).toContain('What failed.')
    })
  })
})

describe('the errors of a task', () => {
  test.each([
    [new TaskFailedError('t1', 'tool "render"', undefined, snapshot), 'task_failed', /render" failed: no disk$/],
    [new TaskFailedError('t1', 'it', { code: -32603, message: 'boom' }), 'task_failed', /\(JSON-RPC -32603\): boom$/],
    [new TaskFailedError('t1', 'it', undefined), 'task_failed', /gave no reason/],
    [new TaskCancelledError('t1', 'it', snapshot), 'task_cancelled', /cancelled: no disk$/],
    [new TaskNotFoundError('t1', 'it'), 'task_not_found', /not known to the server/],
    [new TaskExpiredError('t1', 'it', 60_000, snapshot), 'task_expired', /60000 ms has passed/],
  ])('%s says which task', (error, code, message) => {
    expect(error).toMatchObject({ code, taskId: 't1' })
    expect(error.message).toMatch(message)
    expect(error.message).toContain('Task t1 of ')
  })
})

describe('MalformedMessageError', () => {
  test.each([
    ['submitted', 'status must be known, but is "submitted".'],
    [undefined, 'status must be known, but is missing.'],
    [null, 'status must be known, but is missing.'],
    [7, 'status must be known, but is 7.'],
    [{ secret: 'token' }, 'status must be known, but is an object.'],
    [['secret'], 'status must be known, but is an array.'],
  ])('names the field, and %o', (value, said) => {
    const error = new MalformedMessageError('status', value, 'known')
    expect(error).toMatchObject({ code: 'malformed_message', field: 'status', name: 'MalformedMessageError' })
    expect(error.message).toBe(`The peer sent a message that cannot be read: ${said}`)
  })

  test('never becomes a copy of what the peer sent', () => {
    const { message } = new MalformedMessageError('status', 'x'.repeat(100_000), 'known')
    expect(message).toContain(`"${'x'.repeat(100)}…"`)
    expect(message.length).toBeLessThan(250)
  })
})
