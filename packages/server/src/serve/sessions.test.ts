import { afterEach, expect, test } from 'vitest'
import { McpServer, type AuthInfo } from '@modelcontextprotocol/server'
import { Sessions } from './sessions.ts'

const open: Sessions[] = []
afterEach(async () => {
  for (const sessions of open.splice(0)) await sessions.close()
})

function sessionsOf(mostSessions: number): Sessions {
  const sessions = new Sessions({
    answersKept: () => Promise.resolve(),
    build: async () => new McpServer({ name: 'test', version: '1.0.0' }),
    principal: ({ clientId }) => clientId,
    idleMs: 60_000,
    retryIntervalMs: 1_000,
    mostSessions,
  })
  open.push(sessions)
  return sessions
}

const initialize = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1.0.0' } },
}
const who = (clientId: string): AuthInfo => ({ token: 't', clientId, scopes: [] })

function request(method: 'GET' | 'POST', sessionId?: string): Request {
  return new Request('http://localhost/mcp', {
    method,
    headers: {
      accept: method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
      ...(method === 'POST' && { 'content-type': 'application/json' }),
      ...(sessionId !== undefined && { 'mcp-session-id': sessionId, 'mcp-protocol-version': '2025-11-25' }),
    },
    ...(method === 'POST' && { body: '{}' }),
  })
}

/** Opens a session; its id, or the status that refused it. */
async function openSession(sessions: Sessions, name: string): Promise<string> {
  const response = await sessions.serve({ request: request('POST'), message: initialize, authInfo: who(name) })
  await response.text()
  return response.headers.get('mcp-session-id') ?? String(response.status)
}

async function isOpen(sessions: Sessions, id: string, name: string): Promise<boolean> {
  const message = { jsonrpc: '2.0', id: 1, method: 'ping' }
  const response = await sessions.serve({ request: request('POST', id), message, authInfo: who(name) })
  await response.text()
  return response.status === 200
}

test('who opens too many sessions closes its own, not those of others', async () => {
  const sessions = sessionsOf(3)
  const ann = await openSession(sessions, 'ann')
  const mallory = await openSession(sessions, 'mallory')
  for (let count = 0; count < 5; count += 1) await openSession(sessions, 'mallory')
  expect(await isOpen(sessions, ann, 'ann')).toBe(true)
  expect(await isOpen(sessions, mallory, 'mallory')).toBe(false)
})

test('where the caller has none, the session that was idle longest makes room', async () => {
  const sessions = sessionsOf(1)
  const ann = await openSession(sessions, 'ann')
  const bob = await openSession(sessions, 'bob')
  expect(await isOpen(sessions, ann, 'ann')).toBe(false)
  expect(await isOpen(sessions, bob, 'bob')).toBe(true)
})

test('where all sessions are in use, another is refused with 503', async () => {
  const sessions = sessionsOf(1)
  const ann = await openSession(sessions, 'ann')
  const stream = await sessions.serve({ request: request('GET', ann), message: undefined, authInfo: who('ann') })
  expect(await openSession(sessions, 'bob')).toBe('503')
  await stream.body?.cancel()
  expect(await openSession(sessions, 'bob')).not.toBe('503')
})
