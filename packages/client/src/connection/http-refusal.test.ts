import { SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client'
import { describe, expect, test } from 'vitest'
import { httpRefusalOf } from './http-refusal.ts'

const error = { code: -32_601, message: 'Method not found' }

function response(status: number, text: unknown): SdkHttpError {
  return new SdkHttpError(SdkErrorCode.ClientHttpNotImplemented, 'no', { status, text })
}

describe('a failed HTTP response', () => {
  test('whose body is the JSON-RPC error that answers the request is that error', () => {
    const text = JSON.stringify({ jsonrpc: '2.0', id: 'a', error })
    expect(httpRefusalOf(response(404, text), 'a')).toEqual(error)
    const withData = { ...error, data: { of: 'it' } }
    expect(httpRefusalOf(response(400, JSON.stringify({ id: 'a', error: withData })), 'a')).toEqual(withData)
  })

  test.each([408, 425, 429, 500, 503])('with the status %i is worth another try, whatever its body', (status) => {
    expect(httpRefusalOf(response(status, JSON.stringify({ id: 'a', error })), 'a')).toBeUndefined()
  })

  test.each([
    ['', 'nothing'],
    ['<html>', 'no JSON'],
    ['null', 'null'],
    ['[]', 'a list'],
    [JSON.stringify({ id: 'b', error }), 'the answer to another request'],
    [JSON.stringify({ id: null, error }), 'the answer to none'],
    [JSON.stringify({ id: 'a', result: {} }), 'a result'],
    [JSON.stringify({ id: 'a', error: 'no' }), 'an error of another kind'],
    [JSON.stringify({ id: 'a', error: { code: '1', message: 'no' } }), 'a code that is no number'],
    [JSON.stringify({ id: 'a', error: { code: 1 } }), 'no message'],
    [undefined, 'none'],
  ])('with the body %j is no answer: it is %s', (text, _what) => {
    expect(httpRefusalOf(response(404, text), 'a')).toBeUndefined()
  })
})

test('what is no HTTP response is no answer', () => {
  expect(httpRefusalOf(new Error('socket hang up'), 'a')).toBeUndefined()
  expect(httpRefusalOf(undefined, 'a')).toBeUndefined()
})
