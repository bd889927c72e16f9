import { once } from 'node:events'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Server, Socket } from 'node:net'
import { Client as SdkClient, type Transport } from '@modelcontextprotocol/client'
import { expect, onTestFinished } from 'vitest'
import type { HttpTarget } from '../../packages/client/src/target/http-options.ts'
import { httpTarget } from '../../packages/client/src/target/http-target.ts'
import type { ResolvedTarget } from '../../packages/client/src/target/resolved-target.ts'
import { readJsonBody } from '../peers/http-listener.mjs'

/** What a request to a server was. */
export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
}

/** A 2025-11-25 server with a session, at any path, which refuses the GET unless it streams. */
export function mcp(
  seen: Seen[],
  { streams = false } = {},
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const { method = '', url = '', headers } = request
    seen.push({ method, url, headers })
    if (method === 'GET' && streams) response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    else if (method === 'GET') response.writeHead(405).end()
    else if (method === 'DELETE') response.writeHead(204).end()
    else void answer(request, response)
  }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { id, method } = await readJsonBody(request)
  if (id === undefined) return void response.writeHead(202).end()
  const serverInfo = { name: 'bare', version: '1' }
  const initialized = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo }
  const result = method === 'initialize' ? initialized : { content: [{ type: 'text', text: 'done' }] }
  response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 's1' })
  response.end(JSON.stringify({ jsonrpc: '2.0', id, result }))
}

/** Where a server listens, without a path; it is closed with the test. */
export async function listen(server: Server, scheme = 'http'): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The SDK's client on a target; it is closed with the test. */
export async function open(target: ResolvedTarget): Promise<{ client: SdkClient; transport: Transport }> {
  const transport = await target.open()
  const client = new SdkClient({ name: 'test', version: '1' })
  onTestFinished(() => client.close())
  await client.connect(transport)
  return { client, transport }
}

/** See {@link open}. */
export const connect = (target: string | URL | HttpTarget): ReturnType<typeof open> => open(httpTarget(target))

/** All that is said of why a target cannot be connected to, down to the last cause. */
export async function failure(target: string | URL | HttpTarget): Promise<string> {
  const error: unknown = await connect(target).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(Error)
  let said = ''
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    said += `${cause.name} ${cause.message} ${'code' in cause ? String(cause.code) : ''} `
  return said
}
