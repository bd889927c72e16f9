import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readToolResult } from './tool-result.ts'

const none = { data: undefined, dataError: undefined }

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
