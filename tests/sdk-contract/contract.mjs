// @ts-check
/**
 * What the client relies on in the SDK and the SDK does not promise in its types, checked on whatever release is
 * installed: plain Node and the built packages, no test runner. Prints one line a check; exits with 1 if one fails.
 */
import assert from 'node:assert/strict'
import { Client as Sdk, InMemoryTransport } from '@modelcontextprotocol/client'
import { Client } from '@longcall/client'
import { breakingOff, scripted } from './contract-peers.mjs'
import { createDualPeer, serveDualHttp } from '../peers/dual-server.mjs'

const TIMES = { createdAt: '2026-01-01T00:00:00.000Z', lastUpdatedAt: '2026-01-01T00:00:00.000Z' }
const DONE = { content: [{ type: 'text', text: 'done' }] }

/** @type {readonly ['legacy', '2026-07-28']} */
const ERAS = ['legacy', '2026-07-28']

/** @type {[string, () => Promise<void>][]} */
const checks = []
/** @type {(() => unknown)[]} */
const cleanups = []

/** @param {string} name @param {() => Promise<void>} run */
const check = (name, run) => void checks.push([name, run])

/** @param {import('@longcall/client').Target} target @param {import('@longcall/client').ClientOptions} [options] */
async function connect(target, options = {}) {
  const client = await Client.connect(target, { connectTimeoutMs: 10_000, ...options })
  cleanups.push(() => client.close())
  return client
}

/**
 * What the types of the public client do not show.
 *
 * @param {import('@longcall/client').Client} client
 * @returns {any}
 */
const rawOf = (client) => client.sdk

/** @param {Parameters<typeof createDualPeer>[0]} [options] */
async function dualHttp(options) {
  const peer = await serveDualHttp(0, options)
  cleanups.push(peer.close)
  return peer
}

/** A schema whose parameter is to be a header, too. @param {string} header */
const headed = (header) => ({
  type: 'object',
  properties: { region: { type: 'string', 'x-mcp-header': header } },
})

/** @param {import('@longcall/client').ToolResult} result */
const textOf = ({ content }) => (content[0]?.type === 'text' ? content[0].text : undefined)

check('the hooks for subclasses are on the prototypes of the client', async () => {
  const hooks = [
    '_onresponse',
    '_onnotification',
    '_onclose',
    '_outboundMetaEnvelope',
    '_getRequestHandler',
    '_wrapHandler',
  ]
  for (const hook of hooks) assert.equal(typeof Reflect.get(Sdk.prototype, hook), 'function', hook)
})

check(
  'a question can be answered with a task of the client, which is declared to initialize alone (2025-11-25)',
  async () => {
    const [ours, theirs] = InMemoryTransport.createLinkedPair()
    /** @type {Map<unknown, (message: any) => void>} */
    const waiting = new Map()
    /** @type {any} */
    let declared
    theirs.onmessage = (/** @type {any} */ message) => {
      waiting.get(message.id)?.(message)
      if (message.method !== 'initialize') return
      declared = message.params.capabilities
      const { protocolVersion } = message.params
      const result = { protocolVersion, capabilities: {}, serverInfo: { name: 'asks', version: '1' } }
      void theirs.send({ jsonrpc: '2.0', id: message.id, result })
    }
    await theirs.start()
    const hostTasks = { onElicitation: () => ({ name: 'Ann' }) }
    await connect(ours, { era: 'legacy', hostTasks })
    assert.deepEqual(declared.tasks, { list: {}, cancel: {}, requests: { elicitation: { create: {} } } })
    /** @param {string} id @param {string} method @param {any} params */
    const ask = (id, method, params) =>
      new Promise((resolve) => {
        waiting.set(id, ({ result, error }) => resolve(result ?? error))
        void theirs.send({ jsonrpc: '2.0', id, method, params })
      })
    const form = { message: 'Who?', requestedSchema: { type: 'object', properties: { name: { type: 'string' } } } }
    const { task } = /** @type {any} */ (await ask('a', 'elicitation/create', { ...form, task: {} }))
    const answer = /** @type {any} */ (await ask('b', 'tasks/result', { taskId: task.taskId }))
    assert.deepEqual(answer.content, { name: 'Ann' })
  },
)

