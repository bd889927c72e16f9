import { describe, expect, test } from 'vitest'
import { systemClock } from '@longcall/core'
import { InvalidOptionError } from '../errors/usage-errors.ts'
import { resolveOptions } from './options.ts'

function refusal(options: object): string {
  try {
    resolveOptions(options)
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionError)
    expect(error).toMatchObject({ code: 'invalid_option' })
    return (error as Error).message
  }
  return expect.fail('they were taken')
}

describe('the options of a client', () => {
  test('all have a default', () => {
    expect(resolveOptions({})).toMatchObject({
      era: 'auto',
      capabilities: {},
      handlers: {},
      preferTasks: false,
      connectTimeoutMs: 30_000,
      requestTimeoutMs: 60_000,
      clock: systemClock,
    })
  })

  test.each([
    [{ era: 'modern' }, 'Option era is "modern"; it must be one of auto, 2026-07-28, legacy.'],
    [{ era: 2026 }, 'Option era is 2026; it must be one of auto, 2026-07-28, legacy.'],
    [{ era: null }, 'Option era is null; it must be one of auto, 2026-07-28, legacy.'],
    [{ era: {} }, 'Option era is an object; it must be one of auto, 2026-07-28, legacy.'],
    [{ requestTimeoutMs: 0 }, 'Option requestTimeoutMs is 0; it must be milliseconds above zero.'],
    [{ connectTimeoutMs: -1 }, 'Option connectTimeoutMs is -1; it must be milliseconds above zero.'],
    [{ connectTimeoutMs: '5s' }, 'Option connectTimeoutMs is "5s"; it must be milliseconds above zero.'],
    [{ requestTimeoutMs: Number.NaN }, 'Option requestTimeoutMs is NaN; it must be milliseconds above zero.'],
    [{ requestTimeoutMs: [] }, 'Option requestTimeoutMs is an array; it must be milliseconds above zero.'],
    [{ requestTimeoutMs: Object.create(null) }, 'Option requestTimeoutMs is an object; it must be milliseconds'],
    [{ roots: ['/srv'] }, 'Option roots is "/srv"; it must be a list of file:// URIs.'],
    [{ roots: ['https://x/'] }, 'Option roots is "https://x/"; it must be a list of file:// URIs.'],
    [{ roots: 'file:///srv' }, 'Option roots is "file:///srv"; it must be a list of file:// URIs, or a function that'],
    [{ onElicitation: 'ask' }, 'Option onElicitation is "ask"; it must be a function.'],
    [{ onSampling: {} }, 'Option onSampling is an object; it must be a function.'],
    [{ onError: true }, 'Option onError is true; it must be a function.'],
  ])('with a value that cannot be used name it: %o', (options, message) => {
    expect(refusal(options)).toContain(message)
  })

  test('are not quoted whole where they are long', () => {
    expect(refusal({ era: 'x'.repeat(100_000) }).length).toBeLessThan(1000)
  })

  test('may have no limits', () => {
    const unlimited = { connectTimeoutMs: Infinity, requestTimeoutMs: Infinity }
    expect(resolveOptions(unlimited)).toMatchObject(unlimited)
  })

  test('report what is no Error as one, and survive a reporter that throws', () => {
    const seen: Error[] = []
    resolveOptions({ onError: (error) => void seen.push(error) }).report('bare')
    expect(seen).toEqual([expect.objectContaining({ message: 'bare', cause: 'bare' })])
    const { report } = resolveOptions({
      onError: () => {
        throw new Error('in the reporter')
      },
    })
    expect(() => report(new Error('first'))).not.toThrow()
    expect(() => resolveOptions({}).report(new Error('dropped'))).not.toThrow()
  })
})
