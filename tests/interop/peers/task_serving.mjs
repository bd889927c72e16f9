// @ts-check
/** A server on @longcall/server with one tool for each thing that can happen to a call. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createTasks, RpcError, serveHttp, serveStdio, serveTransport } from '@longcall/server'
import { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

/** How to serve the tools below: over one of the transports, or over all of them at once. */
export function createTaskServing() {
  const tasks = createTasks({ name: 'interop', pollIntervalMs: 50 })
  registerTaskTools(tasks)
  return {
    /** @param {number} port */
    serveHttp: (port) => serveHttp(createServer, { tasks, port }),
    /**
     * Over HTTP, to callers who say who they are: their bearer token is their name.
     *
     * @param {number} port
     */
    serveHttpByName: (port) => serveHttp(createServer, { tasks, port, authenticate: byName }),
    serveStdio: () => serveStdio(createServer, { tasks }),
    /** @param {import('@modelcontextprotocol/server').Transport} transport one end of a pair */
    serveTransport: (transport) => serveTransport(createServer, transport, { tasks }),
    close: () => tasks.close(),
  }
}

/** What each session gets: a server of the SDK, with a tool that is none of ours. */
function createServer() {
  const server = new McpServer({ name: 'task-server', version: '1.0.0' })
  const inputSchema = z.object({ a: z.number(), b: z.number() })
  server.registerTool('plain_add', { inputSchema }, ({ a, b }) => ({
    content: [{ type: 'text', text: String(a + b) }],
  }))
  return server
}

/**
 * @param {Request} request
 * @returns {Promise<import('@modelcontextprotocol/server').AuthInfo | Response>}
 */
async function byName({ headers }) {
  const [, token] = /^Bearer (\w+)$/.exec(headers.get('authorization') ?? '') ?? []
  if (token === undefined) return new Response(null, { status: 401, headers: { 'www-authenticate': 'Bearer' } })
  return { token, clientId: 'interop', scopes: [], extra: { iss: 'https://names.example', sub: token } }
}

const naptime = z.object({ ms: z.number().default(100) })

/** @param {ReturnType<typeof createTasks>} tasks */
function registerTaskTools(tasks) {
  tasks.registerTool('sleep', { inputSchema: naptime }, async ({ ms }, { signal }) => {
    await sleep(ms, undefined, { signal })
    return 'slept'
  })
  tasks.registerTool('required_sleep', { inputSchema: naptime, task: 'required' }, async ({ ms }, { signal }) => {
    await sleep(ms, undefined, { signal })
    return 'slept'
  })
  tasks.registerTool('ask', {}, async (_args, context) => `hello ${said(await context.elicit(nameForm('name?')))}`)
  tasks.registerTool('ask_twice', {}, async (_args, context) => {
    const first = said(await context.elicit(nameForm('first name?')))
    const last = said(await context.elicit(nameForm('last name?')))
    return `hello ${first} ${last}`
  })
  tasks.registerTool('sample', {}, async (_args, context) => {
    const messages = [{ role: /** @type {const} */ ('user'), content: text('write a haiku') }]
    const { content } = await context.createMessage({ messages, maxTokens: 50 })
    const [block] = [content].flat()
    return `sampled ${block?.type === 'text' ? block.text : 'nothing'}`
  })
  tasks.registerTool('toolerr', {}, async () => ({ content: [text('disk full: 42 bytes left')], isError: true }))
  tasks.registerTool('protocol_error', {}, async () => {
    throw new RpcError(-32_050, 'kaboom', { where: 'worker-3' })
  })
  tasks.registerTool('typed', { outputSchema: z.object({ n: z.number() }) }, async () => ({
    content: [text('{"n":7}')],
    structuredContent: { n: 7 },
  }))
  tasks.registerTool('progress', {}, async (_args, context) => {
    for (const step of [1, 2, 3]) {
      // The first only when the call was answered, so that it is the task that reports.
      await sleep(150, undefined, { signal: context.signal })
      context.progress(step, 3, `step ${step} of 3`)
    }
    return 'progressed'
  })
}

/** @param {string} value */
const text = (value) => ({ type: /** @type {const} */ ('text'), text: value })

/** @param {string} message */
const nameForm = (message) => ({
  message,
  requestedSchema: {
    type: /** @type {const} */ ('object'),
    properties: { name: { type: /** @type {const} */ ('string') } },
    required: ['name'],
  },
})

/** @param {import('@modelcontextprotocol/server').ElicitResult} answer */
const said = ({ action, content }) => String(content?.['name'] ?? action)
