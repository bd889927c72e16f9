// @ts-check
/** The clients that are compared, each behind the same few words. */
import { Client as Longcall } from '@longcall/client'
import { createTaskSessionFromClient } from '@modelcontextprotocol/ext-tasks/client'
import { Client as SdkV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'

/**
 * @typedef {object} StartedTask
 * @property {string} taskId
 * @property {Promise<string>} text of the result, followed from now on as this client does it
 *
 * @typedef {object} Contender
 * @property {(tool: string, args: Record<string, unknown>) => Promise<StartedTask>} start
 * @property {() => Promise<void>} close
 */

/** @type {Record<string, { ours: boolean, beside: string, connect: (url: string) => Promise<Contender> }>} */
export const contenders = {
  'longcall 2025-11-25': {
    ours: true,
    beside: 'longcall 2025-11-25',
    connect: (url) => connectLongcall(url, 'legacy'),
  },
  'SDK v1 2025-11-25': { ours: false, beside: 'longcall 2025-11-25', connect: connectSdkV1 },
  'longcall 2026-07-28': {
    ours: true,
    beside: 'longcall 2026-07-28',
    connect: (url) => connectLongcall(url, '2026-07-28'),
  },
  'ext-tasks 2026-07-28': { ours: false, beside: 'longcall 2026-07-28', connect: connectExtTasks },
}

/**
 * @param {string} url
 * @param {'legacy' | '2026-07-28'} era
 * @returns {Promise<Contender>}
 */
async function connectLongcall(url, era) {
  const client = await Longcall.connect(url, { era })
  return {
    start: async (tool, args) => {
      const task = await client.callTool(tool, args, { task: true })
      return { taskId: task.id, text: task.result().then(textOf) }
    },
    close: () => client.close(),
  }
}

/**
 * The experimental stream of the SDK that defined tasks first.
 *
 * @param {string} url
 * @returns {Promise<Contender>}
 */
async function connectSdkV1(url) {
  const client = new SdkV1({ name: 'bench', version: '1.0.0' })
  const transport = new StreamableHTTPClientTransport(new URL(url))
  await client.connect(/** @type {import('@modelcontextprotocol/sdk/shared/transport.js').Transport} */ (transport))
  // Without the listing, the stream does not ask for a task.
  await client.listTools()
  return {
    start: async (tool, args) => {
      const stream = client.experimental.tasks.callToolStream({ name: tool, arguments: args }, undefined, {
        task: { ttl: 3_600_000 },
      })
      const first = await stream.next()
      if (first.done === true || first.value.type !== 'taskCreated') throw new Error('no task was created')
      return { taskId: first.value.task.taskId, text: lastOf(stream) }
    },
    close: () => client.close(),
  }
}

/** @param {AsyncIterable<any>} stream */
async function lastOf(stream) {
  for await (const message of stream) {
    if (message.type === 'result') return textOf(message.result)
    if (message.type === 'error') throw message.error
  }
  throw new Error('the stream ended without a result')
}

/**
 * The tasks package of the protocol's authors. It has no way of its own to send a raw request, so it borrows ours; it
 * does not open the stream of pushes, which it leaves to its host.
 *
 * @param {string} url
 * @returns {Promise<Contender>}
 */
async function connectExtTasks(url) {
  const client = await Longcall.connect(url, { era: '2026-07-28' })
  const session = createTaskSessionFromClient(client.sdk, {
    endpointId: 'bench',
    rawDispatch: async (request, operation) =>
      /** @type {any} */ (await /** @type {any} */ (client.sdk).dispatch(request, operation?.signal)),
    v2RequestFraming: {
      protocolVersion: '2026-07-28',
      clientInfo: { name: 'bench', version: '1.0.0' },
      clientCapabilities: {},
    },
  })
  return {
    start: async (tool, args) => {
      const execution = /** @type {any} */ (await session.callTool(tool, /** @type {any} */ (args)))
      const text = execution.settle().then((/** @type {any} */ { outcome }) => textOf(outcome.result))
      return { taskId: execution.handle.taskId, text }
    },
    close: async () => {
      await session.close()
      await client.close()
    },
  }
}

/** @param {{ content: readonly any[] }} result */
const textOf = ({ content }) => String(content[0]?.text)
