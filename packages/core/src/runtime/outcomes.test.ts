import { describe, expect, test } from 'vitest'
import { RpcError } from '../errors/rpc-error.ts'
import { endingOf, errorOutcome, keepableOutcome } from './outcomes.ts'

describe('how an outcome ends a task', () => {
  test.each([
    [{}, undefined],
    [{ isError: true }, undefined],
    [{ isError: true, content: 'text' }, undefined],
    [{ isError: true, content: [] }, undefined],
    [{ isError: true, content: [null] }, undefined],
    [{ isError: true, content: [{ type: 'image' }, { text: 'second' }] }, undefined],
    [{ isError: true, content: [{ text: 7 }] }, undefined],
    [{ isError: false, content: [{ text: 'fine' }] }, undefined],
    [{ isError: true, content: [{ text: 'no such city' }] }, 'no such city'],
  ])('the result %j completes it, with the message %s', (result, statusMessage) => {
    const ending = endingOf({ kind: 'result', result }, 5)
    expect(ending).toEqual({
      status: 'completed',
      outcome: { kind: 'result', result },
      retentionMs: 5,
      ...(statusMessage !== undefined && { statusMessage }),
    })
  })

  test('an error fails it, with its message', () => {
    const outcome = { kind: 'error', error: { code: -1, message: 'no disk' } } as const
    expect(endingOf(outcome, 5)).toEqual({ status: 'failed', outcome, retentionMs: 5, statusMessage: 'no disk' })
  })

  test('a long message is cut, and no character in two', () => {
    const message = `${'x'.repeat(999)}👩‍🚀 and more`
    const { statusMessage } = endingOf({ kind: 'error', error: { code: -1, message } }, 5)
    expect(statusMessage).toBe(`${'x'.repeat(999)}…`)
  })

  test('an outcome that can be kept is kept as it is, and nobody changes it afterwards', () => {
    const result = { list: [1] }
    const kept = keepableOutcome({ kind: 'result', result }, 'render', Infinity)
    result.list.push(2)
    expect(kept).toEqual({ kind: 'result', result: { list: [1] } })
    const error = { code: -1, message: 'no', data: { why: 1 } }
    expect(keepableOutcome({ kind: 'error', error }, 'render', Infinity)).toEqual({ kind: 'error', error })
  })

  test('an error whose data cannot be kept becomes one that says so', () => {
    const outcome = keepableOutcome(errorOutcome(new RpcError(-1, 'no', { big: 1n })), 'render', Infinity)
    expect(outcome).toMatchObject({ kind: 'error', error: { code: -32_603 } })
  })
})
