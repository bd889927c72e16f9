// @ts-check
/**
 * Every way in which the bad server can be bad, by name.
 *
 * @typedef {import('./well-behaved.mjs').Message} Message
 *
 * @typedef {object} Bent what a misbehaviour may look at
 * @property {Message} request
 * @property {() => Promise<Message>} answer what a good server would say, and what it does to say it
 * @property {(request: Message) => Message} createTask
 *
 * @typedef {object} Misbehaviour
 * @property {boolean} [exitsAtStart]
 * @property {boolean} [garbage] lines that are not JSON-RPC, before the first frame and between frames
 * @property {string} [on] the method whose answer is bent, unless the command line names another
 * @property {(bent: Bent) => unknown} [answer] what is sent instead of the answer; `SILENCE` for nothing
 * @property {(task: Record<string, any>, modern: boolean) => Record<string, any>} [task] bends every task sent
 */
import { setTimeout as sleep } from 'node:timers/promises'

export const SILENCE = Symbol('silence')

const SLOW_MS = 400
const HUGE_BYTES = 20 * 1024 * 1024

/**
 * @param {unknown} value
 * @returns {Misbehaviour}
 */
const pollInterval = (value) => ({
  task: (task, modern) => ({ ...task, [modern ? 'pollIntervalMs' : 'pollInterval']: value }),
})

