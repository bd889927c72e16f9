import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canTransition, IllegalTransitionError, isTerminal, taskStatuses, transition } from './task-status.ts'

const status = fc.constantFrom(...taskStatuses)
const date = fc.date({ min: new Date(0), max: new Date('9999-01-01'), noInvalidDate: true })
const task = fc.record({ id: fc.string(), status, lastUpdatedAt: date.map((at) => at.toISOString()) })

describe('the life of a task', () => {
  test('has exactly the moves of the specification', () => {
    const moves = taskStatuses.flatMap((from) =>
      taskStatuses.filter((to) => canTransition(from, to)).map((to) => `${from} > ${to}`),
    )
    expect(moves).toEqual([
      'working > input_required',
      'working > completed',
      'working > failed',
      'working > cancelled',
      'input_required > working',
      'input_required > completed',
      'input_required > failed',
      'input_required > cancelled',
    ])
  })

  test('a late report never reopens a task', () => {
    fc.assert(
      fc.property(task, status, date, (last, to, at) => {
        fc.pre(isTerminal(last.status))
        expect(() => transition(last, to, at)).toThrow(IllegalTransitionError)
      }),
    )
  })

  test('every move strictly increases lastUpdatedAt, whatever the clock does', () => {
    fc.assert(
      fc.property(task, status, date, (last, to, at) => {
        fc.pre(canTransition(last.status, to))
        const next = transition(last, to, at)
        expect(next.status).toBe(to)
        expect(Date.parse(next.lastUpdatedAt)).toBeGreaterThan(Date.parse(last.lastUpdatedAt))
        expect(Date.parse(next.lastUpdatedAt)).toBeGreaterThanOrEqual(at.getTime())
      }),
    )
  })

  test('a message belongs to the status it came with', () => {
    const working = { id: 't', status: 'working', statusMessage: 'half done', lastUpdatedAt: '', kept: 1 } as const
    const at = new Date('2026-01-01T00:00:00.000Z')
    expect(transition(working, 'completed', at)).toEqual({
      id: 't',
      status: 'completed',
      lastUpdatedAt: at.toISOString(),
      kept: 1,
    })
    expect(transition(working, 'failed', at, 'no disk').statusMessage).toBe('no disk')
    expect(working.statusMessage).toBe('half done')
  })

  test('a refused move says which, and why', () => {
    const message = (from: 'completed' | 'working', to: 'working'): unknown =>
      new IllegalTransitionError('t1', from, to)
    expect(message('completed', 'working')).toMatchObject({
      code: 'illegal_transition',
      message: 'Task t1 cannot become working: it is completed, which is final.',
    })
    expect(message('working', 'working')).toMatchObject({ from: 'working', to: 'working' })
  })
})
