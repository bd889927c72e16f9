import { describe, expect, test } from 'vitest'
import * as legacy from './2025-11-25/index.ts'
import * as modern from './2026-07-28/index.ts'
import { relatedTaskMetaKey } from './meta-keys.ts'

const createdAt = '2025-11-25T10:30:00.000Z'
const lastUpdatedAt = '2025-11-25T10:30:04.000Z'
const times = { createdAt, lastUpdatedAt }
const everything = { taskId: '6f1c', ttl: 300_000, ...times, pollInterval: 1000 }
const related = { [relatedTaskMetaKey]: { taskId: '6f1c' } }

/** What implementations in use were seen to send, and what it must be read as. */
const recorded: readonly (readonly [peer: string, read: () => unknown, expected: object | undefined])[] = [
  [
    'server-everything: completed with the message of an earlier status',
    () => legacy.readState({ ...everything, status: 'completed', statusMessage: 'Generating report...' }).task,
    { status: 'completed', statusMessage: 'Generating report...' },
  ],
  [
    'server-everything: empty metadata in a cancel result',
    () => legacy.readState({ _meta: {}, ...everything, status: 'cancelled' }).task,
    { id: '6f1c', status: 'cancelled', ttlMs: 300_000 },
  ],
  [
    'server-everything: empty metadata in a list',
    () => legacy.readList({ _meta: {}, tasks: [{ ...everything, status: 'working' }] }),
    { tasks: [{ id: '6f1c' }], unreadable: 0 },
  ],
  [
    'server-everything: a required tool called without a task is an isError result, no task',
    () => legacy.readCreated({ content: [{ type: 'text', text: 'MCP error -32601: requires task' }], isError: true }),
    undefined,
  ],
  [
    'TypeScript SDK 1.x, simpleTaskInteractive: a task born waiting for input',
    () => legacy.readCreated({ task: { ...everything, status: 'input_required' } }),
    { task: { status: 'input_required' } },
  ],
  [
    'TypeScript SDK 1.x: createTask gives the live object, which may have ended by now',
    () => legacy.readCreated({ task: { ...everything, status: 'completed' } }),
    { task: { status: 'completed' } },
  ],
  [
    'TypeScript SDK 1.x, delay: no ttl was asked for, and null is granted',
    () => legacy.readCreated({ task: { ...everything, ttl: null, status: 'working' } }),
    { task: { ttlMs: null } },
  ],
  [
    'Python SDK 1.x: a ttl of null is dropped, and times have microseconds',
    () => legacy.readCreated({ task: { taskId: 'a:b', status: 'working', ...pythonTimes, pollInterval: 500 } }),
    { task: { id: 'a:b', ttlMs: null, createdAt: '2025-11-25T10:30:00.123Z' } },
  ],
  [
    'Python SDK 1.x: a status notification without ttl',
    () => legacy.readNotification({ taskId: 'a:b', status: 'completed', ...pythonTimes }).task,
    { status: 'completed', ttlMs: null },
  ],
  [
    'Python SDK 1.x: the result of a failed or cancelled task is its metadata alone',
    () => legacy.readResult({ _meta: related }),
    { kind: 'result', result: {} },
  ],
  [
    'Python SDK 1.x: null for every optional field of a result',
    () =>
      legacy.readResult({
        _meta: related,
        content: [{ type: 'text', text: 'hi', annotations: null, _meta: null }],
        structuredContent: null,
        isError: false,
      }),
    { kind: 'result', result: { content: [{ type: 'text', text: 'hi' }], isError: false } },
  ],
  [
    'Python SDK 1.x: capabilities with null for what is absent',
    () => legacy.readTasksCapability({ tasks: { list: {}, cancel: null, requests: { tools: { call: {} } } } }),
    { toolCalls: true, promptGets: false, resourceReads: false, list: true, cancel: false },
  ],
  [
    'FastMCP 2: an empty list whose cursor is null',
    () => legacy.readList({ tasks: [], nextCursor: null }),
    { tasks: [], unreadable: 0 },
  ],
  [
    'FastMCP 3: prompts and resources that may become tasks',
    () =>
      legacy.readTasksCapability({
        tasks: {
          list: {},
          cancel: {},
          requests: { tools: { call: {} }, prompts: { get: {} }, resources: { read: {} } },
        },
      }),
    { toolCalls: true, promptGets: true, resourceReads: true, list: true, cancel: true },
  ],
  [
    'FastMCP before 2.14: a task that is acknowledged in the metadata of an empty result',
    () => legacy.readCreated({ _meta: { 'modelcontextprotocol.io/task': { taskId: '6f1c' } }, messages: [] }, 0),
    { task: { id: '6f1c', status: 'working', createdAt: '1970-01-01T00:00:00.000Z', ttlMs: null } },
  ],
  [
    'FastMCP 2: a status notification with related-task metadata and an elicitation in it',
    () =>
      legacy.readNotification({
        ...everything,
        status: 'input_required',
        _meta: { [relatedTaskMetaKey]: { taskId: '6f1c', elicitation: { message: 'Sure?' } } },
      }),
    { task: { id: '6f1c', status: 'input_required' }, questions: [], unreadable: [] },
  ],
  [
    'Specification 2026-07-28, examples: tasks/get answers with the result type of a created task',
    () =>
      modern.readState({ resultType: 'task', ...modernTask, status: 'failed', error: { code: -32603, message: 'x' } }),
    { task: { status: 'failed' }, outcome: { kind: 'error', error: { code: -32603, message: 'x' } } },
  ],
  [
    'TypeScript SDK 2.x client: the result type is stripped before anybody sees it',
    () => modern.readState({ ...modernTask, status: 'completed', result: { content: [] } }),
    { task: { status: 'completed' }, outcome: { kind: 'result', result: { content: [] } } },
  ],
  [
    'TypeScript SDK 2.x server: a task result with empty content',
    () => modern.readCreated({ resultType: 'task', ...modernTask, status: 'working', content: [] }),
    { task: { id: '786512e2' } },
  ],
  [
    'Extension servers: no ttl, null for the message, a fractional or null poll interval',
    () => modern.readState({ taskId: '1', status: 'working', ...times, statusMessage: null, pollIntervalMs: 0.5 }).task,
    { id: '1', status: 'working', ...times, ttlMs: null, pollIntervalMs: 0.5 },
  ],
  [
    'Extension servers: settings in the declaration of the extension',
    () => ({ declared: modern.declaresTasks({ extensions: { [modern.tasksExtension]: { listen: true } } }) }),
    { declared: true },
  ],
]

const pythonTimes = { createdAt: '2025-11-25T10:30:00.123456Z', lastUpdatedAt: '2025-11-25T10:30:00.123456Z' }
const modernTask = { taskId: '786512e2', ...times, ttlMs: 60_000, pollIntervalMs: 5000 }

describe('is read as it was meant', () => {
  test.for(recorded)('%s', ([, read, expected]) => {
    expect({ read: read() }).toMatchObject({ read: expected })
  })

  test('FastMCP 2.14 ties a result to its task by an older key, which is taken off again', () => {
    const older = { 'modelcontextprotocol.io/related-task': { taskId: '6f1c' } }
    expect(legacy.readResult({ messages: [], _meta: older }).result).toEqual({ messages: [] })
    expect(legacy.readResult({ messages: [], _meta: { ...older, trace: 1 } }).result).toEqual({
      messages: [],
      _meta: { trace: 1 },
    })
  })

  test('a field that no peer sent does not appear', () => {
    const { result } = legacy.readResult({ _meta: related, content: [{ type: 'text', text: 'hi', annotations: null }] })
    expect(result).toEqual({ content: [{ type: 'text', text: 'hi' }] })
  })
})