check('what the SDK keeps to itself is where it is looked for', async () => {
  const sdk = new Sdk({ name: 'probe', version: '1.0.0' }, { capabilities: { roots: {} } })
  assert.deepEqual(Reflect.get(sdk, '_capabilities'), { roots: {} })
  assert.equal(typeof Reflect.get(Sdk.prototype, '_excludeInvalidXMcpHeaderTools'), 'function')
})

check('capabilities that are declared while connected are sent with the next request (2026-07-28)', async () => {
  const { url } = await dualHttp()
  const client = await connect(url, { era: '2026-07-28' })
  await assert.rejects(client.callTool('mrtr_plain', {}, { timeoutMs: 20_000 }))
  client.setHandlers({ onElicitation: () => ({ name: 'Ann' }) })
  assert.equal(textOf(await client.callTool('mrtr_plain', {}, { timeoutMs: 20_000 })), 'plain for Ann')
})

check('tools with invalid headers of parameters are left out over HTTP (2026-07-28)', async () => {
  const { url } = await dualHttp()
  const sdk = rawOf(await connect(url, { era: '2026-07-28' }))
  const tools = [
    { name: 'good', inputSchema: headed('Region') },
    { name: 'bad', inputSchema: headed('not a token') },
  ]
  assert.deepEqual(
    sdk.withoutInvalidHeaders(tools).map((/** @type {{ name: string }} */ { name }) => name),
    ['good'],
  )
})

check('a call that became a task comes through callTool(), its body whole (2026-07-28)', async () => {
  const { url } = await dualHttp()
  const client = await connect(url, { era: '2026-07-28' })
  const sdk = rawOf(client)
  const created = sdk.createdTask(await sdk.callTool({ name: 'slow', arguments: { ms: 20 } }))
  assert.equal(created.resultType, 'task')
  assert.equal(created.status, 'working')
  const task = await client.callTool('slow', { ms: 20, label: 'it' }, { task: true })
  assert.equal(task.returnedImmediately, false)
  assert.equal(textOf(await task.result({ timeoutMs: 20_000 })), 'done it')
})

for (const era of ERAS) {
  check(`a dispatched request gets its raw answer, results and errors (${era})`, async () => {
    const { url } = await dualHttp()
    const sdk = rawOf(await connect(url, { era }))
    const listed = await sdk.dispatch({ method: 'tools/list' })
    assert.equal(listed.kind, 'result')
    assert.ok(Array.isArray(listed.result.tools))
    const refused = await sdk.dispatch({ method: 'tasks/get', params: { taskId: 'unheard-of' } })
    assert.equal(refused.kind, 'error')
    assert.equal(typeof refused.error.code, 'number')
  })

  check(`questions of a task and of a call reach the handler (${era})`, async () => {
    const { url } = await dualHttp()
    /** @type {string[]} */
    const asked = []
    const client = await connect(url, {
      era,
      preferTasks: true,
      onElicitation: ({ message }) => {
        asked.push(message)
        return { action: 'accept', content: { name: 'Ann' } }
      },
    })
    assert.equal(textOf(await client.callTool('confirm', { filename: 'f' }, { timeoutMs: 20_000 })), 'deleted f by Ann')
    if (era === '2026-07-28')
      assert.equal(textOf(await client.callTool('mrtr_plain', {}, { timeoutMs: 20_000 })), 'plain for Ann')
    assert.equal(asked.length, era === '2026-07-28' ? 2 : 1)
  })

  check(`a push ends the wait long before the next poll (${era})`, async () => {
    const { url } = await dualHttp({ pollIntervalMs: 120_000 })
    const client = await connect(url, { era, preferTasks: true })
    assert.equal(textOf(await client.callTool('slow', { ms: 500, label: 'it' }, { timeoutMs: 30_000 })), 'done it')
  })

  check(`a pushed subscription in memory is acknowledged and carries tasks (${era})`, async () => {
    const peer = createDualPeer({ pollIntervalMs: 120_000 })
    cleanups.push(peer.close)
    const { target, theirs } = pair()
    peer.serve(theirs)
    const client = await connect(target, { era, preferTasks: true })
    assert.equal(textOf(await client.callTool('slow', { ms: 500, label: 'it' }, { timeoutMs: 30_000 })), 'done it')
  })

  check(`a connection that the server closes fails what was dispatched, and is seen to be gone (${era})`, async () => {
    const peer = scripted(() => undefined)
    const client = await connect(peer.target, { era })
    const pending = rawOf(client).dispatch({ method: 'tools/list' })
    const waits = assert.rejects(pending, /the connection is closed/)
    await peer.hangUp()
    await waits
    assert.equal(client.isConnected, false)
  })

  check(`an answer of the server to no request, and a foreign notification, harm nobody (${era})`, async () => {
    const peer = scripted(() => ({ resultType: 'complete', tools: [], ttlMs: 0, cacheScope: 'private' }))
    const client = await connect(peer.target, { era })
    await peer.send({ id: 'longcall:999', result: {} })
    await peer.send({ id: 12_345, result: {} })
    await peer.send({ method: 'notifications/from/tomorrow', params: {} })
    assert.equal((await rawOf(client).dispatch({ method: 'tools/list' })).kind, 'result')
  })
}

