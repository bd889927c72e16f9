// @ts-check
/** What the mortal server can do, told once for both SDKs: handlers by method, which know nothing of either. */

/**
 * @typedef {object} Line what a request came on
 * @property {(method: string, params: any) => Promise<any>} ask
 * @property {(level: string, data: string) => Promise<void>} log
 * @property {(uri: string) => void} updated tells whoever subscribed
 * @property {Set<string>} subscribed the resources that this session wants to hear of
 */

const input = {
  type: /** @type {const} */ ('object'),
  properties: { hold: { type: 'boolean' }, cut: { type: 'boolean' } },
}

const tools = [
  { name: 'look', inputSchema: input, annotations: { readOnlyHint: true } },
  { name: 'put', inputSchema: input, annotations: { idempotentHint: true } },
  { name: 'add', inputSchema: input },
  { name: 'greet', inputSchema: input },
  { name: 'say', inputSchema: input },
]

const question = {
  mode: 'form',
  message: 'name?',
  requestedSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
}

/** @param {string} value */
const text = (value) => ({ content: [{ type: /** @type {const} */ ('text'), text: value }] })

/** How often who subscribed to a resource is told that it changed, in milliseconds. */
export const updateMs = 25

/**
 * @param {import('./journal.mjs').Journal} journal
 * @param {number} life how often the server had been started before, and one
 * @returns {Record<string, (params: any, line: Line) => any>}
 */
export function featuresOf(journal, life) {
  const contents = [{ uri: 'note://one', mimeType: 'text/plain', text: `life ${life}` }]
  return {
    'tools/list': () => ({ tools }),
    'tools/call': async ({ name, arguments: args = {} }, line) => {
      journal.add({ kind: 'run', pid: process.pid, tool: name })
      // Whoever waits for it sees the server die.
      if (args.hold === true && life === 1) await new Promise(() => {})
      if (args.cut === true && life === 1) {
        process.stdout.write('{"jsonrpc":"2.0","result":{"content":[{"ty')
        process.kill(process.pid, 'SIGKILL')
      }
      if (name === 'say') for (const level of ['debug', 'warning', 'error']) await line.log(level, level)
      if (name !== 'greet') return text(`life ${life}`)
      const { content } = await line.ask('elicitation/create', question)
      return text(`life ${life}, ${content?.name}`)
    },
    'resources/list': () => ({ resources: [{ uri: 'note://one', name: 'one' }] }),
    'resources/templates/list': () => ({ resourceTemplates: [{ uriTemplate: 'note://{name}', name: 'notes' }] }),
    'resources/read': () => ({ contents }),
    'resources/subscribe': ({ uri }, { subscribed, updated }) => {
      if (!subscribed.has(uri)) setInterval(() => updated(uri), updateMs)
      subscribed.add(uri)
      return {}
    },
    'resources/unsubscribe': () => ({}),
    'prompts/list': () => ({ prompts: [{ name: 'hello', arguments: [{ name: 'who' }] }] }),
    'prompts/get': () => ({ messages: [{ role: 'user', content: { type: 'text', text: `life ${life}` } }] }),
    'completion/complete': () => ({ completion: { values: [`life ${life}`] } }),
  }
}

export const capabilities = {
  tools: {},
  resources: { subscribe: true },
  prompts: {},
  completions: {},
  logging: {},
}

export const aboutServer = { name: 'mortal', version: '1.0.0' }
