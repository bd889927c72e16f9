import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RunningReference } from '../tasks/task-reference.ts'
import type { Entry, KeptQuestion } from './entry.ts'
import { moved, type Move } from './moves.ts'

const operation = { method: 'tools/call', name: 'render' } as const
const reference: RunningReference = {
  longcall: 1,
  kind: 'task',
  taskId: 't1',
  endpoint: 'https://one.example',
  operation,
  generation: '2026-07-28',
}
const at = '2026-01-01T00:00:00.000Z'
const snapshot = { id: 't1', status: 'completed', createdAt: at, lastUpdatedAt: at, ttlMs: null } as const
const intent: Entry = { longcall: 1, state: 'intent', operation, startedAtMs: 1, holder: 'ann' }

const who = fc.constantFrom('ann', 'bob')
const slot = fc.constantFrom('key a', 'key b')
const print = fc.constantFrom('p', 'q')
const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ kind: fc.constant('started' as const), reference: fc.constant(reference) }),
  fc.record({ kind: fc.constantFrom('taken' as const, 'letGo' as const), by: who }),
  fc.record({ kind: fc.constant('shown' as const), slot, print, by: who }),
  fc.record({ kind: fc.constant('released' as const), slot, by: who }),
  fc.record({ kind: fc.constant('answered' as const), slot, print, answer: fc.record({ n: fc.nat() }) }),
  fc.record({ kind: fc.constant('delivered' as const), slot, by: who, atMs: fc.nat() }),
  fc.record({ kind: fc.constant('ended' as const), ending: fc.constant({ kind: 'cancelled' as const, snapshot }) }),
)

/** All that an entry was, move by move. */
function lives(moves: readonly Move[]): readonly (readonly [Entry, Move, Entry])[] {
  let entry: Entry = intent
  return moves.map((each) => {
    const before = entry
    entry = moved(before, each)
    return [before, each, entry]
  })
}

function questionIn(entry: Entry, key: string): KeptQuestion | undefined {
  return entry.state === 'running' ? entry.questions[key] : undefined
}

const anyLife = (check: (before: Entry, by: Move, after: Entry) => void): void =>
  fc.assert(
    fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
      for (const [before, by, after] of lives(moves)) check(before, by, after)
    }),
    { numRuns: 500 },
  )

describe('an entry', () => {
  test('goes from intent to running to ended, and never back', () => {
    const order = ['intent', 'running', 'ended'] as const
    anyLife((before, _by, after) => {
      const step = order.indexOf(after.state) - order.indexOf(before.state)
      expect([0, 1]).toContain(step)
    })
  })

  test('keeps how its task ended, whatever comes late', () => {
    anyLife((before, by, after) => {
      if (before.state !== 'ended') return
      expect(after).toEqual({ ...before, holder: after.holder })
      if (by.kind !== 'taken' && by.kind !== 'letGo') expect(after).toBe(before)
    })
  })

  test('that is not changed is the same object, so that nothing is written', () => {
    anyLife((before, by, after) => {
      expect(moved(after, by)).toEqual(after)
      if (JSON.stringify(after) === JSON.stringify(before)) expect(after).toBe(before)
    })
  })

  test('is let go by whoever has it in hand alone', () => {
    const taken = moved(intent, { kind: 'taken', by: 'bob' })
    expect(moved(taken, { kind: 'letGo', by: 'ann' })).toBe(taken)
    expect(moved(taken, { kind: 'letGo', by: 'bob' }).holder).toBeNull()
  })
})

describe('a question of an entry', () => {
  test('has one answer, the first, for as long as it asks the same', () => {
    anyLife((before, by, after) => {
      for (const key of ['key a', 'key b']) {
        const [was, is] = [questionIn(before, key), questionIn(after, key)]
        if (was === undefined || was.state === 'shown' || is === undefined || is.print !== was.print) continue
        expect(is.state === 'shown' ? undefined : is.answer).toEqual(was.answer)
      }
    })
  })

  test('that asks something else under the same key is not answered by what was kept', () => {
    const differing: unknown[] = []
    anyLife((before, by, after) => {
      if (by.kind !== 'shown' || questionIn(before, by.slot)?.print === by.print) return
      const shown = questionIn(after, by.slot)
      if (shown !== undefined && (shown.state !== 'shown' || shown.by !== by.by)) differing.push(shown)
    })
    expect(differing).toEqual([])
  })

  test('is delivered once it is answered, and not before', () => {
    anyLife((before, by, after) => {
      if (by.kind !== 'delivered') return
      if (questionIn(before, by.slot)?.state === 'answered') expect(questionIn(after, by.slot)?.state).toBe('delivered')
      else expect(after).toBe(before)
    })
  })
})
