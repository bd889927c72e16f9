import { describe, expect, test } from 'vitest'
import { modelImmediateResponseMetaKey, subscriptionIdMetaKey } from '../meta-keys.ts'
import * as wire from './index.ts'

const times = { createdAt: '2026-01-01T00:00:00.000Z', lastUpdatedAt: '2026-01-01T00:00:01.000Z' }
const task = { id: 't1', status: 'working', ...times, ttlMs: null, pollIntervalMs: 500 } as const
const sent = { taskId: 't1', status: 'working', ...times, ttlMs: null, pollIntervalMs: 500 }
const elicit = { method: 'elicitation/create', params: { message: 'Sure?' } } as const

describe('a created task', () => {
  test('is flat, and has no immediate response', () => {
    const written = wire.writeCreated({ task, immediateResponse: 'On it.' })
    expect(written).toEqual({ resultType: 'task', ...sent })
  })

  test.each([
    ['declared a task', { resultType: 'task', ...sent }],
    ['declared a task, beside empty content', { resultType: 'task', ...sent, content: [] }],
    ['declared a task, and nested', { resultType: 'task', task: sent }],
    ['not declared at all', sent],
    ['nested, and not declared', { task: sent }],
  ])('is read when it is %s', (_, result) => {
    expect(wire.readCreated(result)).toEqual({ task })
  })

  test('is read with the immediate response that a peer sends all the same', () => {
    const result = { resultType: 'task', ...sent, _meta: { [modelImmediateResponseMetaKey]: 'On it.' } }
    expect(wire.readCreated(result)).toEqual({ task, immediateResponse: 'On it.' })
  })

  test.each([
    ['a complete result', { resultType: 'complete', content: [] }],
    ['a complete result with a task in it', { resultType: 'complete', ...sent, task: sent }],
    ['a question outside a task', { resultType: 'input_required', inputRequests: {}, ...sent }],
    ['a tool result that mentions a task', { content: [], taskId: 't1', status: 'working' }],
    ['nothing', undefined],
  ])('is not seen in %s', (_, result) => {
    expect(wire.readCreated(result)).toBeUndefined()
  })

  test('that cannot be read is not passed over: it runs', () => {
    expect(() => wire.readCreated({ resultType: 'task', taskId: 12, status: 'working' })).toThrow('but is 12')
  })
})

describe('the questions of a task', () => {
  const asked = (inputRequests: unknown): ReturnType<typeof wire.readState> =>
    wire.readState({ ...sent, status: 'input_required', inputRequests })

  test('are read with their keys, and those that cannot be are named', () => {
    const { questions, unreadable } = asked({
      ok: elicit,
      roots: { method: 'roots/list' },
      future: { method: 'dream/create', params: {} },
      bare: { method: 'elicitation/create' },
      empty: null,
      list: [],
    })
    expect(questions).toEqual([
      { key: 'ok', ...elicit },
      { key: 'roots', method: 'roots/list', params: {} },
    ])
    expect(unreadable).toEqual(['future', 'bare', 'empty', 'list'])
  })

  test('may be under any key, and touch no prototype', () => {
    const { questions } = asked(
      JSON.parse(`{"__proto__":${JSON.stringify(elicit)},"constructor":${JSON.stringify(elicit)}}`),
    )
    expect(questions.map(({ key }) => key)).toEqual(['__proto__', 'constructor'])
    const written = wire.writeState({ task: { ...task, status: 'input_required' }, questions })
    expect(Object.keys(written.inputRequests ?? {})).toEqual(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(written.inputRequests)).toBe(Object.prototype)
  })

  test('are none when there are none, and malformed when they are in no object', () => {
    expect(asked(undefined)).toMatchObject({ questions: [], unreadable: [] })
    expect(() => asked([elicit])).toThrow(expect.objectContaining({ field: 'inputRequests' }))
  })

  test('are over when the task does not wait for them', () => {
    expect(wire.readState({ ...sent, inputRequests: { old: elicit } }).questions).toEqual([])
    const written = wire.writeState({ task, questions: [{ key: 'old', ...elicit }] })
    expect(written).toEqual({ resultType: 'complete', ...sent })
  })
})

