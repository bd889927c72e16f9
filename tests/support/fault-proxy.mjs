// @ts-check
/**
 * A reverse proxy for Streamable HTTP that hurts chosen messages. Real sockets on both sides, so that a client under
 * test meets what a network does to it and not what a mock imagines.
 *
 * | fault             | on a request (client to server)            | on a response (server to client)                |
 * | ----------------- | ------------------------------------------ | ----------------------------------------------- |
 * | `drop-connection` | the socket dies, the server sees nothing   | the socket dies in the place of the message     |
 * | `drop-response`   | the server answers, then the socket dies   | the same                                        |
 * | `status`          | answered here, the server sees nothing     | the server answers, the client gets this status |
 * | `delay`           | forwarded `ms` later                       | passed on `ms` later                            |
 * | `duplicate`       | sent twice, the first answer is passed on  | an SSE event comes twice                        |
 * | `truncate`        | its answer is cut in the middle            | the message is cut in the middle                |
 * | `end-stream`      | its stream ends in order, without answer   | the stream ends in order, without the message   |
 * | `reorder`         | its answer waits until another has passed  | the message waits until another has passed      |
 *
 * With `status` on the answer of a stream, what the server sends ahead of the answer is lost.
 */
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { MethodMemory, RuleBook, SetAside } from './fault-rules.mjs'
import { parseJson, sseEvents } from './fault-sse.mjs'
import { headersToPassOn, Upstream } from './fault-upstream.mjs'

/**
 * @typedef {'drop-connection' | 'drop-response' | 'status' | 'delay' | 'duplicate' | 'truncate' | 'end-stream'
 *   | 'reorder'} HttpFault
 * @typedef {import('./fault-rules.mjs').FaultRule & { fault: HttpFault }} HttpFaultRule
 *
 * @typedef {object} ProxyLogEntry
 * @property {number} at milliseconds since the epoch
 * @property {import('./fault-rules.mjs').Direction} direction
 * @property {string} method of the message or, for an answer, of its request
 * @property {any} message the JSON-RPC message; undefined for GET and DELETE
 * @property {HttpFault} [fault]
 *
 * @typedef {object} Proxy
 * @property {Upstream} upstream
 * @property {RuleBook<HttpFaultRule>} rules
 * @property {MethodMemory} methods
 * @property {SetAside} aside
 * @property {ProxyLogEntry[]} log
 */

/** Faults of an answer that a rule may also hang on its request. */
const FAULTS_OF_THE_ANSWER = new Set(['drop-response', 'truncate', 'end-stream', 'reorder'])

/**
 * @param {string | URL} targetUrl
 */
export async function startFaultProxy(targetUrl) {
  const target = new URL(targetUrl)
  /** @type {Proxy} */
  const proxy = {
    upstream: new Upstream(target),
    rules: new RuleBook(),
    methods: new MethodMemory(),
    aside: new SetAside(),
    log: [],
  }
  const server = createServer((request, response) => {
    // What goes wrong behind us looks like a network failure to the client, never like an answer.
    new Exchange(proxy, request, response).run().catch(() => response.destroy())
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())

  return {
    url: `http://127.0.0.1:${port}${target.pathname}`,
    log: proxy.log,
    /** @param {HttpFaultRule[]} rules replace the old ones; counting starts anew */
    setRules: (rules) => proxy.rules.set(rules),
    /**
     * Sends what comes from now on to another server, as after a restart on another port.
     *
     * @param {string | URL} url
     */
    retarget: (url) => proxy.upstream.retarget(new URL(url)),
    /** Kills every open connection at once, as a lost network does. */
    dropConnections: () => server.closeAllConnections(),
    /** @returns {Promise<void>} */
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
        proxy.upstream.abandonAll()
      }),
  }
}

/** One HTTP request on its way to the server, and its answer on the way back. */
class Exchange {
  #proxy
  #request
  #response
  /** @type {any} */
  #message

