// @ts-check
/**
 * A server of 2025-11-25 whose tools, prompts and resources run as tasks, on the wire of FastMCP 2.14 to 3: written by hand
 * from what FastMCP 3.4.10 was seen to say, and bent, where an option says so, to what older ones said. A task is `working`
 * until it was polled twice. In memory it pushes, too.
 *
 * @typedef {{ jsonrpc: '2.0', id?: string | number, method?: string, params?: any, result?: any, error?: any }} Message
 *
 * @typedef {object} FastMcpOptions
 * @property {boolean} [declares] whether it declares that prompts and resources can be tasks; default true
 * @property {boolean} [answersAtOnce] whether it runs nothing as a task
 * @property {'task' | 'meta' | 'unasked'} [acknowledges] how it says that a request became a task; default `task`. `meta` is
 *   the older way, `unasked` that way for requests that asked for no task, too
 * @property {'object' | 'list' | 'single'} [contents] what `tasks/result` makes of a resource; default `object`
 * @property {boolean} [nulls] whether `tasks/result` has null for what is absent
 */
import { readJsonBody, startHttp } from './http-listener.mjs'

export class FastMcpWire {
  /** @type {Message[]} all that came in */
  received = []
  /** @type {(message: Message) => void} */
  push = () => {}
  /** @type {Map<string, { method: string, params: any, polls: number, status: string }>} */
  #tasks = new Map()
  #options

  /** @param {FastMcpOptions} [options] */
  constructor(options = {}) {
    this.#options = options
  }

  /**
   * @param {Message} message
   * @returns {Message | undefined} nothing, where nothing is to be said
   */
  answer(message) {
    this.received.push(message)
    const { id, method, params = {} } = message
    if (id === undefined || method === undefined) return undefined
    try {
      return { jsonrpc: '2.0', id, result: this.#resultOf(method, params) }
    } catch (thrown) {
      const { code = 0, message: said } = /** @type {Error & { code?: number }} */ (thrown)
      return { jsonrpc: '2.0', id, error: { code, message: said } }
    }
  }

  /**
   * @param {string} method
   * @param {any} params
   */
  #resultOf(method, params) {
    switch (method) {
      case 'initialize':
        return this.#initialize()
      case 'ping':
        return {}
      case 'tools/list':
        return { tools: [...tools].map((name) => ({ name, inputSchema: { type: 'object' }, execution: optional })) }
      case 'tools/call':
      case 'prompts/get':
      case 'resources/read':
        return this.#run(method, params)
      case 'tasks/get':
        return this.#poll(params.taskId)
      case 'tasks/list':
        return { tasks: [], nextCursor: null }
      case 'tasks/result':
        return this.#result(params.taskId)
      case 'tasks/cancel':
        this.#find(params.taskId).status = 'cancelled'
        return this.#view(params.taskId)
      default:
        throw rpcError(-32_601, 'Method not found')
    }
  }

