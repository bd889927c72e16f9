// @ts-check
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { RunningCalls } from './running-calls.mjs'

/**
 * @typedef {import('node:http').IncomingMessage} IncomingMessage
 * @typedef {import('node:http').ServerResponse} ServerResponse
 * @typedef {{ calls: RunningCalls, stream: ServerResponse | undefined, isUsed: boolean }} Session
 */

/**
 * Speaks Streamable HTTP, and prints where it listens. `GET /sessions` tells how many there are; a GET of a session is its
 * stream, held open.
 *
 * @param {import('./methods.mjs').Methods} methods
 * @param {{ port: number, hasSessions: boolean }} options
 */
export function serveHttp(methods, { port, hasSessions }) {
  /** @type {Map<string, Session>} */
  const sessions = new Map()
  const alone = { calls: new RunningCalls(methods), stream: undefined, isUsed: true }

  const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
    if (request.url === '/sessions') {
      const used = [...sessions.values()].filter(({ isUsed }) => isUsed).length
      return json(response, 200, { used, unused: sessions.size - used })
    }
    const id = request.headers['mcp-session-id']
    const session = hasSessions ? sessions.get(String(id)) : alone
    if (session === undefined && id !== undefined) return empty(response, 404)
    if (session !== undefined) session.isUsed = true
    if (request.method === 'POST') return post(request, response, session)
    if (!hasSessions || session === undefined) return empty(response, 405)
    if (request.method === 'GET') {
      response.writeHead(200, streamHead).flushHeaders()
      session.stream = response
      return response
    }
    sessions.delete(String(id))
    session.calls.cancelAll()
    session.stream?.end()
    return empty(response, 200)
  })

  /**
   * @param {IncomingMessage} request
   * @param {ServerResponse} response
   * @param {Session | undefined} known
   */
  function post(request, response, known) {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      const message = JSON.parse(body)
      if (message.method === 'initialize' && hasSessions) return void reply(message, response, begin(response))
      if (known === undefined) return empty(response, 400)
      if (message.id !== undefined && message.method !== undefined) return void reply(message, response, known)
      if (message.method !== undefined) known.calls.notified(message)
      return empty(response, 202)
    })
    return response
  }

  /** @param {ServerResponse} response */
  function begin(response) {
    const id = randomUUID()
    const session = { calls: new RunningCalls(methods), stream: undefined, isUsed: false }
    sessions.set(id, session)
    response.setHeader('mcp-session-id', id)
    return session
  }

  server.listen(port, '127.0.0.1', () => {
    const address = /** @type {import('node:net').AddressInfo} */ (server.address())
    console.log(`listening http://127.0.0.1:${address.port}/mcp`)
  })
}

/**
 * Answers with JSON, or with a stream once there is progress to tell.
 *
 * @param {any} message
 * @param {ServerResponse} response
 * @param {Session} session
 */
async function reply(message, response, { calls }) {
  const abort = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) abort.abort()
  })
  const event = (/** @type {object} */ data) => {
    if (!response.headersSent) response.writeHead(200, streamHead)
    response.write(`event: message\ndata: ${JSON.stringify(data)}\n\n`)
  }
  const answer = await calls.answer(message, event, abort)
  if (answer === undefined) return response.headersSent ? response.end() : empty(response, 202)
  if (!response.headersSent) return json(response, 200, answer)
  event(answer)
  return response.end()
}

/**
 * @param {ServerResponse} response
 * @param {number} status
 * @param {object} body
 */
function json(response, status, body) {
  const text = JSON.stringify(body)
  const head = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
  return response.writeHead(status, head).end(text)
}

/**
 * @param {ServerResponse} response
 * @param {number} status
 */
function empty(response, status) {
  return response.writeHead(status, { 'content-length': 0 }).end()
}

const streamHead = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' }
