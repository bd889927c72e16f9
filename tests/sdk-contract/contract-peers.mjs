// @ts-check
/** Peers that say exactly what a check needs: in memory, and over HTTP with streams that break off. */
import { createServer } from 'node:http'
import { InMemoryTransport } from '@modelcontextprotocol/client'

const INFO = { name: 'contract', version: '1.0.0' }
const DISCOVERED = {
  resultType: 'complete',
  supportedVersions: ['2026-07-28'],
  capabilities: { tools: {}, extensions: { 'io.modelcontextprotocol/tasks': {} } },
  _meta: { 'io.modelcontextprotocol/serverInfo': INFO },
  ttlMs: 0,
  cacheScope: 'private',
}
const INITIALIZED = {
  protocolVersion: '2025-11-25',
  capabilities: { tools: {}, tasks: { requests: { tools: { call: {} } } } },
  serverInfo: INFO,
}

/**
 * @typedef {Record<string, any>} Message
 * @typedef {(message: Message) => Message | undefined} Answer gives a result, or `{ error }`, or nothing
 */

/** @type {Record<string, Message>} */
const BASICS = { initialize: INITIALIZED, 'server/discover': DISCOVERED }

/**
 * One end of an in-memory pair to connect to, and the other in the hands of the check.
 *
 * @param {Answer} answer
 */
export function scripted(answer) {
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  /** @type {Message[]} */
  const received = []
  /** @param {Message} message */
  const send = (message) => theirs.send(/** @type {any} */ ({ jsonrpc: '2.0', ...message }))
  theirs.onmessage = (raw) => {
    const message = /** @type {Message} */ (raw)
    received.push(message)
    if (message['method'] === undefined || message['id'] === undefined) return
    const reply = BASICS[message['method']] ?? answer(message)
    if (reply === undefined) return
    void send({ id: message['id'], ...('error' in reply ? reply : { result: reply }) })
  }
  return { target: ours, received, send, hangUp: () => theirs.close() }
}

/**
 * A 2026-07-28 server over HTTP that ends the response stream of every call without a response.
 *
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function breakingOff() {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      const { id, method } = JSON.parse(body === '' ? '{}' : body)
      if (id === undefined) return response.writeHead(202).end()
      if (method === 'server/discover') {
        response.writeHead(200, { 'content-type': 'application/json' })
        return response.end(JSON.stringify({ jsonrpc: '2.0', id, result: DISCOVERED }))
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(': here it comes\n\n')
      setTimeout(() => response.end(), 20)
    })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
