// @ts-check
/**
 * What the server relies on in the SDK and the SDK does not promise in its types, checked on whatever release is installed:
 * plain Node and the built packages, no test runner. Prints one line a check; exits with 1 if one fails.
 */
import assert from 'node:assert/strict'
import { InMemoryTransport } from '@modelcontextprotocol/client'
import { McpServer, Server } from '@modelcontextprotocol/server'
import { Client } from '@longcall/client'
import { createTasks, serveHttp, serveTransport } from '@longcall/server'
import { z } from 'zod'

/** @type {readonly ['legacy', '2026-07-28']} */
const ERAS = ['legacy', '2026-07-28']

/** @type {[string, () => Promise<void>][]} */
const checks = []
/** @type {(() => unknown)[]} */
const cleanups = []

/** @param {string} name @param {() => Promise<void>} run */
const check = (name, run) => void checks.push([name, run])

const form = /** @type {const} */ ({
  message: 'Your name?',
  requestedSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
})

function declare() {
  const tasks = createTasks({ pollIntervalMs: 20 })
  tasks.registerTool('typed', { outputSchema: z.object({ n: z.number() }) }, () => ({
    content: [],
    structuredContent: { n: 7 },
  }))
  tasks.registerTool('ask', {}, async (_args, ctx) => {
    const { content } = await ctx.elicit(form)
    return `hello ${String(content?.['name'])}`
  })
  cleanups.push(() => tasks.close())
  return tasks
}

function factory() {
  const server = new McpServer({ name: 'contract', version: '1.0.0' })
  server.registerTool('plain', {}, () => ({ content: [{ type: 'text', text: 'plain' }] }))
  return server
}

/** @type {[string, (tasks: ReturnType<typeof declare>) => Promise<import('@longcall/client').Target>][]} */
const transports = [
  [
    'HTTP',
    async (tasks) => {
      const http = await serveHttp(factory, { tasks, port: 0 })
      cleanups.push(() => http.close())
      return http.url
    },
  ],
  [
    'memory',
    async (tasks) => {
      const [ours, theirs] = InMemoryTransport.createLinkedPair()
      const pipe = serveTransport(factory, theirs, { tasks })
      cleanups.push(() => pipe.close())
      return ours
    },
  ],
]

/** @param {{ content: readonly { type: string, text?: unknown }[] }} result */
const textOf = ({ content }) => content[0]?.text

check('the hooks for subclasses are on the prototypes of the server', async () => {
  for (const hook of ['_getRequestHandler', '_wrapHandler', '_onresponse', '_onclose'])
    assert.equal(typeof Reflect.get(Server.prototype, hook), 'function', hook)
})

for (const era of ERAS) {
  for (const [name, serve] of transports) {
    const where = `(${era}, ${name})`
    const open = async () => {
      const client = await Client.connect(await serve(declare()), {
        era,
        connectTimeoutMs: 10_000,
        onElicitation: async () => ({ action: 'accept', content: { name: 'Ann' } }),
      })
      cleanups.push(() => client.close())
      return client
    }
    check(`a task passes the wrapping of tools/call, with an output schema too ${where}`, async () => {
      const client = await open()
      const task = await client.callTool('typed', {}, { task: true })
      assert.equal(task.returnedImmediately, false)
      assert.deepEqual((await task.result()).structuredContent, { n: 7 })
    })
    check(`a question is asked and answered, in a task and in a call ${where}`, async () => {
      const client = await open()
      const task = await client.callTool('ask', {}, { task: true })
      assert.equal(textOf(await task.result()), 'hello Ann')
      assert.equal(textOf(await client.callTool('ask', {})), 'hello Ann')
    })
    check(`the server's own tools are as they were ${where}`, async () => {
      assert.equal(textOf(await (await open()).callTool('plain', {})), 'plain')
    })
  }
}

let failed = 0
for (const [name, run] of checks) {
  try {
    await run()
    console.log(`ok    ${name}`)
  } catch (error) {
    failed += 1
    console.log(`FAIL  ${name}\n`, error)
  }
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
}
console.log(`${checks.length - failed} of ${checks.length} hold`)
process.exit(failed === 0 ? 0 : 1)
