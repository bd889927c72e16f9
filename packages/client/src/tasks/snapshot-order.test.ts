import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isTerminal, taskStatuses, type TaskStatus } from '@longcall/core'
import { isNewer, type Sighting } from './snapshot-order.ts'

function sighting(from: Sighting['from'], order: number, atMs: number, status: TaskStatus = 'working'): Sighting {
  const at = new Date(atMs).toISOString()
  return { from, order, snapshot: { id: 't1', status, createdAt: at, lastUpdatedAt: at, ttlMs: null } }
}

const times = fc.integer({ min: 0, max: 5 })
const sightings = fc
  .tuple(
    fc.constantFrom<Sighting['from']>('poll', 'push'),
    fc.integer({ min: 1, max: 6 }),
    times,
    fc.constantFrom(...taskStatuses),
  )
  .map((args) => sighting(...args))

/** What is left of sightings that come in this order. */
function last(seen: readonly Sighting[]): Sighting | undefined {
  return seen.reduce<Sighting | undefined>((before, next) => (isNewer(next, before) ? next : before), undefined)
}

describe('what was seen of a task', () => {
  test('first is newer than nothing', () => {
    fc.assert(fc.property(sightings, (seen) => isNewer(seen, undefined)))
  })

  test('terminal beats everything, and is never followed by anything', () => {
    fc.assert(
      fc.property(fc.array(sightings, { minLength: 1 }), (seen) => {
        const first = seen.find(({ snapshot }) => isTerminal(snapshot.status))
        if (first === undefined) expect(isTerminal(last(seen)!.snapshot.status)).toBe(false)
        else expect(last(seen)).toBe(first)
      }),
    )
  })

  test('of two polls the one sent later is newer, in whatever order their answers come, and however they are stamped', () => {
    fc.assert(
      fc.property(times, times, fc.boolean(), (one, other, swapped) => {
        const earlier = sighting('poll', 1, one)
        const later = sighting('poll', 2, other)
        expect(last(swapped ? [later, earlier] : [earlier, later])).toBe(later)
      }),
    )
  })

  test('a push is refused only if its stamp is strictly older', () => {
    fc.assert(
      fc.property(sightings, times, times, (before, order, at) => {
        fc.pre(!isTerminal(before.snapshot.status))
        const push = sighting('push', order, at)
        expect(isNewer(push, before)).toBe(at >= Date.parse(before.snapshot.lastUpdatedAt))
      }),
    )
  })

  test('a push that came while a poll was under way beats its answer, unless the answer is stamped later', () => {
    const push = sighting('push', 2, 10, 'input_required')
    expect(isNewer(sighting('poll', 1, 10), push)).toBe(false)
    expect(isNewer(sighting('poll', 1, 11), push)).toBe(true)
    expect(isNewer(sighting('poll', 3, 10), push)).toBe(true)
  })

  test('an unreadable stamp refuses no push', () => {
    const push = sighting('push', 2, 0)
    const unstamped = { ...push, snapshot: { ...push.snapshot, lastUpdatedAt: 'yesterday' } }
    expect(isNewer(unstamped, sighting('poll', 1, 10))).toBe(true)
    expect(isNewer(push, { ...unstamped, from: 'poll', order: 1 })).toBe(true)
  })
})
