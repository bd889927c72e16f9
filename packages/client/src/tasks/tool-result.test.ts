import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TaskCancelledError, TaskFailedError, type TaskSnapshot } from '@longcall/core'
import { ToolError } from '../errors/tool-error.ts'
import { readToolResult, settleToolResult, settleToolTask } from './tool-result.ts'

const failure = { content: [{ type: 'text', text: 'disk full' }], isError: true, structuredContent: { left: 42 } }
const at = '2026-01-01T00:00:00.000Z'
const snapshot: TaskSnapshot = { id: 't1', status: 'completed', createdAt: at, lastUpdatedAt: at, ttlMs: null }

describe('the result of a tool', () => {
  test('is its content, its data and its meta', () => {
    const content = [{ type: 'text', text: 'sunny' }]
    expect(readToolResult({ content, structuredContent: { n: 7 }, _meta: { trace: 'a' } })).toEqual({
      content,
      structuredContent: { n: 7 },
      data: { n: 7 },
      meta: { trace: 'a' },
      isError: false,
    })
  })

  test.each([null, 7, 'text', [1, 2], false])('may be structured as any JSON value: %o', (value) => {
    expect(readToolResult({ structuredContent: value }).data).toEqual(value)
  })

  test('is read whatever a server put into it', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('content', '_meta', 'isError', 'structuredContent', 'x'), fc.jsonValue()),
        (raw) => {
          const { content, meta, isError, data } = readToolResult(raw)
          expect(Array.isArray(content)).toBe(true)
          expect(meta === undefined || typeof meta === 'object').toBe(true)
          expect(isError).toBe(raw['isError'] === true)
          if (isError) expect(data).toBeUndefined()
        },
      ),
    )
  })

  test('that reports a failure is thrown, with all that came, unless that is not wanted', () => {
    const error = (() => {
      try {
        return settleToolResult('save', failure, true)
      } catch (thrown) {
        return thrown
      }
    })()
    expect(error).toBeInstanceOf(ToolError)
    expect(error).toMatchObject({
      code: 'tool_error',
      tool: 'save',
      message: 'Tool "save" failed: disk full',
      result: { isError: true, structuredContent: { left: 42 }, data: undefined },
    })
    expect(settleToolResult('save', failure, false)).toMatchObject({ isError: true, content: failure.content })
  })

  test.each([
    [{ content: [], isError: true }, 'Tool "save" failed: it gave no text'],
    [
      { content: [{ type: 'image', data: '', mimeType: 'image/png' }], isError: true },
      'Tool "save" failed: it gave no text',
    ],
    [
      {
        content: [
          { type: 'text', text: '' },
          { type: 'text', text: 'second' },
        ],
        isError: true,
      },
      'Tool "save" failed: second',
    ],
  ])('that reports a failure is named by its first text', (result, message) => {
    expect(() => settleToolResult('save', result, true)).toThrow(message)
  })

  test('that reports a failure at length does so in its result, not in the message', () => {
    const text = 'x'.repeat(1_000_000)
    const error: unknown = (() => {
      try {
        return settleToolResult('save', { content: [{ type: 'text', text }], isError: true }, true)
      } catch (thrown) {
        return thrown
      }
    })()
    expect((error as ToolError).message.length).toBeLessThan(1000)
    expect((error as ToolError).result.content).toEqual([{ type: 'text', text }])
  })
})

describe('the result of a task', () => {
  test('is that of its tool', () => {
    const ending = { kind: 'result', result: { content: [] }, snapshot } as const
    expect(settleToolTask('save', ending, true)).toMatchObject({ content: [], isError: false })
    expect(() => settleToolTask('save', { ...ending, result: failure }, true)).toThrow(ToolError)
    expect(settleToolTask('save', { ...ending, result: failure }, false).isError).toBe(true)
  })

  test.each([true, false])(
    'that failed or was cancelled is an error, whatever becomes of failed tools',
    (throwOnError) => {
      const error = { code: -32_050, message: 'kaboom', data: { where: 'worker-3' } }
      const failed = (): unknown => settleToolTask('save', { kind: 'error', error, snapshot }, throwOnError)
      expect(failed).toThrow(TaskFailedError)
      expect(failed).toThrow(expect.objectContaining({ taskId: 't1', rpcError: error }))
      const cancelled = { ...snapshot, status: 'cancelled', statusMessage: 'no budget' } as const
      const gone = (): unknown => settleToolTask('save', { kind: 'cancelled', snapshot: cancelled }, throwOnError)
      expect(gone).toThrow(TaskCancelledError)
      expect(gone).toThrow('no budget')
    },
  )
})
