// @ts-check
/**
 * A server with one tool, `echo`, written by hand so that next to nothing of a call is its: `node bare-server.mjs <over>
 * <era>`. Over `stdio` it is a loop over the lines of stdin; over `http` it answers with plain JSON, and prints its URL.
 */
import { createServer } from 'node:http'

const [over = 'stdio', era = 'legacy'] = process.argv.slice(2)

const serverInfo = { name: 'bare', version: '1.0.0' }
const capabilities = { tools: {} }
const inputSchema = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] }
const tools = [{ name: 'echo', description: 'Gives the text back.', inputSchema }]
const uncached = { ttlMs: 0, cacheScope: 'private' }
const modern = { resultType: 'complete', _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo } }

/** @type {Record<string, (params: any) => object>} */
const methods =
  era === 'modern'
    ? {
        'server/discover': () => ({ ...modern, ...uncached, supportedVersions: ['2026-07-28'], capabilities }),
        'tools/list': () => ({ ...modern, ...uncached, tools }),
        'tools/call': (params) => ({ ...modern, content: [{ type: 'text', text: params.arguments.text }] }),
      }
    : {
        initialize: () => ({ protocolVersion: '2025-11-25', capabilities, serverInfo }),
        'tools/list': () => ({ tools }),
        'tools/call': (params) => ({ content: [{ type: 'text', text: params.arguments.text }] }),
      }

/**
 * @param {string} line
 * @returns {string | undefined} the answer, where one is due
 */
function answer(line) {
  const { id, method, params } = JSON.parse(line)
  if (id === undefined || method === undefined) return undefined
  const run = methods[method]
  if (run !== undefined) return JSON.stringify({ jsonrpc: '2.0', id, result: run(params) })
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32_601, message: 'Method not found' } })
}

if (over === 'stdio') {
  let rest = ''
  process.stdin.setEncoding('utf8').on('data', (chunk) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    const answers = lines.map((line) => answer(line)).filter((text) => text !== undefined)
    if (answers.length > 0) process.stdout.write(`${answers.join('\n')}\n`)
  })
} else {
  const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
    // It has no stream of its own and no sessions to end.
    if (request.method !== 'POST') return response.writeHead(405, { 'content-length': 0 }).end()
    let body = ''
    request.setEncoding('utf8').on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      const text = answer(body)
      if (text === undefined) return response.writeHead(202, { 'content-length': 0 }).end()
      const head = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
      return response.writeHead(200, head).end(text)
    })
    return undefined
  })
  server.listen(0, '127.0.0.1', () => {
    const address = /** @type {import('node:net').AddressInfo} */ (server.address())
    console.log(`http://127.0.0.1:${address.port}/mcp`)
  })
}