  #initialize() {
    const { declares = true } = this.#options
    const requests = { tools: { call: {} }, ...(declares && { prompts: { get: {} }, resources: { read: {} } }) }
    const tasks = { list: {}, cancel: {}, requests }
    const capabilities = { tools: {}, prompts: {}, resources: {}, tasks }
    return { protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'fastmcp-wire', version: '3.4.10' } }
  }

  /**
   * @param {string} method
   * @param {any} params
   */
  #run(method, params) {
    const subject = params.name ?? params.uri
    const wantsTask = params.task !== undefined
    if (wantsTask && subject.endsWith('plain'))
      throw rpcError(-32_601, `'${subject}' does not support task-augmented execution`)
    if (!wantsTask && subject.endsWith('must'))
      throw rpcError(-32_601, `'${subject}' requires task-augmented execution`)
    const { acknowledges = 'task', answersAtOnce = false } = this.#options
    const taskId = `task-${this.#tasks.size + 1}`
    const older = { ...emptyOf(method), _meta: { 'modelcontextprotocol.io/task': { taskId } } }
    if (!wantsTask && acknowledges === 'unasked') return { ...outcomeOf(method, params), _meta: older._meta }
    if (!wantsTask || answersAtOnce) return outcomeOf(method, params)
    this.#tasks.set(taskId, { method, params, polls: 0, status: 'working' })
    this.#pushStatus(taskId, 'Task submitted')
    return acknowledges === 'task' ? { task: this.#view(taskId) } : older
  }

  /** @param {string} taskId */
  #poll(taskId) {
    const task = this.#find(taskId)
    task.polls += 1
    if (task.status === 'working' && task.polls >= 2 && !subjectOf(task).endsWith('endless'))
      this.#end(taskId, subjectOf(task).endsWith('bad') ? 'failed' : 'completed')
    return this.#view(taskId, task.status === 'working' ? 'half way' : undefined)
  }

  /**
   * @param {string} taskId
   * @param {'completed' | 'failed'} status
   */
  #end(taskId, status) {
    this.#find(taskId).status = status
    this.#pushStatus(taskId, status === 'failed' ? 'Task failed' : 'Task completed successfully')
  }

  /** @param {string} taskId */
  #result(taskId) {
    const { method, params, status } = this.#find(taskId)
    if (status === 'failed') return { content: [{ type: 'text', text: REASON }], isError: true, ...related(taskId) }
    if (status !== 'completed') throw rpcError(-32_602, `Task not completed yet (current state: ${status})`)
    const { contents = 'object', nulls = false } = this.#options
    const outcome = { ...withNulls(outcomeOf(method, params, true), nulls), ...related(taskId) }
    if (method !== 'resources/read' || contents === 'object') return outcome
    return contents === 'list' ? outcome.contents : { ...outcome.contents[0], ...related(taskId) }
  }

  /**
   * @param {string} taskId
   * @param {string} [statusMessage]
   */
  #view(taskId, statusMessage) {
    const { status, params } = this.#find(taskId)
    const times = { createdAt: '2026-01-01T00:00:00Z', lastUpdatedAt: '2026-01-01T00:00:00Z' }
    const said = statusMessage === undefined ? {} : { statusMessage }
    return { taskId, status, ...times, ttl: params.task.ttl, pollInterval: 100, ...said }
  }

  /**
   * @param {string} taskId
   * @param {string} said
   */
  #pushStatus(taskId, said) {
    const params = { ...this.#view(taskId, said), ...related(taskId) }
    this.push({ jsonrpc: '2.0', method: 'notifications/tasks/status', params })
  }

  /** @param {string} taskId */
  #find(taskId) {
    const task = this.#tasks.get(taskId)
    if (task === undefined) throw rpcError(-32_602, `Task ${taskId} not found`)
    return task
  }
}

/**
 * Over HTTP: each POST is answered with one JSON body.
 *
 * @param {FastMcpWire} peer
 */
export function serveFastMcpWire(peer) {
  return startHttp(0, async (request, response) => {
    if (request.method !== 'POST') return response.writeHead(405).end()
    const answer = peer.answer(await readJsonBody(request))
    if (answer === undefined) return response.writeHead(202).end()
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
}

const tools = ['render', 'bad', 'endless']
const optional = { taskSupport: 'optional' }
const REASON = 'disk full: 42 bytes left'

/** @param {{ params: any }} task */
const subjectOf = ({ params }) => params.name ?? params.uri

/** @param {string} taskId */
const related = (taskId) => ({ _meta: { 'io.modelcontextprotocol/related-task': { taskId } } })

/** @param {string} method */
function emptyOf(method) {
  if (method === 'tools/call') return { content: [] }
  return method === 'prompts/get' ? { messages: [] } : { contents: [] }
}

/**
 * What the request returns; as a task, what is read from a template says that it is at the template.
 *
 * @param {string} method
 * @param {any} params
 * @returns {any}
 */
function outcomeOf(method, { name, arguments: args = {}, uri, _meta }, asTask = false) {
  const subject = name ?? uri
  const version = _meta?.fastmcp?.version ?? '1'
  if (subject.endsWith('bad') && method === 'tools/call')
    return { content: [{ type: 'text', text: REASON }], isError: true }
  if (subject.endsWith('bad')) throw new Error(`Error in ${subject}: ${REASON}`)
  const text = `${subject} for ${args.name ?? 'nobody'}, version ${version}`
  if (method === 'tools/call') return { content: [{ type: 'text', text }] }
  if (method === 'prompts/get') return { messages: [{ role: 'user', content: { type: 'text', text } }] }
  const at = asTask && uri.startsWith('report://cities/') ? 'report://cities/%7Bcity%7D' : uri
  return { contents: [{ uri: at, mimeType: 'text/plain', text }] }
}

/**
 * @param {Record<string, any>} outcome
 * @param {boolean} nulls
 */
function withNulls({ messages, contents, ...rest }, nulls) {
  if (!nulls) return { messages, contents, ...rest }
  const none = { annotations: null, _meta: null }
  return {
    ...rest,
    description: null,
    messages: messages?.map((/** @type {any} */ message) => ({ ...message, content: { ...message.content, ...none } })),
    contents: contents?.map((/** @type {any} */ item) => ({ ...item, ...none })),
  }
}

/**
 * @param {number} code
 * @param {string} message
 */
const rpcError = (code, message) => Object.assign(new Error(message), { code })
