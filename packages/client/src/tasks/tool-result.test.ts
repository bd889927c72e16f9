import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TaskCancelledError, TaskFailedError, type TaskSnapshot } from '@longcall/core'
import { rawResultOf, readToolResult } from './tool-result.ts'

const none = { data: undefined, dataError: undefined }
const at = '2026-01-01T00:00:00.000Z'
const snapshot: TaskSnapshot = { id: 't1', status: 'completed', createdAt: at, lastUpdatedAt: at, ttlMs: null }

describe('the result of a tool', () => {
  test('is its content, its data and its meta', () => {
    const content = [{ type: 'text', text: 'sunny' }]
    expect(
      readToolResult({ content, structuredContent: { n: 7 }, _meta: { trace: 'a' } }, { ...none, data: { n: 8 } }),
    ).toEqual({
      content,
      structuredContent: { n: 7 },
      data: { n: 8 },
      dataError: undefined,
      meta: { trace: 'a' },
      isError: false,
    })
  })

  test('is read whatever a server put into it', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('content', '_meta', 'isError', 'structuredContent', 'x'), fc.jsonValue()),
        (raw) => {
          const { content, meta, isError, data } = readToolResult(raw, { ...none, data: 7 })
          expect(Array.isArray(content)).toBe(true)
          expect(meta === undefined || typeof meta === 'object').toBe(true)
          expect(isError).toBe(raw['isError'] === true)
          if (isError) expect(data).toBeUndefined()
        },
      ),
    )
  })
})

describe('the result of a task', () => {
  test('is what its tool returned, failed or not', () => {
    for (const result of [{ content: [] }, { content: [], isError: true }])
      expect(rawResultOf('save', { kind: 'result', result, snapshot })).toBe(result)
  })

  test('that failed or was cancelled is an error', () => {
    const error = { code: -32_050, message: 'kaboom', data: { where: 'worker-3' } }
    const failed = (): unknown => rawResultOf('save', { kind: 'error', error, snapshot })
    expect(failed).toThrow(TaskFailedError)
    expect(failed).toThrow(expect.objectContaining({ taskId: 't1', rpcError: error }))
    const cancelled = { ...snapshot, status: 'cancelled', statusMessage: 'no budget' } as const
    const gone = (): unknown => rawResultOf('save', { kind: 'cancelled', snapshot: cancelled })
    expect(gone).toThrow(TaskCancelledError)
    expect(gone).toThrow('no budget')
  })
})
