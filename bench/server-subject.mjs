// @ts-check
/** A server over HTTP, with a plain tool `echo`, and where it has tasks, the tools `work`, which is done at once, and `hang`. */
import { once } from 'node:events'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { createTasks, serveHttp } from '@longcall/server'
import { sqlite } from '@longcall/sqlite'
import { NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node'
import { InMemoryTaskMessageQueue, InMemoryTaskStore } from '@modelcontextprotocol/sdk/experimental/tasks'
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { readJsonBody, startHttp } from '../tests/peers/http-listener.mjs'
import { beSubject, subjectOptions } from './support/subject.mjs'
import { temporaryFolder } from './support/temporary-folder.mjs'

const { server, generation, tools = 0, durable = false } = subjectOptions()
/** Tools that nobody calls. */
const idle = Array.from({ length: tools }, (_, index) => `idle-${index}`)
const input = z.object({ text: z.string() })
const about = { name: 'bench', version: '1.0.0' }

/** @param {string} value */
const text = (value) => ({ content: [{ type: /** @type {const} */ ('text'), text: value }] })

const servers = { longcall: serveLongcall, 'SDK v1': serveSdkV1, 'SDK v2': serveSdkV2 }

async function serveLongcall() {
  const tasks = createTasks({
    pollIntervalMs: 1,
    ...(durable && { backend: sqlite(join(temporaryFolder(), 'tasks')) }),
  })
  for (const name of ['work', ...idle]) tasks.registerTool(name, { inputSchema: input }, (given) => text(given.text))
  tasks.registerTool('hang', { inputSchema: input }, async (_args, { signal }) => {
    await once(signal, 'abort')
    return ''
  })
  const factory = () => {
    const mcp = new McpServer(about)
    mcp.registerTool('echo', { inputSchema: input }, (given) => text(given.text))
    return mcp
  }
  const { url } = await serveHttp(factory, { tasks, port: 0 })
  return url
}

/** One session is enough here. */
async function serveSdkV1() {
  const mcp = new McpServerV1(about, {
    capabilities: { tools: {}, tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } },
    taskStore: new InMemoryTaskStore(),
    taskMessageQueue: new InMemoryTaskMessageQueue(),
    defaultTaskPollInterval: 1,
  })
  mcp.registerTool('echo', { inputSchema: input }, (given) => text(given.text))
  for (const name of ['work', 'hang', ...idle]) {
    mcp.experimental.tasks.registerToolTask(
      name,
      { inputSchema: input, execution: { taskSupport: 'optional' } },
      {
        createTask: async (given, { taskStore, taskRequestedTtl }) => {
          const task = await taskStore.createTask({ ttl: taskRequestedTtl ?? 3_600_000, pollInterval: 1 })
          // The store hands out its live object, which the body would change before it is sent.
          const created = { ...task }
          if (name !== 'hang')
            await taskStore.storeTaskResult(task.taskId, 'completed', text(String(/** @type {any} */ (given).text)))
          return { task: created }
        },
        getTask: (_given, { taskStore, taskId }) => taskStore.getTask(taskId),
        getTaskResult: async (_given, { taskStore, taskId }) =>
          /** @type {any} */ (await taskStore.getTaskResult(taskId)),
      },
    )
  }
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: randomUUID })
  await mcp.connect(/** @type {import('@modelcontextprotocol/sdk/shared/transport.js').Transport} */ (transport))
  const { url } = await startHttp(0, async (request, response) =>
    transport.handleRequest(request, response, await readJsonBody(request)),
  )
  return url
}

function makeSdkV2() {
  const mcp = new McpServer(about)
  for (const name of ['echo', 'work', 'hang', ...idle])
    mcp.registerTool(name, { inputSchema: input }, (given) => text(given.text))
  return mcp
}

/** It has no tasks: what plain calls cost where there is none of ours. */
async function serveSdkV2() {
  if (generation === '2026-07-28') {
    const serve = toNodeHandler(createMcpHandler(makeSdkV2))
    const { url } = await startHttp(0, (request, response) =>
      serve(/** @type {Parameters<typeof serve>[0]} */ (request), response),
    )
    return url
  }
  const transport = new NodeStreamableHTTPServerTransport({ sessionIdGenerator: randomUUID })
  await makeSdkV2().connect(transport)
  const { url } = await startHttp(0, async (request, response) =>
    transport.handleRequest(request, response, await readJsonBody(request)),
  )
  return url
}

const url = await servers[/** @type {keyof typeof servers} */ (server)]()
beSubject(url, () => {
  const { user, system } = process.cpuUsage()
  return user + system
})
