// @ts-check
/** What every HTTP peer needs from node:http: a port, a URL, and an end that does not wait for open streams. */
import { createServer } from 'node:http'

/**
 * @typedef {import('node:http').IncomingMessage} IncomingMessage
 * @typedef {import('node:http').ServerResponse} ServerResponse
 */

/**
 * @param {number} port 0 picks a free one
 * @param {(request: IncomingMessage, response: ServerResponse) => unknown} handle
 * @returns {Promise<{ url: string, close(): Promise<void> }>}
 */
export async function startHttp(port, handle) {
  const server = createServer((request, response) => {
    Promise.resolve(handle(request, response)).catch((error) => {
      if (!response.headersSent) response.writeHead(500)
      response.end(String(error))
    })
  })
  await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(undefined))
  })
  const address = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    url: `http://127.0.0.1:${address.port}/mcp`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/**
 * @param {AsyncIterable<Uint8Array>} request
 * @returns {Promise<any>} undefined when there is no body
 */
export async function readJsonBody(request) {
  const text = await readText(request)
  return text === '' ? undefined : JSON.parse(text)
}

/** @param {AsyncIterable<Uint8Array>} stream */
export async function readText(stream) {
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/**
 * Says on stdout where an entry script listens, and ends with the signal that ends the process.
 *
 * @param {{ url: string, close(): Promise<void> }} listener
 */
export function announce(listener) {
  console.log(`listening ${listener.url}`)
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    process.once(signal, () => void listener.close().finally(() => process.exit(0)))
  }
}

/** The port that an entry script was told to use: `PORT`, or any free one. */
export function portFromEnv() {
  return Number(process.env['PORT'] ?? 0)
}