/** @type {Record<string, Misbehaviour>} */
export const MISBEHAVIOURS = {
  none: {},

  'exit-at-start': { exitsAtStart: true },
  garbage: { garbage: true },
  'silent-initialize': { on: 'initialize', answer: () => SILENCE },
  'silent-discover': { on: 'server/discover', answer: () => SILENCE },
  'silent-call': { on: 'tools/call', answer: () => SILENCE },
  'die-in-task': { on: 'tasks/get', answer: () => process.exit(1) },

  'result-null': { answer: async ({ answer }) => ({ ...(await answer()), result: null }) },
  'result-string': { answer: async ({ answer }) => ({ ...(await answer()), result: 'done' }) },
  'result-missing': { answer: ({ request }) => ({ jsonrpc: '2.0', id: request.id }) },
  'wrong-id': { answer: async ({ answer, request }) => ({ ...(await answer()), id: Number(request.id) + 1000 }) },
  'foreign-id': { answer: async ({ answer }) => ({ ...(await answer()), id: 'not-yours' }) },
  'id-null': { answer: async ({ answer }) => ({ ...(await answer()), id: null }) },
  'not-json': { answer: () => '{"jsonrpc":"2.0","id":' },
  // An answer whose fields are all there, and none of which is what it should be.
  'fields-wrong': { answer: async ({ answer }) => withFields(await answer(), () => 42) },
  'fields-null': { answer: async ({ answer }) => withFields(await answer(), () => null) },
  'fields-missing': { answer: async ({ answer }) => withFields(await answer(), () => undefined) },
  'items-odd': { answer: async ({ answer }) => withFields(await answer(), (value) => withOddItems(value)) },
  'cursor-number': { answer: async ({ answer }) => withResult(await answer(), { nextCursor: 7 }) },
  'cursor-constant': { answer: async ({ answer }) => withResult(await answer(), { nextCursor: 'again' }) },
  'cursor-endless': { answer: async ({ answer }) => withResult(await answer(), { nextCursor: String(Math.random()) }) },
  'cursor-huge': { answer: async ({ answer }) => withResult(await answer(), { nextCursor: 'c'.repeat(100_000) }) },
  deep: { answer: async ({ answer }) => withText(await answer(), '"x":' + '['.repeat(20_000) + ']'.repeat(20_000)) },
  polluting: { answer: async ({ answer }) => withText(await answer(), '"__proto__":{"polluted":true}') },
  slow: { answer: async ({ answer }) => sleep(SLOW_MS).then(answer) },
  'error-string': { answer: ({ request: { id } }) => ({ jsonrpc: '2.0', id, error: 'boom' }) },
  'error-null': { answer: ({ request: { id } }) => ({ jsonrpc: '2.0', id, error: null }) },
  'error-odd': { answer: ({ request: { id } }) => ({ jsonrpc: '2.0', id, error: { code: 'E1', message: { a: 1 } } }) },
  'error-huge': {
    answer: ({ request: { id } }) => ({
      jsonrpc: '2.0',
      id,
      error: { code: -32_000, message: 'no\n'.repeat(1_000_000) },
    }),
  },
  'error-and-result': {
    answer: async ({ answer }) => ({ ...(await answer()), error: { code: -32_000, message: 'and yet it failed' } }),
  },
  'huge-frame': {
    answer: async ({ answer }) =>
      withResult(await answer(), { content: [{ type: 'text', text: 'x'.repeat(HUGE_BYTES) }] }),
  },

  'task-unasked': { answer: ({ request, createTask }) => createTask(request) },
  'task-id-number': { task: (task) => ({ ...task, taskId: 7 }) },
  'task-id-missing': { task: (task) => without(task, 'taskId') },
  'other-task': {
    on: 'tasks/get',
    answer: async ({ answer }) => withResult(await answer(), { taskId: 'somebody-elses' }),
  },
  'wrong-types': {
    task: (task, modern) => ({
      ...task,
      statusMessage: 42,
      createdAt: 1_700_000_000_000,
      lastUpdatedAt: false,
      [modern ? 'ttlMs' : 'ttl']: 'soon',
      [modern ? 'pollIntervalMs' : 'pollInterval']: {},
    }),
  },
  'null-fields': {
    task: (task, modern) => ({
      ...task,
      statusMessage: null,
      lastUpdatedAt: null,
      [modern ? 'ttlMs' : 'ttl']: null,
      [modern ? 'pollIntervalMs' : 'pollInterval']: null,
    }),
  },
  'missing-fields': { task: ({ taskId, status, result }) => ({ taskId, status, ...(result && { result }) }) },
  // Until the end, which is reported as it should be.
  'unknown-status': { task: (task) => ({ ...task, status: task['status'] === 'working' ? 'paused' : task['status'] }) },
  'completed-without-result': {
    on: 'tasks/result',
    answer: async ({ answer }) => ({ ...(await answer()), result: {} }),
    task: (task) => without(task, 'result'),
  },
  // Answers at once instead of waiting for the end.
  'result-not-ready': {
    on: 'tasks/result',
    answer: ({ answer, request: { id } }) => {
      const refusal = { jsonrpc: '2.0', id, error: { code: -32_602, message: 'Task is not completed yet' } }
      return Promise.race([answer(), sleep(5, refusal)])
    },
  },

  'poll-interval-zero': pollInterval(0),
  'poll-interval-negative': pollInterval(-1),
  'poll-interval-huge': pollInterval(1e12),
  'poll-interval-string': pollInterval('500'),
  'poll-interval-null': pollInterval(null),
}

/**
 * @param {Message} answer
 * @param {(value: unknown) => unknown} change all but the kind of the result
 */
const withFields = (answer, change) => ({
  ...answer,
  result: Object.fromEntries(
    Object.entries(answer.result).map(([name, value]) => [name, name === 'resultType' ? value : change(value)]),
  ),
})

/** @param {unknown} value */
const withOddItems = (value) => (Array.isArray(value) ? [null, 7, 'x', [], {}, ...value, { name: 5, uri: 5 }] : value)

/**
 * What no object of JavaScript would be written as.
 *
 * @param {Message} answer
 * @param {string} field
 */
const withText = (answer, field) =>
  JSON.stringify(answer).replace('"result":{', `"result":{${field},`).replace(',}', '}')

/**
 * @param {Message} answer
 * @param {object} patch
 */
const withResult = (answer, patch) => ({ ...answer, result: { ...answer.result, ...patch } })

/**
 * @param {Record<string, any>} object
 * @param {string} key
 */
const without = (object, key) => Object.fromEntries(Object.entries(object).filter(([name]) => name !== key))
