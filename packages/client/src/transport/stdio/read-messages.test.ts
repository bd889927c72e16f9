import { describe, expect, test } from 'vitest'
import { MalformedMessageError } from '@longcall/core'
import { readMessages } from './read-messages.ts'

const request = { jsonrpc: '2.0', id: 1, method: 'ping', params: { a: 1 } }
const notification = { jsonrpc: '2.0', method: 'notifications/initialized' }
const result = { jsonrpc: '2.0', id: 'a', result: {} }
const error = { jsonrpc: '2.0', id: 7, error: { code: -32_600, message: 'no', data: [1] } }

describe('a line of stdout', () => {
  const odd = [null, 'done', []].map((value) => ({ ...result, result: value }))

  // Whoever waits for an answer that cannot be used is to know that it came.
  test.each([request, notification, result, error, { ...error, id: undefined }, { ...result, extra: 1 }, ...odd])(
    'is a message, untouched: %j',
    (message) => {
      expect(readMessages(JSON.stringify(message))).toEqual([message])
      expect(readMessages(` ${JSON.stringify(message)} \r`)).toEqual([message])
    },
  )

  test('may be a batch, whose parts are told apart', () => {
    const [first, second, third] = readMessages(JSON.stringify([request, 7, result]))
    expect(first).toEqual(request)
    expect(second).toBeInstanceOf(MalformedMessageError)
    expect(third).toEqual(result)
  })

  test.each([' ', '\t\r'])('may be blank: %j', (line) => {
    expect(readMessages(line)).toEqual([])
  })

  test.each([
    'Listening on stdio',
    '{"jsonrpc":"2.0","id":1,"resu',
    '[]',
    'null',
    '7',
    '"text"',
    '{}',
    '{"jsonrpc":"1.0","id":1,"result":{}}',
    '{"id":1,"result":{}}',
    '{"jsonrpc":"2.0","id":1}',
    '{"jsonrpc":"2.0","result":{}}',
    '{"jsonrpc":"2.0","id":null,"result":{}}',
    '{"jsonrpc":"2.0","id":1.5,"result":{}}',
    '{"jsonrpc":"2.0","id":{},"result":{}}',
    '{"jsonrpc":"2.0","id":1,"error":null}',
    '{"jsonrpc":"2.0","id":1,"error":{"code":"1","message":""}}',
    '{"jsonrpc":"2.0","id":1,"error":{"code":1}}',
    '{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":""}}',
    '{"jsonrpc":"2.0","id":1,"method":7}',
    '{"jsonrpc":"2.0","method":"x","params":[1]}',
    '{"jsonrpc":"2.0","id":null,"method":"x"}',
  ])('that is none is an error: %s', (line) => {
    expect(readMessages(line)).toEqual([expect.any(MalformedMessageError)])
  })

  test('that is none is not quoted whole', () => {
    const [read] = readMessages('x'.repeat(100_000))
    expect((read as Error).message.length).toBeLessThan(500)
  })
})
