import { describe, expect, test } from 'vitest'
import type { TaskOutcome } from '../../task/task-outcome.ts'
import { modelImmediateResponseMetaKey, relatedTaskMetaKey } from '../meta-keys.ts'
import * as wire from './index.ts'

const times = { createdAt: '2026-01-01T00:00:00.000Z', lastUpdatedAt: '2026-01-01T00:00:01.000Z' }
const task = { id: 't1', status: 'completed', ...times, ttlMs: 60_000, pollIntervalMs: 500 } as const
const sent = { taskId: 't1', status: 'completed', ...times, ttl: 60_000, pollInterval: 500 }
const ok: TaskOutcome = { kind: 'result', result: { content: [] } }
const toolError: TaskOutcome = { kind: 'result', result: { content: [], isError: true } }
const rpcError: TaskOutcome = { kind: 'error', error: { code: -32603, message: 'boom' } }

describe('a created task', () => {
  test('is nested, with the immediate response in its metadata', () => {
    expect(wire.writeCreated({ task, immediateResponse: 'On it.' })).toEqual({
      task: sent,
      _meta: { [modelImmediateResponseMetaKey]: 'On it.' },
    })
    expect(wire.writeCreated({ task })).toEqual({ task: sent })
  })

  test.each([
    ['nested', { task: sent }],
    ['nested, beside empty content', { task: sent, content: [] }],
    ['nested, beside content for hosts without tasks', { task: sent, content: [{ type: 'text', text: 'started' }] }],
    ['flat', sent],
    ['flat, and declared a task beside empty content', { ...sent, resultType: 'task', content: [] }],
    ['nested, and declared a task', { task: sent, resultType: 'task' }],
  ])('is read when it is %s', (_, result) => {
    expect(wire.readCreated(result)).toEqual({ task })
  })

  test.each([
    ['a tool result', { content: [{ type: 'text', text: 'done' }] }],
    ['a tool result that mentions a task', { content: [], taskId: 't1', status: 'working' }],
    ['a tool result with some task of its own', { content: [], task: { taskId: 7, status: 'open' } }],
    ['a result without a usable task', { task: {} }],
    ['a result of another type', { ...sent, resultType: 'complete' }],
    ['nothing', undefined],
    ['no object', 'done'],
  ])('is not seen in %s', (_, result) => {
    expect(wire.readCreated(result)).toBeUndefined()
  })

  test('that cannot be read is not passed over: it runs', () => {
    expect(() => wire.readCreated({ task: { taskId: 't1', status: 'submitted' } })).toThrow('"submitted"')
    expect(() => wire.readCreated({ resultType: 'task' })).toThrow('taskId must be')
  })
})

describe('the status word', () => {
  test.each([
    ['a result', 'completed', ok, 'completed'],
    ['an isError result', 'completed', toolError, 'failed'],
    ['a JSON-RPC error', 'failed', rpcError, 'failed'],
    ['a result that the other generation failed', 'failed', ok, 'completed'],
    ['no outcome', 'completed', undefined, 'completed'],
    ['an outcome that came too late', 'cancelled', toolError, 'cancelled'],
  ] as const)('of a task with %s is the wire’s own', (_, status, outcome, expected) => {
    const state = { task: { ...task, status }, ...(outcome !== undefined && { outcome }) }
    expect(wire.writeState(state).status).toBe(expected)
    expect(wire.writeNotification(state).params.status).toBe(expected)
    expect(wire.writeList([state]).tasks[0]?.status).toBe(expected)
  })
})

describe('durations', () => {
  test.each([
    [1.2, 2],
    [-5, 0],
    [1e300, Number.MAX_SAFE_INTEGER],
  ])('of %s are written as %s', (ms, written) => {
    const { ttl, pollInterval } = wire.writeTask({ ...task, ttlMs: ms, pollIntervalMs: ms })
    expect([ttl, pollInterval]).toEqual([written, written])
  })

  test('that no number can say are not written', () => {
    const written = wire.writeTask({ ...task, ttlMs: Infinity, pollIntervalMs: Number.NaN })
    expect(written.ttl).toBeNull()
    expect(written).not.toHaveProperty('pollInterval')
  })
})

describe('requests', () => {
  test('name their task, and nothing else', () => {
    expect(wire.getTask('t1')).toEqual({ method: 'tasks/get', params: { taskId: 't1' } })
    expect(wire.taskResult('t1')).toEqual({ method: 'tasks/result', params: { taskId: 't1' } })
    expect(wire.cancelTask('t1')).toEqual({ method: 'tasks/cancel', params: { taskId: 't1' } })
  })

  test('have no params for the first page', () => {
    expect(Object.keys(wire.listTasks())).toEqual(['method'])
    expect(wire.listTasks('c')).toEqual({ method: 'tasks/list', params: { cursor: 'c' } })
  })

  test('become tasks and keep all that they had', () => {
    const params = { name: 'render', _meta: { progressToken: 1 } }
    expect(wire.augment(params, { ttlMs: 60_000 })).toEqual({ ...params, task: { ttl: 60_000 } })
    expect(wire.augment(params)).toEqual({ ...params, task: {} })
    expect(wire.augment(params, { ttlMs: -1 })).toEqual({ ...params, task: {} })
    expect(params).not.toHaveProperty('task')
  })
})

