// @ts-check
import { randomUUID } from 'node:crypto'
import { readJsonBody, startHttp } from '../http-listener.mjs'

/**
 * A 2025-11-25 server by hand, which refuses sessions, or requests, in the words that a test gives it.
 *
 * @param {{ readonly hasSessions?: boolean }} [options]
 */
export async function startRefusingServer({ hasSessions = true } = {}) {
  /** @type {string[]} */
  const methods = []
  /** @type {Set<string>} */
  const sessions = new Set()
  /** @type {{ status: number, body: string } | undefined} */
  let refusal
  let isStrict = false
  const listener = await startHttp(0, async (request, response) => {
    const message = await readJsonBody(request)
    if (message === undefined) return void response.writeHead(405).end()
    const { id, method } = message
    methods.push(method)
    const session = request.headers['mcp-session-id']?.toString()
    const isKnown = method === 'initialize' || (session !== undefined && sessions.has(session))
    if (refusal !== undefined && (isStrict || !isKnown)) {
      response.writeHead(refusal.status, { 'content-type': 'application/json' })
      return void response.end(refusal.body)
    }
    if (id === undefined) return void response.writeHead(202).end()
    const made = randomUUID()
    if (method === 'initialize' && hasSessions) sessions.add(made)
    response.writeHead(200, {
      'content-type': 'application/json',
      ...(method === 'initialize' && hasSessions && { 'mcp-session-id': made }),
    })
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result: resultOf(method) }))
  })
  return {
    ...listener,
    /** The methods of the requests that came. */
    methods,
    /**
     * Forgets all sessions; from now on, who names none that is known is refused like this.
     *
     * @param {{ status: number, body: string }} words
     */
    forget: (words) => {
      sessions.clear()
      refusal = words
    },
    /**
     * From now on, everything is refused like this.
     *
     * @param {{ status: number, body: string }} words
     */
    refuse: (words) => {
      refusal = words
      isStrict = true
    },
  }
}

/** @param {string} method */
function resultOf(method) {
  if (method !== 'initialize') return { tools: [{ name: 'look', inputSchema: { type: 'object' } }] }
  return {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'refusing', version: '1.0.0' },
  }
}