check('progress that comes after the task was created reaches the call (2025-11-25)', async () => {
  /** @type {Record<string, any>} */
  const task = { taskId: 't1', status: 'working', ...TIMES, ttl: 60_000, pollInterval: 100 }
  const tools = [{ name: 'job', inputSchema: { type: 'object' }, execution: { taskSupport: 'required' } }]
  /** @type {any} */
  let token
  const peer = scripted(({ method, params }) => {
    switch (method) {
      case 'tools/list':
        return { tools }
      case 'tools/call':
        token = params._meta.progressToken
        return { task }
      case 'tasks/get':
        return task
      default:
        return DONE
    }
  })
  const client = await connect(peer.target, { era: 'legacy' })
  /** @type {number[]} */
  const seen = []
  const reported = new Promise((resolve) => {
    const onProgress = (/** @type {{ progress: number }} */ { progress }) => resolve(seen.push(progress))
    cleanups.push(() => job.catch(() => {}))
    const job = client.callTool('job', {}, { onProgress, timeoutMs: 20_000 })
  })
  while (!peer.received.some(({ method }) => method === 'tasks/get'))
    await new Promise((resolve) => setTimeout(resolve, 5))
  await peer.send({ method: 'notifications/progress', params: { progressToken: token, progress: 7 } })
  await reported
  assert.deepEqual(seen, [7])
  task['status'] = 'completed'
})

check('a response stream that ends without its response fails its request at once (HTTP)', async () => {
  const server = await breakingOff()
  cleanups.push(server.close)
  const client = await connect(server.url, { era: '2026-07-28' })
  await assert.rejects(rawOf(client).dispatch({ method: 'tasks/get', params: { taskId: 't1' } }), /stream ended/)
  await assert.rejects(client.callTool('job', {}, { timeoutMs: 20_000 }), { code: 'request_stream_ended' })
})

check('both eras are found out, in memory and over HTTP', async () => {
  const { url } = await dualHttp()
  assert.equal((await connect(url)).protocolVersion, '2026-07-28')
  assert.equal((await connect(url, { era: 'legacy' })).protocolVersion, '2025-11-25')
  const peer = createDualPeer()
  cleanups.push(peer.close)
  assert.equal((await connect(() => peer.buildServer('modern'))).protocolVersion, '2026-07-28')
})

function pair() {
  const [target, theirs] = InMemoryTransport.createLinkedPair()
  return { target, theirs }
}

let failed = 0
for (const [name, run] of checks) {
  try {
    await run()
    console.log(`ok      ${name}`)
  } catch (error) {
    failed += 1
    console.log(`FAILED  ${name}`)
    console.error(error)
  }
  for (const clean of cleanups.splice(0).toReversed()) await clean()
}
console.log(`${checks.length - failed} kept, ${failed} broken`)
process.exitCode = failed === 0 ? 0 : 1
