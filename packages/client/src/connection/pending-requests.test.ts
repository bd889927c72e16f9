import { describe, expect, test } from 'vitest'
import { PendingRequests, type PendingRequest } from './pending-requests.ts'

const request = (id: string): PendingRequest => ({ id, method: 'tools/call', name: 'job', startedAt: new Date(0) })

describe('the requests under way', () => {
  test('are listed from when they were sent until they are over, the oldest first', () => {
    const pending = new PendingRequests()
    const over = ['a', 'b', 'c'].map((id) => pending.add(request(id), () => {}))
    expect(pending.list()).toEqual([request('a'), request('b'), request('c')])
    over[1]?.()
    over[1]?.()
    expect(pending.list().map(({ id }) => id)).toEqual(['a', 'c'])
  })

  test('are cancelled by their id, with the reason, and no other is', () => {
    const pending = new PendingRequests()
    const seen: unknown[] = []
    pending.add(request('a'), (reason) => seen.push(['a', reason]))
    pending.add(request('b'), (reason) => seen.push(['b', reason]))
    expect(pending.cancel('b', 'too slow')).toBe(true)
    expect(seen).toEqual([['b', 'too slow']])
  })

  test('that are over, or never were, cannot be cancelled', () => {
    const pending = new PendingRequests()
    const aborted: unknown[] = []
    const over = pending.add(request('a'), (reason) => aborted.push(reason))
    over()
    expect([pending.cancel('a', 'late'), pending.cancel('x', 'never')]).toEqual([false, false])
    expect(aborted).toEqual([])
  })

  test('are a snapshot: what comes later does not change a list that was given', () => {
    const pending = new PendingRequests()
    const before = pending.list()
    pending.add(request('a'), () => {})
    expect(before).toEqual([])
  })
})
