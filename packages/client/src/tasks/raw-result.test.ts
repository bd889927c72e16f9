import { describe, expect, test } from 'vitest'
import { TaskCancelledError, TaskFailedError, type TaskSnapshot } from '@longcall/core'
import type { Operation } from './operation.ts'
import { rawResultOf } from './raw-result.ts'

const at = '2026-01-01T00:00:00.000Z'
const snapshot: TaskSnapshot = { id: 't1', status: 'completed', createdAt: at, lastUpdatedAt: at, ttlMs: null }
const tool: Operation = { method: 'tools/call', name: 'save' }
const prompt: Operation = { method: 'prompts/get', name: 'greet' }
const resource: Operation = { method: 'resources/read', uri: 'report://today' }

describe('the result of a task', () => {
  test('is what its tool returned, failed or not', () => {
    for (const result of [{ content: [] }, { content: [], isError: true }])
      expect(rawResultOf(tool, { kind: 'result', result, snapshot })).toBe(result)
  })

  test.each([prompt, resource])(
    'of $method that failed as a tool does is an error, with what was said',
    (operation) => {
      const result = { content: [{ type: 'text', text: 'disk full' }], isError: true }
      const failed = (): unknown => rawResultOf(operation, { kind: 'result', result, snapshot })
      expect(failed).toThrow(TaskFailedError)
      expect(failed).toThrow(/^Task t1 of (prompt "greet"|resource "report:\/\/today") failed: disk full$/)
      expect(() =>
        rawResultOf(operation, { kind: 'result', result: { content: [null], isError: true }, snapshot }),
      ).toThrow('the server gave no reason')
    },
  )

  test.each([prompt, resource])(
    'of $method is an error where its status says failed, whatever came with it',
    (operation) => {
      const failed = { ...snapshot, status: 'failed', statusMessage: 'no paper' } as const
      const result = { messages: [], contents: [] }
      expect(() => rawResultOf(operation, { kind: 'result', result, snapshot: failed })).toThrow('no paper')
    },
  )

  test.each([tool, prompt, resource])('of $method that failed or was cancelled is an error', (operation) => {
    const error = { code: -32_050, message: 'kaboom', data: { where: 'worker-3' } }
    const failed = (): unknown => rawResultOf(operation, { kind: 'error', error, snapshot })
    expect(failed).toThrow(TaskFailedError)
    expect(failed).toThrow(expect.objectContaining({ taskId: 't1', rpcError: error }))
    const cancelled = { ...snapshot, status: 'cancelled', statusMessage: 'no budget' } as const
    const gone = (): unknown => rawResultOf(operation, { kind: 'cancelled', snapshot: cancelled })
    expect(gone).toThrow(TaskCancelledError)
    expect(gone).toThrow('no budget')
  })
})
