// @ts-check
/**
 * The clients whose plain calls are compared, each behind the same few words. Each loads nothing but its own, so that what
 * it takes to start is its own, too.
 */

/**
 * @typedef {import('./bare-server.mjs').Place} Place
 *
 * @typedef {object} Caller
 * @property {(text: string) => Promise<any>} echo calls the tool and gives its result
 * @property {() => Promise<unknown>} close
 *
 * @typedef {object} CallerOptions
 * @property {string} [others] where clients by others are installed
 * @property {string} [eraFile] where verdicts are kept
 *
 * @typedef {(place: Place, options: CallerOptions) => Promise<Caller>} Connect
 */

const about = { name: 'bench', version: '1.0.0' }

/** @type {Record<string, Connect>} */
export const callers = {
  longcall: (place) => connectLongcall(place, { era: 'legacy' }),
  'longcall, era remembered': async (place, { eraFile = '' }) => {
    const { fileEraCache } = await import('@longcall/client')
    return connectLongcall(place, { eraCache: fileEraCache(eraFile) })
  },
  'longcall, first contact': (place) => connectLongcall(place, {}),
  'longcall 2026-07-28': (place) => connectLongcall(place, { era: '2026-07-28' }),
  'SDK v2': (place) => connectSdkV2(place, 'legacy'),
  'SDK v2, first contact': (place) => connectSdkV2(place, 'auto'),
  'SDK v2 2026-07-28': (place) => connectSdkV2(place, { pin: '2026-07-28' }),
  'SDK v1': connectSdkV1,
  '@ai-sdk/mcp': connectAiSdk,
  'mcp-client': connectMcpClient,
}

/** Those that have to be installed. @param {string} name */
export const isByOthers = (name) => name === '@ai-sdk/mcp' || name === 'mcp-client'

/**
 * @param {Place} place
 * @param {import('@longcall/client').ClientOptions} options
 * @returns {Promise<Caller>}
 */
async function connectLongcall(place, options) {
  const { Client } = await import('@longcall/client')
  const client = await Client.connect(place.over === 'http' ? place.url : place, options)
  return { echo: (text) => client.callTool('echo', { text }), close: () => client.close() }
}

/**
 * @param {Place} place
 * @param {'legacy' | 'auto' | { pin: string }} mode
 * @returns {Promise<Caller>}
 */
async function connectSdkV2(place, mode) {
  const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client')
  const client = new Client(about, { versionNegotiation: { mode } })
  if (place.over === 'http') await client.connect(new StreamableHTTPClientTransport(new URL(place.url)))
  else {
    const { StdioClientTransport } = await import('@modelcontextprotocol/client/stdio')
    await client.connect(new StdioClientTransport(place))
  }
  return {
    echo: (text) => client.callTool({ name: 'echo', arguments: { text } }),
    close: () => client.close(),
  }
}

/** @type {Connect} */
async function connectSdkV1(place) {
  const { Client } = await import('@modelcontextprotocol/sdk/client/index.js')
  const client = new Client(about)
  await client.connect(/** @type {import('@modelcontextprotocol/sdk/shared/transport.js').Transport} */ (await open()))
  return {
    echo: (text) => client.callTool({ name: 'echo', arguments: { text } }),
    close: () => client.close(),
  }

  async function open() {
    if (place.over === 'http') {
      const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js')
      return new StreamableHTTPClientTransport(new URL(place.url))
    }
    const { StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js')
    return new StdioClientTransport(place)
  }
}

/** It calls only tools that it has listed. @type {Connect} */
async function connectAiSdk(place, { others }) {
  const { createMCPClient } = await import(`${others}ai-sdk.mjs`)
  const client = await createMCPClient({ transport: await open() })
  const { echo } = await client.tools()
  const options = { messages: [], toolCallId: 'bench' }
  return { echo: (text) => echo.execute({ text }, options), close: () => client.close() }

  async function open() {
    if (place.over === 'http') return { type: 'http', url: place.url }
    const { Experimental_StdioMCPTransport: Stdio } = await import(`${others}ai-sdk-stdio.mjs`)
    return new Stdio(place)
  }
}

/** @type {Connect} */
async function connectMcpClient(place, { others }) {
  const { MCPClient } = await import(`${others}mcp-client.mjs`)
  const client = new MCPClient(about)
  await client.connect({ ...place, type: place.over === 'http' ? 'httpStream' : 'stdio' })
  return { echo: (text) => client.callTool({ name: 'echo', arguments: { text } }), close: () => client.close() }
}
