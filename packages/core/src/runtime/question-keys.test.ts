import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { QuestionRecord } from '../store/task-record.ts'
import { OrdinalNames } from './ordinal-names.ts'
import { findQuestion, questionIdentity, QuestionKeys } from './question-keys.ts'

describe('the names of what a body does', () => {
  test('are what it says, with a number when it says it again', () => {
    const names = new OrdinalNames()
    expect(['plan', 'plan', 'draw', 'plan'].map((name) => names.next(name))).toEqual([
      'plan',
      'plan#2',
      'draw',
      'plan#3',
    ])
  })

  test('are never the same, whatever it says, and the same in each run', () => {
    const said = fc.array(fc.string({ unit: fc.constantFrom('a', '#', '~', '%', '2', '3', '-'), maxLength: 4 }))
    fc.assert(
      fc.property(said, (all) => {
        const [first, second] = [new OrdinalNames(), new OrdinalNames()]
        const names = all.map((name) => first.next(name))
        expect(new Set(names).size).toBe(names.length)
        expect(all.map((name) => second.next(name))).toEqual(names)
      }),
    )
  })

  test('of questions without a key are their places among those', () => {
    const keys = new QuestionKeys()
    const ask = (key?: string): string =>
      keys.name({ method: 'roots/list', params: {}, ...(key !== undefined && { key }) })
    expect([ask(), ask('ok'), ask(), ask('ok'), ask('')]).toEqual(['question-1', 'ok', 'question-2', 'ok#2', ''])
  })
})

describe('the identity of a question', () => {
  test('is the same for what asks the same, and for nothing else', () => {
    const ask = (method: 'roots/list' | 'elicitation/create', params: object): string =>
      questionIdentity({ method, params: params as never })
    const identity = ask('elicitation/create', { a: 1, b: [1, 2] })
    expect(ask('elicitation/create', { b: [1, 2], a: 1 })).toBe(identity)
    expect(ask('elicitation/create', { b: [2, 1], a: 1 })).not.toBe(identity)
    expect(ask('elicitation/create', { b: [1, 2], a: '1' })).not.toBe(identity)
    expect(ask('roots/list', { a: 1, b: [1, 2] })).not.toBe(identity)
    expect(identity).toHaveLength(44)
  })

  test('does not depend on the key under which it is asked', () => {
    const question = { method: 'roots/list', params: {} } as const
    expect(questionIdentity({ ...question, key: 'a' })).toBe(questionIdentity(question))
  })
})

describe('a question that is asked', () => {
  const record = (key: string, identity: string, state: QuestionRecord['state']): QuestionRecord => {
    const question = { key, identity, method: 'roots/list', params: {} } as const
    return state === 'answered'
      ? { ...question, state, answer: { kind: 'result', result: {} } }
      : { ...question, state }
  }

  test('has its name for a key when nothing was asked under it', () => {
    expect(findQuestion('ok', 'x', [])).toEqual({ stale: [], key: 'ok' })
    expect(findQuestion('ok', 'x', [record('ok#2', 'x', 'open'), record('okay', 'x', 'open')])).toEqual({
      stale: [],
      key: 'ok',
    })
  })

  test.each(['open', 'answered'] as const)('is the same as one that is %s', (state) => {
    const same = record('ok', 'x', state)
    expect(findQuestion('ok', 'x', [record('other', 'x', 'open'), same])).toEqual({ same })
  })

  test('is the same as a later version of its name', () => {
    const same = record('ok~3', 'x', 'answered')
    expect(findQuestion('ok', 'x', [record('ok', 'y', 'withdrawn'), record('ok~2', 'z', 'answered'), same])).toEqual({
      same,
    })
  })

  test('replaces open ones of its name that ask something else, under a key of its own', () => {
    const questions = [record('ok', 'y', 'answered'), record('ok~2', 'z', 'open'), record('other', 'w', 'open')]
    expect(findQuestion('ok', 'x', questions)).toEqual({ stale: ['ok~2'], key: 'ok~3' })
  })

  test('is asked anew when the same one was withdrawn', () => {
    expect(findQuestion('ok', 'x', [record('ok', 'x', 'withdrawn')])).toEqual({ stale: [], key: 'ok~2' })
  })
})
