// @ts-check
/** What the server of the soak answers, in one era. */
import { appendFileSync } from 'node:fs'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'

/**
 * @typedef {object} Call one request, while it runs
 * @property {AbortSignal} signal aborts when the client wants it no more
 * @property {(params: object) => void} progress
 *
 * @typedef {(params: any, call: () => Call) => object | Promise<object>} Method gives the result; throws a refusal
 *
 * @typedef {object} Methods
 * @property {(method: string) => Method | undefined} get
 */

/** An error that the request is answered with. */
export class Refusal extends Error {
  /**
   * @param {number} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message)
    this.code = code
  }
}

const serverInfo = { name: 'soak', version: '1.0.0' }
const capabilities = { tools: {}, resources: {}, prompts: {}, completions: {} }
const anything = { type: 'object', properties: {} }
const squared = {
  type: 'object',
  properties: { index: { type: 'integer' }, square: { type: 'integer' } },
  required: ['index', 'square'],
}
const tools = [
  { name: 'echo', inputSchema: anything },
  { name: 'count', inputSchema: anything },
  { name: 'measure', inputSchema: anything, outputSchema: squared },
  { name: 'fail', inputSchema: anything },
  { name: 'hang', inputSchema: anything },
  { name: 'look', inputSchema: anything, annotations: { readOnlyHint: true } },
  { name: 'add', inputSchema: anything },
  { name: 'who', inputSchema: anything, annotations: { readOnlyHint: true } },
]
const pageSize = 5

/** @param {string} value */
const text = (value) => ({ content: [{ type: 'text', text: value }] })

/**
 * @param {{ era: 'legacy' | 'modern', journal: string | undefined }} options
 * @returns {Methods}
 */
export function methodsOf({ era, journal }) {
  let hanging = 0

  /** @type {Record<string, (args: any, call: () => Call) => object | Promise<object>>} */
  const run = {
    echo: (args) => text(String(args.text)),
    count: async ({ steps }, call) => {
      const { progress } = call()
      for (let step = 1; step <= steps; step += 1) {
        progress({ progress: step, total: steps })
        await setImmediate()
      }
      return text('counted')
    },
    measure: ({ index, isWrong }) => ({
      ...text('measured'),
      structuredContent: isWrong === true ? { index: 'none' } : { index, square: index * index },
    }),
    fail: ({ index }) => ({ ...text(`failed ${index}`), isError: true }),
    // Until it is cancelled; its progress says that it has begun.
    hang: async (_, call) => {
      const { signal, progress } = call()
      hanging += 1
      const cancelled = new Promise((resolve) => {
        signal.addEventListener('abort', resolve)
      })
      progress({ progress: 0 })
      await cancelled
      hanging -= 1
      return text('cancelled')
    },
    look: (args) => journaled(args),
    add: (args) => journaled(args),
    who: () => ({ ...text('see there'), structuredContent: { pid: process.pid, hanging } }),
  }

  /** @param {{ call: string, ms: number }} args */
  async function journaled({ call, ms }) {
    if (journal !== undefined) appendFileSync(journal, `${call}\n`)
    await sleep(ms)
    return text(call)
  }

  /** @type {Record<string, Method>} */
  const both = {
    'tools/list': ({ cursor }) => {
      const from = cursor === undefined ? 0 : pageSize
      return { tools: tools.slice(from, from + pageSize), ...(from === 0 && { nextCursor: 'rest' }) }
    },
    'tools/call': ({ name, arguments: args = {} }, call) => {
      const tool = run[name]
      if (tool === undefined) throw new Refusal(-32_602, `Unknown tool: ${name}`)
      return tool(args, call)
    },
    'resources/list': () => ({ resources: [{ uri: 'soak://one', name: 'one' }] }),
    'resources/templates/list': () => ({ resourceTemplates: [{ uriTemplate: 'soak://{name}', name: 'all' }] }),
    'resources/read': ({ uri }) => ({ contents: [{ uri, text: `contents of ${uri}` }] }),
    'prompts/list': () => ({ prompts: [{ name: 'hello', arguments: [{ name: 'who' }] }] }),
    'prompts/get': ({ arguments: { who } }) => ({
      messages: [{ role: 'user', content: { type: 'text', text: `hello ${who}` } }],
    }),
    'completion/complete': ({ argument }) => ({ completion: { values: [`${argument.value}!`] } }),
  }
  /** @type {Record<string, Method>} */
  const own =
    era === 'modern'
      ? { 'server/discover': () => ({ supportedVersions: ['2026-07-28'], capabilities }) }
      : { initialize: () => ({ protocolVersion: '2025-11-25', capabilities, serverInfo }), ping: () => ({}) }

  const envelope = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' }
  /** @type {(method: Method) => Method} */
  const inEnvelope = (method) => async (params, call) => ({
    ...envelope,
    _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo },
    ...(await method(params, call)),
  })
  const known = new Map(Object.entries({ ...both, ...own }))
  if (era === 'modern') for (const [name, method] of known) known.set(name, inEnvelope(method))
  return { get: (name) => known.get(name) }
}
