import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MalformedMessageError } from '../errors/malformed-message-error.ts'
import * as legacy from './2025-11-25/index.ts'
import * as modern from './2026-07-28/index.ts'
import { readRelatedTask } from './meta-keys.ts'

const readers: Record<string, (value: unknown) => unknown> = {
  '2025 readTask': legacy.readTask,
  '2025 readCreated': legacy.readCreated,
  '2025 readState': legacy.readState,
  '2025 readNotification': legacy.readNotification,
  '2025 readList': legacy.readList,
  '2025 readResult': legacy.readResult,
  '2026 readTask': modern.readTask,
  '2026 readCreated': modern.readCreated,
  '2026 readState': modern.readState,
  '2026 readNotification': modern.readNotification,
}

const questions: Record<string, (value: unknown) => unknown> = {
  '2025 readTasksCapability': legacy.readTasksCapability,
  '2025 taskSupport': legacy.taskSupport,
  '2026 declaresTasks': modern.declaresTasks,
  '2026 readListenFilter': modern.readListenFilter,
  readRelatedTask,
}

const fieldNames =
  'taskId status statusMessage createdAt lastUpdatedAt ttl ttlMs pollInterval task tasks nextCursor resultType inputRequests' +
  ' method params result error code message _meta content capabilities extensions requests tools call taskIds __proto__ toString'

/** Arbitrary JSON under the names that readers look at, so that they get beyond their first check. */
const hostile = fc.letrec<{ value: unknown; message: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(
      't1',
      'working',
      'input_required',
      'completed',
      'failed',
      'task',
      'complete',
      '',
      null,
      0,
      -1,
      Infinity,
    ),
    fc.jsonValue(),
    fc.array(tie('message'), { maxLength: 3 }),
    tie('message'),
  ),
  message: fc.dictionary(fc.constantFrom(...fieldNames.split(' ')), tie('value')),
})).message

/** Rethrows what is no answer to a bad message. */
function outcome(read: (value: unknown) => unknown, message: unknown): 'read' | 'malformed' {
  try {
    read(message)
    return 'read'
  } catch (error) {
    if (error instanceof MalformedMessageError) return 'malformed'
    throw error
  }
}

describe('whatever a peer sends', () => {
  test.each(Object.entries(readers))('%s reads it, or says that it is malformed', (_, read) => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.jsonValue()), (message) => {
        expect(['read', 'malformed']).toContain(outcome(read, message))
      }),
      { numRuns: 300 },
    )
  })

  test.each(Object.entries(questions))('%s answers', (_, ask) => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.jsonValue()), (message) => {
        expect(outcome(ask, message)).toBe('read')
      }),
    )
  })
})

test('the generations name alike what both have', () => {
  const both = Object.keys(legacy).filter((name) => name in modern)
  expect(both.toSorted()).toEqual([
    'cancelTask',
    'getTask',
    'readCreated',
    'readNotification',
    'readState',
    'readTask',
    'taskNotification',
    'writeCreated',
    'writeNotification',
    'writeState',
    'writeTask',
  ])
})
