import { describe, expect, test } from 'vitest'
import type { TaskRecord } from '../store/task-record.ts'
import { createTask } from '../worker/create-task.ts'
import { openQuestions, snapshotOf } from './snapshot-of.ts'

describe('what a requestor sees of a task', () => {
  const record: TaskRecord = {
    ...createTask({ ttlMs: 60_000, maxTtlMs: 3_600_000, id: 't1' }),
    status: 'working',
    createdAtMs: 1_000,
    updatedAtMs: 2_000,
    expiresAtMs: 3_601_000,
    attempt: 1,
    releases: 0,
    elsewhere: false,
    questions: [],
  }

  test('is its status and its times, and no more', () => {
    expect(snapshotOf({ ...record, statusMessage: 'half way' }, 2_000)).toEqual({
      id: 't1',
      status: 'working',
      statusMessage: 'half way',
      createdAt: '1970-01-01T00:00:01.000Z',
      lastUpdatedAt: '1970-01-01T00:00:02.000Z',
      ttlMs: 60_000,
      pollIntervalMs: 500,
    })
    expect(snapshotOf(record, 2_000)).not.toHaveProperty('statusMessage')
  })

  test.each([
    ['a young task', {}, 30_000, 60_000],
    ['one that outlived its ttl', {}, 101_000, 100_001],
    ['one as old as it may become', {}, 9_000_000, 3_600_000],
    ['one that may become as old as it likes', { maxTtlMs: null }, 9_001_000, 9_000_001],
    ['one without an end', { ttlMs: null, maxTtlMs: null }, 9_000_000, null],
    ['one that has ended', { status: 'completed', ttlMs: 70_000 }, 9_000_000, 70_000],
  ] as const)('of %s says how long it lives', (_which, over, nowMs, ttlMs) => {
    expect(snapshotOf({ ...record, ...over }, nowMs).ttlMs).toBe(ttlMs)
  })

  test('holds the open questions, in order, and nothing of how they are kept', () => {
    const question = (key: string) => ({ key, identity: 'x', method: 'roots/list', params: { key } }) as const
    const questions: TaskRecord['questions'] = [
      { ...question('b'), state: 'open' },
      { ...question('c'), state: 'withdrawn' },
      { ...question('d'), state: 'answered', answer: { kind: 'result', result: {} } },
      { ...question('a'), state: 'open' },
    ]
    expect(openQuestions({ ...record, questions })).toEqual([
      { key: 'b', method: 'roots/list', params: { key: 'b' } },
      { key: 'a', method: 'roots/list', params: { key: 'a' } },
    ])
  })
})
