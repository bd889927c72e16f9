// @ts-check
/** A client that costs next to nothing: it sends what it is told to, and reads the answer off whatever carries it. */
import { Agent, request } from 'node:http'

/** @typedef {'2025-11-25' | '2026-07-28'} Generation */

const clientInfo = { name: 'bench', version: '1.0.0' }
const capabilities = { extensions: { 'io.modelcontextprotocol/tasks': {} } }

export class RawClient {
  #url
  #agent = new Agent({ keepAlive: true })
  /** @type {Record<string, string>} */
  #headers
  #generation
  #sent = 0

  /**
   * @param {string} url
   * @param {Generation} generation
   */
  constructor(url, generation) {
    this.#url = url
    this.#generation = generation
    this.#headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': generation,
    }
  }

  /** Opens the session, where there are sessions. */
  async open() {
    if (this.#generation === '2026-07-28') return
    const params = { protocolVersion: this.#generation, capabilities: {}, clientInfo }
    const { headers } = await this.#post({ jsonrpc: '2.0', id: 'open', method: 'initialize', params })
    this.#headers['mcp-session-id'] = String(headers['mcp-session-id'])
    await this.#post({ jsonrpc: '2.0', method: 'notifications/initialized' })
  }

  /**
   * @param {string} tool
   * @param {boolean} [asTask] only 2025-11-25 lets the client say so
   */
  call(tool, asTask = false) {
    const task = asTask && this.#generation === '2025-11-25' ? { task: { ttl: 3_600_000 } } : {}
    return this.#request('tools/call', { name: tool, arguments: { text: 'hello' }, ...task }, tool)
  }

  /**
   * @param {string} tool
   * @returns {Promise<string>} the id of its task
   */
  async start(tool) {
    const result = await this.call(tool, true)
    return result.task?.taskId ?? result.taskId
  }

  /** @param {string} taskId */
  get(taskId) {
    return this.#request('tasks/get', { taskId }, taskId)
  }

  /**
   * Waits for a task's end.
   *
   * @param {string} taskId
   */
  async result(taskId) {
    if (this.#generation === '2025-11-25') return this.#request('tasks/result', { taskId }, taskId)
    for (;;) {
      const { status, result } = await this.get(taskId)
      if (status !== 'working') return result
    }
  }

  /** How many requests it has sent. */
  get sent() {
    return this.#sent
  }

  close() {
    this.#agent.destroy()
  }

  /**
   * @param {string} method
   * @param {object} params
   * @param {string} name
   */
  async #request(method, params, name) {
    this.#sent += 1
    const isModern = this.#generation === '2026-07-28'
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': this.#generation,
      'io.modelcontextprotocol/clientInfo': clientInfo,
      'io.modelcontextprotocol/clientCapabilities': capabilities,
    }
    const message = { jsonrpc: '2.0', id: this.#sent, method, params: { ...params, ...(isModern && { _meta }) } }
    const { text, headers } = await this.#post(message, isModern ? { 'mcp-method': method, 'mcp-name': name } : {})
    const isStream = headers['content-type']?.startsWith('text/event-stream')
    const reply = JSON.parse(isStream ? text.slice(text.lastIndexOf('\ndata: ') + '\ndata: '.length) : text)
    if (reply.result === undefined) throw new Error(`${method} was refused: ${JSON.stringify(reply)}`)
    return reply.result
  }

  /**
   * @param {object} message
   * @param {Record<string, string>} [headers]
   * @returns {Promise<{ text: string, headers: import('node:http').IncomingHttpHeaders }>}
   */
  #post(message, headers) {
    return new Promise((resolve, reject) => {
      const options = { method: 'POST', agent: this.#agent, headers: { ...this.#headers, ...headers } }
      const sending = request(this.#url, options, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (/** @type {string} */ chunk) => void (text += chunk))
        response.on('end', () => resolve({ text, headers: response.headers }))
        response.on('error', reject)
      })
      sending.on('error', reject)
      sending.end(JSON.stringify(message))
    })
  }
}
