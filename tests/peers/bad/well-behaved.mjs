// @ts-check
/**
 * The smallest server that behaves, written by hand on both wires. The misbehaviours bend what it says.
 *
 * @typedef {{ jsonrpc: '2.0', id?: string | number | null, method?: string, params?: any, result?: any, error?: any }}
 *   Message
 * @typedef {(task: Record<string, any>) => Record<string, any>} BendTask
 */
import { randomUUID } from 'node:crypto'

const TASK_MS = 150
const SERVER_INFO = { name: 'bad-peer', version: '1.0.0' }
const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks'
const RELATED_TASK = 'io.modelcontextprotocol/related-task'

const CACHE = { ttlMs: 0, cacheScope: 'private' }
const DONE = { content: [{ type: 'text', text: 'done' }] }

export class WellBehaved {
  /** @type {Map<string, { since: number, cancelled: boolean }>} */
  #tasks = new Map()
  #modern
  #bendTask

  /**
   * @param {boolean} modern
   * @param {BendTask} bendTask applied to every task on its way out
   */
  constructor(modern, bendTask) {
    this.#modern = modern
    this.#bendTask = bendTask
  }

  /**
   * @param {Message} request
   * @returns {Promise<Message>}
   */
  async answer({ id = null, method = '', params = {} }) {
    try {
      const result = await this.#resultOf(method, params)
      return { jsonrpc: '2.0', id, result: this.#modern ? { resultType: 'complete', ...result } : result }
    } catch (error) {
      return { jsonrpc: '2.0', id, error: { code: /** @type {any} */ (error).code ?? -32_603, message: String(error) } }
    }
  }

  /**
   * The answer to an augmented `tools/call`, whoever asked for it.
   *
   * @param {Message} request
   * @returns {Message}
   */
  createTask({ id = null }) {
    const taskId = randomUUID()
    this.#tasks.set(taskId, { since: Date.now(), cancelled: false })
    const task = this.#bendTask(this.#viewOf(taskId))
    return { jsonrpc: '2.0', id, result: this.#modern ? { resultType: 'task', ...task } : { task } }
  }

  /**
   * @param {string} method
   * @param {any} params
   * @returns {Promise<any>}
   */
  async #resultOf(method, params) {
    const handlers = this.#modern ? this.#modernMethods : this.#legacyMethods
    const handler = handlers[method]
    if (handler === undefined) throw rpcError(-32_601, `Method not found: ${method}`)
    return handler(params)
  }

  /** @type {Record<string, (params: any) => any>} */
  #legacyMethods = {
    ...plainMethods({}),
    'resources/subscribe': () => ({}),
    'resources/unsubscribe': () => ({}),
    'logging/setLevel': () => ({}),
    ping: () => ({}),
    initialize: () => ({
      protocolVersion: '2025-11-25',
      capabilities: {
        ...ABILITIES,
        logging: {},
        tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } },
      },
      serverInfo: SERVER_INFO,
    }),
    'tools/list': () => ({ tools: [{ ...JOB, execution: { taskSupport: 'optional' } }] }),
    'tools/call': (params) => (params.task === undefined ? DONE : this.createTask({ jsonrpc: '2.0' }).result),
    'tasks/get': ({ taskId }) => this.#bendTask(this.#viewOf(taskId)),
    'tasks/result': async ({ taskId }) => {
      while (this.#viewOf(taskId)['status'] === 'working') await new Promise((resolve) => setTimeout(resolve, 10))
      return { ...DONE, _meta: { [RELATED_TASK]: { taskId } } }
    },
    'tasks/list': () => ({ tasks: [...this.#tasks.keys()].map((taskId) => this.#bendTask(this.#viewOf(taskId))) }),
    'tasks/cancel': ({ taskId }) => this.#bendTask(this.#cancel(taskId)),
  }

  /** @type {Record<string, (params: any) => any>} */
  #modernMethods = {
    ...plainMethods(CACHE),
    'server/discover': () => ({
      supportedVersions: ['2026-07-28'],
      capabilities: { ...ABILITIES, extensions: { [TASKS_EXTENSION]: {} } },
      ...CACHE,
      _meta: { 'io.modelcontextprotocol/serverInfo': SERVER_INFO },
    }),
    'tools/list': () => ({ tools: [JOB], ...CACHE }),
    'tools/call': (params) => (declaresTasks(params) ? this.createTask({ jsonrpc: '2.0' }).result : DONE),
    'tasks/get': ({ taskId }) => this.#bendTask(this.#viewOf(taskId)),
    'tasks/update': ({ taskId }) => void this.#viewOf(taskId),
    'tasks/cancel': ({ taskId }) => void this.#cancel(taskId),
  }

  /**
   * @param {string} taskId
   * @returns {Record<string, any>}
   */
  #viewOf(taskId) {
    const task = this.#tasks.get(taskId)
    if (task === undefined) throw rpcError(-32_602, `Task not found: ${taskId}`)
    const isDone = Date.now() - task.since >= TASK_MS
    const status = task.cancelled ? 'cancelled' : isDone ? 'completed' : 'working'
    const times = {
      createdAt: new Date(task.since).toISOString(),
      lastUpdatedAt: new Date(isDone ? task.since + TASK_MS : task.since).toISOString(),
    }
    if (!this.#modern) return { taskId, status, ...times, ttl: 60_000, pollInterval: 30 }
    const result = status === 'completed' ? { result: { resultType: 'complete', ...DONE } } : {}
    return { taskId, status, ...times, ttlMs: 60_000, pollIntervalMs: 30, ...result }
  }

  /** @param {string} taskId */
  #cancel(taskId) {
    const task = this.#tasks.get(taskId)
    if (task !== undefined) task.cancelled = true
    return this.#viewOf(taskId)
  }
}

const ABILITIES = { tools: {}, prompts: {}, completions: {}, resources: { subscribe: true } }

/**
 * What is answered alike on both wires.
 *
 * @param {object} cache what says how long an answer may be kept
 */
const plainMethods = (cache) => ({
  'resources/list': () => ({ resources: [{ uri: 'memo:one', name: 'one' }], ...cache }),
  'resources/templates/list': () => ({ resourceTemplates: [{ uriTemplate: 'memo:{id}', name: 'memo' }], ...cache }),
  'resources/read': () => ({ contents: [{ uri: 'memo:one', text: 'one' }], ...cache }),
  'prompts/list': () => ({ prompts: [{ name: 'hello' }], ...cache }),
  'prompts/get': () => ({ messages: [{ role: 'user', content: { type: 'text', text: 'hello' } }] }),
  'completion/complete': () => ({ completion: { values: ['one', 'only'] } }),
})

const JOB = { name: 'job', description: 'ends after a moment', inputSchema: { type: 'object', properties: {} } }

/** @param {any} params */
const declaresTasks = (params) =>
  params._meta?.['io.modelcontextprotocol/clientCapabilities']?.extensions?.[TASKS_EXTENSION] !== undefined

/**
 * @param {number} code
 * @param {string} message
 */
const rpcError = (code, message) => Object.assign(new Error(message), { code })