  /**
   * @param {Proxy} proxy
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  constructor(proxy, request, response) {
    this.#proxy = proxy
    this.#request = request
    this.#response = response
  }

  async run() {
    const body = await readBytes(this.#request)
    this.#message = parseJson(body.toString('utf8'))
    const method = nameOf(this.#message, this.#request)
    this.#proxy.methods.remember(this.#message ?? {})

    const rule = this.#proxy.rules.take('request', method)
    this.#record('request', method, this.#message, rule)
    const ruleOfAnswer = this.#ruleOfAnswer(method, rule)
    switch (rule?.fault) {
      case 'drop-connection':
        return void this.#response.destroy()
      case 'status':
        return this.#sendStatus(rule)
      case 'delay':
        await sleep(rule.ms ?? 0)
    }
    const sent = this.#proxy.upstream.send(this.#request, body)
    if (rule?.fault === 'duplicate') this.#sendAgain(body)
    this.#response.once('close', sent.abandon)
    const answer = await sent.answer

    const isStream = answer.headers['content-type']?.startsWith('text/event-stream') === true
    if (isStream) await this.#relayStream(answer, ruleOfAnswer)
    else await this.#relayBody(answer, method, ruleOfAnswer)
  }

  /** @param {Buffer} body */
  #sendAgain(body) {
    this.#proxy.upstream.send(this.#request, body).answer.then(
      (answer) => answer.resume(),
      () => {},
    )
  }

  /**
   * A request has one answer, so the answer's rule is chosen, and counted, with the request.
   *
   * @param {string} method
   * @param {HttpFaultRule | undefined} rule
   */
  #ruleOfAnswer(method, rule) {
    const isRequest = this.#message?.id !== undefined && this.#message.method !== undefined
    const own = isRequest ? this.#proxy.rules.take('response', method) : undefined
    return rule !== undefined && FAULTS_OF_THE_ANSWER.has(rule.fault) ? rule : own
  }

  /**
   * @param {import('node:http').IncomingMessage} answer
   * @param {string} method
   * @param {HttpFaultRule | undefined} rule
   */
  async #relayBody(answer, method, rule) {
    const body = await readBytes(answer)
    const message = parseJson(body.toString('utf8'))
    if (message !== undefined) this.#record('response', method, message, rule)
    switch (rule?.fault) {
      case 'drop-connection':
      case 'drop-response':
        return void this.#response.destroy()
      case 'status':
        return this.#sendStatus(rule)
      case 'end-stream':
        return void this.#response.writeHead(200, { 'content-type': 'text/event-stream' }).end()
      case 'delay':
        await sleep(rule.ms ?? 0)
        break
      case 'reorder':
        await this.#proxy.aside.untilAnotherPassed(rule.ms)
    }
    this.#response.writeHead(answer.statusCode ?? 200, {
      ...headersToPassOn(answer),
      'content-length': body.length,
    })
    if (rule?.fault === 'truncate') return this.#writeHalf(body)
    this.#response.end(body)
    this.#proxy.aside.passed()
  }

  /**
   * @param {import('node:http').IncomingMessage} answer
   * @param {HttpFaultRule | undefined} ruleOfAnswer
   */
  async #relayStream(answer, ruleOfAnswer) {
    const headers = headersToPassOn(answer)
    // A status can only be changed as long as none was sent.
    if (ruleOfAnswer?.fault !== 'status') this.#response.writeHead(answer.statusCode ?? 200, headers).flushHeaders()
    /** @type {Promise<void>[]} */
    const late = []
    for await (const { raw, message } of sseEvents(answer)) {
      const rule = message === undefined ? undefined : this.#ruleOfEvent(message, ruleOfAnswer)
      if (rule?.fault === 'reorder') late.push(this.#writeLate(raw, rule))
      else if (!(await this.#passEvent(raw, rule))) return
    }
    await Promise.all(late)
    this.#response.end()
  }

  /**
   * @param {any} message
   * @param {HttpFaultRule | undefined} ruleOfAnswer
   */
  #ruleOfEvent(message, ruleOfAnswer) {
    const method = this.#proxy.methods.methodOf(message)
    const isAnswer = message.method === undefined && message.id === this.#message?.id
    const rule = isAnswer ? ruleOfAnswer : this.#proxy.rules.take('response', method)
    this.#record('response', method, message, rule)
    return rule
  }

  /**
   * @param {string} raw
   * @param {HttpFaultRule | undefined} rule
   * @returns {Promise<boolean>} whether the stream goes on
   */
  async #passEvent(raw, rule) {
    switch (rule?.fault) {
      case 'drop-connection':
      case 'drop-response':
        this.#response.destroy()
        return false
      case 'status':
        this.#sendStatus(rule)
        return false
      case 'end-stream':
        this.#response.end()
        return false
      case 'truncate':
        this.#writeHalf(Buffer.from(raw))
        return false
      case 'delay':
        await sleep(rule.ms ?? 0)
        break
      case 'duplicate':
        this.#write(raw)
    }
    this.#write(raw)
    this.#proxy.aside.passed()
    return true
  }

  /**
   * @param {string} raw
   * @param {HttpFaultRule} rule
   */
  async #writeLate(raw, rule) {
    await this.#proxy.aside.untilAnotherPassed(rule.ms)
    this.#write(raw)
  }

  /** @param {string} raw */
  #write(raw) {
    // While another status is due, what precedes the answer has no place to go.
    if (this.#response.headersSent) this.#response.write(raw)
  }

  /** @param {Buffer} bytes */
  #writeHalf(bytes) {
    this.#response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => this.#response.destroy())
  }

  /** @param {HttpFaultRule} rule */
  #sendStatus({ status = 503, headers = {} }) {
    this.#response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(`status ${status}`)
  }

  /**
   * @param {import('./fault-rules.mjs').Direction} direction
   * @param {string} method
   * @param {any} message
   * @param {HttpFaultRule | undefined} rule
   */
  #record(direction, method, message, rule) {
    this.#proxy.log.push({ at: Date.now(), direction, method, message, ...(rule && { fault: rule.fault }) })
  }
}

/**
 * @param {any} message
 * @param {import('node:http').IncomingMessage} request
 */
function nameOf(message, request) {
  if (message === undefined) return request.method ?? 'GET'
  return message.method ?? 'response'
}

/** @param {AsyncIterable<Uint8Array>} stream */
async function readBytes(stream) {
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