describe('the outcome of a task', () => {
  const ended = (fields: object): unknown => wire.readState({ ...sent, ...fields }).outcome
  const result = { content: [], isError: true }

  test('is its result, or its error', () => {
    const error = { code: -32000, message: 'boom', data: { at: 3 } }
    expect(ended({ status: 'completed', result })).toEqual({ kind: 'result', result })
    expect(ended({ status: 'failed', error })).toEqual({ kind: 'error', error })
  })

  test('is found beside a nested task, and within it', () => {
    const nested = { ...sent, status: 'completed' }
    for (const message of [{ task: nested, result }, { task: { ...nested, result } }]) {
      expect(wire.readState(message).outcome).toEqual({ kind: 'result', result })
    }
  })

  test('is taken from the other field when only that is there', () => {
    expect(ended({ status: 'failed', result })).toEqual({ kind: 'result', result })
    expect(ended({ status: 'completed', error: { code: 1, message: 'm' } })).toMatchObject({ kind: 'error' })
  })

  test.each([
    ['boom', { code: -32603, message: 'boom' }],
    [{}, { code: -32603, message: 'The peer gave no message.' }],
    [
      { code: '-32000', message: 7, data: null },
      { code: -32000, message: 'The peer gave no message.' },
    ],
    [
      { code: 1.5, message: 'half' },
      { code: -32603, message: 'half' },
    ],
  ])('is an error for %o', (error, read) => {
    expect(ended({ status: 'failed', error })).toEqual({ kind: 'error', error: read })
  })

  test.each(['working', 'input_required', 'cancelled'])('is not there while or because it is %s', (status) => {
    expect(ended({ status, result })).toBeUndefined()
  })

  test('decides the status word: a result is completed, isError or not', () => {
    const failed = { ...task, status: 'failed' } as const
    const written = wire.writeState({ task: failed, questions: [], outcome: { kind: 'result', result } })
    expect(written).toMatchObject({ status: 'completed', result })
  })

  test('that nobody kept is an error with the message of the task', () => {
    const failed = { ...task, status: 'failed', statusMessage: 'lost its worker' } as const
    expect(wire.writeState({ task: failed, questions: [] }).error).toEqual({ code: -32603, message: 'lost its worker' })
  })

  test('of a completed task cannot be left out', () => {
    const write = (): unknown => wire.writeState({ task: { ...task, status: 'completed' }, questions: [] })
    expect(write).toThrow(expect.objectContaining({ code: 'outcome_missing' }))
  })
})

describe('subscriptions', () => {
  test('a notification names its own', () => {
    expect(wire.writeNotification({ task, questions: [] }, 7)).toEqual({
      method: 'notifications/tasks',
      params: { ...sent, _meta: { [subscriptionIdMetaKey]: 7 } },
    })
  })

  test('a filter names each task once', () => {
    expect(wire.listenFilter(['a', 'b', 'a'])).toEqual({ taskIds: ['a', 'b'] })
  })

  test.each([
    [{ taskIds: ['a'] }, ['a']],
    [{ notifications: { taskIds: ['a', 7, '', null] } }, ['a']],
    [{ notifications: {} }, []],
    [{ taskIds: 'a' }, []],
    [undefined, []],
  ])('%o names %o', (filter, ids) => {
    expect(wire.readListenFilter(filter)).toEqual(ids)
  })
})

test('an update answers each question under its key', () => {
  const answers: Record<string, unknown> = JSON.parse('{"a":{"action":"accept"},"__proto__":{"action":"decline"}}')
  const { method, params } = wire.updateTask('t1', answers)
  expect(method).toBe('tasks/update')
  expect(params.taskId).toBe('t1')
  expect(Object.entries(params.inputResponses)).toEqual(Object.entries(answers))
})

test.each([
  [{ extensions: { [wire.tasksExtension]: {} } }, true],
  [{ extensions: { [wire.tasksExtension]: { maxTasks: 5 } } }, true],
  [{ extensions: { [wire.tasksExtension]: null } }, false],
  [{ extensions: {} }, false],
  [{ tasks: {} }, false],
  [undefined, false],
])('capabilities %o declare tasks: %s', (capabilities, declared) => {
  expect(wire.declaresTasks(capabilities)).toBe(declared)
})
