// @ts-check
/** A server of the transport before Streamable HTTP: the official SDK v1, as its examples mount it. */
import { once } from 'node:events'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js'
import express from 'express'
import { z } from 'zod'

/**
 * @param {string} [mount] what its paths `/sse` and `/messages` stand under
 * @param {string} [path] where its stream is
 */
export async function startSseServer(mount = '', path = '/sse') {
  /** @type {Map<string, { transport: SSEServerTransport, server: McpServer }>} */
  const sessions = new Map()
  /** @type {import('node:http').IncomingHttpHeaders[]} */
  const headers = []
  const app = express()
  app.use((request, _response, next) => {
    headers.push(request.headers)
    next()
  })
  app.get(mount + path, async (_request, response) => {
    const transport = new SSEServerTransport(`${mount}/messages`, response)
    const server = new McpServer({ name: 'sse-peer', version: '1.0.0' })
    server.registerTool('echo', { inputSchema: { text: z.string() } }, ({ text }) => ({
      content: [{ type: 'text', text }],
    }))
    sessions.set(transport.sessionId, { transport, server })
    response.once('close', () => sessions.delete(transport.sessionId))
    await server.connect(transport)
  })
  app.post(`${mount}/messages`, async (request, response) => {
    const { sessionId } = request.query
    const session = typeof sessionId === 'string' ? sessions.get(sessionId) : undefined
    if (session === undefined) response.status(404).send('no such session')
    else await session.transport.handlePostMessage(request, response)
  })
  const listener = app.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (listener.address())
  return {
    url: `http://127.0.0.1:${port}${mount}${path}`,
    headers,
    sessions,
    close: async () => {
      listener.close()
      listener.closeAllConnections()
      await once(listener, 'close')
    },
  }
}