describe('a page of tasks', () => {
  test('leaves out what cannot be read, and says how much', () => {
    const page = { tasks: [sent, { ...sent, status: 'submitted' }, null, sent], nextCursor: 'c' }
    expect(wire.readList(page)).toEqual({ tasks: [task, task], nextCursor: 'c', unreadable: 2 })
  })

  test.each([{}, { tasks: null, nextCursor: null }, { tasks: [], nextCursor: '' }])(
    '%o is the last, and empty',
    (page) => {
      expect(wire.readList(page)).toEqual({ tasks: [], unreadable: 0 })
    },
  )

  test.each([undefined, [], { tasks: {} }])('%o is none', (page) => {
    expect(() => wire.readList(page)).toThrow(expect.objectContaining({ code: 'malformed_message' }))
  })
})

describe('a result', () => {
  test('is tied to its task, and keeps its own metadata', () => {
    const outcome = {
      kind: 'result',
      result: { content: [], _meta: { trace: 1, [relatedTaskMetaKey]: 'old' } },
    } as const
    expect(wire.writeResult(outcome, 't1')).toEqual({
      content: [],
      _meta: { trace: 1, [relatedTaskMetaKey]: { taskId: 't1' } },
    })
  })

  test('loses the tie when it is read, and nothing else', () => {
    const tie = { [relatedTaskMetaKey]: { taskId: 't1' } }
    const read = (result: object): unknown => wire.readResult(result).result
    expect(read({ content: [], _meta: tie })).toEqual({ content: [] })
    expect(read({ content: [], _meta: { ...tie, trace: 1 } })).toEqual({ content: [], _meta: { trace: 1 } })
    expect(read({ role: 'assistant', content: { type: 'text' }, _meta: {} })).toEqual({
      role: 'assistant',
      content: { type: 'text' },
      _meta: {},
    })
  })

  test('loses each null of its content, one block or several, and none within them', () => {
    const block = { type: 'tool_use', input: { of: null }, annotations: null }
    const bare = { type: 'tool_use', input: { of: null } }
    for (const [content, read] of [
      [block, bare],
      [[block], [bare]],
    ])
      expect(wire.readResult({ content, stopReason: null }).result).toEqual({ content: read })
  })

  test.each([
    [{ messages: [{ role: 'user', content: { type: 'text', text: 'hi', annotations: null }, x: null }, null] }],
    [{ description: null, messages: [{ role: 'user', content: { type: 'text', text: 'hi' } }, null] }],
  ])('of a prompt loses its nulls: %o', (result) => {
    const messages = [{ role: 'user', content: { type: 'text', text: 'hi' } }, null]
    expect(wire.readResult(result).result).toEqual({ messages })
  })

  const one = { uri: 'report://today', text: 'sunny' }
  const other = { uri: 'report://map', blob: 'aGk=' }
  test.each([
    ['in an object', { contents: [{ ...one, mimeType: null }, other] }, [one, other]],
    ['as a bare list', [{ ...one, mimeType: null }, other], [one, other]],
    ['one alone', { ...one, mimeType: null, _meta: { [relatedTaskMetaKey]: { taskId: 't1' } } }, [one]],
  ])('of a resource is read %s, and loses its nulls', (_how, result, contents) => {
    expect(wire.readResult(result).result).toEqual({ contents })
  })

  test.each([[[]], [[one, 7]], [[{ type: 'text', text: 'hi' }]], ['done'], [null]])(
    'must be an object, and not %o',
    (it) => {
      expect(() => wire.readResult(it)).toThrow(expect.objectContaining({ field: 'result' }))
    },
  )

  test('that has content is none of a resource, whatever else is in it', () => {
    const result = { content: [], uri: 'report://today', text: 'sunny' }
    expect(wire.readResult(result).result).toEqual(result)
  })
})

describe('capabilities', () => {
  test.each([
    [{ tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } }, ['toolCalls', 'list', 'cancel']],
    [{ tasks: { requests: { tools: { call: { future: 1 } } } } }, ['toolCalls']],
    [{ tasks: { requests: { prompts: { get: {} }, resources: { read: true } } } }, ['promptGets', 'resourceReads']],
    [{ tasks: { requests: { prompts: { list: {} }, resources: { read: null } } } }, []],
    [{ tasks: { list: null, cancel: false, requests: { tools: null } } }, []],
    [{ tasks: {} }, []],
  ])('of %o are read', (capabilities, declared) => {
    const none = { toolCalls: false, promptGets: false, resourceReads: false, list: false, cancel: false }
    const all = { ...none, ...Object.fromEntries(declared.map((name) => [name, true])) }
    expect(wire.readTasksCapability(capabilities)).toEqual(all)
  })

  test.each([undefined, null, {}, { tasks: null }, { extensions: { 'io.modelcontextprotocol/tasks': {} } }])(
    '%o has no tasks of this generation',
    (capabilities) => {
      expect(wire.readTasksCapability(capabilities)).toBeUndefined()
    },
  )

  test('write what is there, and leave out the rest', () => {
    expect(wire.writeTasksCapability({ toolCalls: true, list: false, cancel: true })).toEqual({
      cancel: {},
      requests: { tools: { call: {} } },
    })
    expect(wire.writeTasksCapability({ toolCalls: false, list: false, cancel: false })).toEqual({})
  })

  test.each([
    [{ execution: { taskSupport: 'required' } }, 'required'],
    [{ execution: { taskSupport: 'optional' } }, 'optional'],
    [{ execution: { taskSupport: 'forbidden' } }, 'forbidden'],
    [{ execution: { taskSupport: 'always' } }, 'forbidden'],
    [{ execution: null }, 'forbidden'],
    [{}, 'forbidden'],
  ])('a tool %o is %s as a task', (tool, support) => {
    expect(wire.taskSupport(tool)).toBe(support)
  })
})
