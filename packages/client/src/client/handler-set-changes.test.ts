import { describe, expect, test } from 'vitest'
import { InvalidOptionError } from '../errors/usage-errors.ts'
import type { ElicitationAnswer } from '../handlers/handlers.ts'
import { HandlerSet } from './handler-set.ts'
import { resolveOptions } from './options.ts'

const yes = (): ElicitationAnswer => ({ action: 'accept' })
const handlers = (options = {}): HandlerSet => new HandlerSet(resolveOptions(options))

describe('handlers that are set', () => {
  test('replace those of the same name, and leave the others', () => {
    const set = handlers({ onElicitation: yes, roots: ['file:///a'] })
    const other = (): ElicitationAnswer => ({ action: 'decline' })
    set.set({ onElicitation: other })
    expect(set.current).toMatchObject({ onElicitation: other, roots: ['file:///a'] })
  })

  test('are taken away by undefined', () => {
    const set = handlers({ onElicitation: yes })
    set.set({ onElicitation: undefined })
    expect(set.current.onElicitation).toBeUndefined()
  })

  test.each([
    { onElicitation: 'yes' },
    { roots: ['https://example.com'] },
    { roots: 7 },
    { onMessage: null },
    { logger: { debug: () => {} } },
  ])('that can be none are refused, and nothing is changed: %o', (bad) => {
    const set = handlers({ onElicitation: yes })
    const before = set.current
    expect(() => set.set({ onSampling: yes, ...bad } as never)).toThrow(InvalidOptionError)
    expect(set.current).toBe(before)
  })
})

describe('the handlers that a server does not know of', () => {
  test('are those whose capability was not declared to it', () => {
    const set = handlers({ onElicitation: yes, onSampling: () => '', roots: [] })
    expect(set.undeclared({ sampling: {} })).toEqual(expect.arrayContaining(['onElicitation', 'roots']))
    expect(set.undeclared({ sampling: {} })).toHaveLength(2)
    expect(set.undeclared(set.capabilities)).toEqual([])
  })

  test('are none where none is set', () => {
    expect(handlers().undeclared({})).toEqual([])
  })
})
