import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { StderrLines } from './stderr-lines.ts'

function linesOf(...chunks: readonly (string | Uint8Array)[]): string[] {
  const heard: string[] = []
  const lines = new StderrLines((line) => void heard.push(line))
  for (const chunk of chunks) lines.push(Buffer.from(chunk))
  lines.end()
  return heard
}

describe('lines of stderr', () => {
  test('are whole, however they come', () => {
    expect(linesOf('one\ntw', 'o\r\n\nthr', 'ee')).toEqual(['one', 'two', '', 'three'])
    const text = Buffer.from('Grüße 🎈\n')
    expect(linesOf(...Array.from(text, (byte) => Uint8Array.of(byte)))).toEqual(['Grüße 🎈'])
  })

  test('hold no control characters but tabs', () => {
    expect(linesOf('\u001b[31mred\u0007\ta\u0000b\u009b\n')).toEqual(['\ufffd[31mred\ufffd\ta\ufffdb\ufffd'])
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (chunks) => {
        for (const line of linesOf(...chunks)) expect(line).toMatch(/^[\P{Cc}\t]*$/u)
      }),
    )
  })

  test('are cut where they are endless, and the next one is whole', () => {
    const long = 'x'.repeat(6000)
    expect(linesOf(long, long, long, '\nnext\n')).toEqual([`${'x'.repeat(10_000)}…`, 'next'])
    expect(linesOf(`${'y'.repeat(10_000)}\n`)).toEqual(['y'.repeat(10_000)])
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('boom')
      },
    ],
    ['rejects', () => Promise.reject(new Error('boom'))],
  ])('go on when the function %s', (_how, fail: () => unknown) => {
    const heard: string[] = []
    const lines = new StderrLines((line) => {
      heard.push(line)
      return fail() as void
    })
    lines.push(Buffer.from('one\ntwo\n'))
    expect(heard).toEqual(['one', 'two'])
  })
})
