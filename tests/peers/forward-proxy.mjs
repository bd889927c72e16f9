// @ts-check
import { once } from 'node:events'
import { createServer, request as sendRequest } from 'node:http'
import { connect } from 'node:net'

/**
 * A forward proxy, as companies have them: CONNECT, and requests for absolute URLs.
 *
 * @param {{ password?: string, refuse?: 'drop' }} [options] `password` asks for `ann:<password>`; `refuse` closes each socket
 *   that asks for a tunnel
 */
export async function startForwardProxy({ password, refuse } = {}) {
  /** @type {string[]} what it was asked for: a method and where to */
  const asked = []
  const expected = password === undefined ? undefined : `Basic ${Buffer.from(`ann:${password}`).toString('base64')}`
  /** @type {Set<import('node:stream').Duplex>} */
  const sockets = new Set()
  const server = createServer((received, response) => {
    asked.push(`${received.method} ${received.url}`)
    const outgoing = sendRequest(
      received.url ?? '',
      { method: received.method, headers: received.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    outgoing.on('error', () => response.destroy())
    received.pipe(outgoing)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`)
    socket.on('error', () => {})
    if (refuse === 'drop') return void socket.destroy()
    if (expected !== undefined && request.headers['proxy-authorization'] !== expected)
      return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n')
    const { hostname, port } = new URL(`http://${request.url}`)
    const upstream = connect(Number(port || 80), hostname, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      upstream.pipe(socket).pipe(upstream)
    })
    sockets.add(upstream)
    upstream.on('error', () => socket.destroy())
    upstream.once('close', () => socket.destroy())
    socket.once('close', () => upstream.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
