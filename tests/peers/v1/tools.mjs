// @ts-check
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateMessageResultSchema,
  CreateTaskResultSchema,
  ElicitResultSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'

/**
 * @typedef {import('@modelcontextprotocol/sdk/server/mcp.js').McpServer} McpServer
 * @typedef {import('@modelcontextprotocol/sdk/experimental/tasks').CreateTaskRequestHandlerExtra} Extra
 *
 * @typedef {object} Job what a task's body is given
 * @property {string} taskId
 * @property {Record<string, any>} args
 * @property {Extra} extra
 * @property {McpServer} server
 *
 * @typedef {object} TaskTool
 * @property {'optional' | 'required'} [support] default `optional`
 * @property {any} [output] zod shape of the structured result
 * @property {(job: Job) => Promise<void>} run
 */

const RELATED_TASK = 'io.modelcontextprotocol/related-task'

const ARGUMENTS = { ms: z.number().optional(), text: z.string().optional() }

/** @param {string} value */
const text = (value) => ({ content: [{ type: /** @type {const} */ ('text'), text: value }] })

/** @param {string} message */
const nameQuestion = (message) => ({
  method: /** @type {const} */ ('elicitation/create'),
  params: {
    mode: /** @type {const} */ ('form'),
    message,
    requestedSchema: {
      type: /** @type {const} */ ('object'),
      properties: { name: { type: /** @type {const} */ ('string') } },
      required: ['name'],
    },
  },
})

/** @param {any} answer */
const said = (answer) => answer.content?.name ?? answer.action

/**
 * @param {Job} job
 * @param {any} result
 */
const complete = ({ taskId, extra }, result) => extra.taskStore.storeTaskResult(taskId, 'completed', result)

/**
 * Asks over the side channel: the SDK sets `input_required`, queues the request, and delivers it on whichever
 * `tasks/result` stream is open. Going back to `working` is left to the tool.
 *
 * @param {Job} job
 * @param {any} request
 * @param {any} [schema]
 * @returns {Promise<any>}
 */
async function askInTask({ taskId, extra }, request, schema = ElicitResultSchema) {
  const options = { relatedTask: { taskId }, timeout: 600_000 }
  const answer = await extra.sendRequest(request, schema, options)
  await extra.taskStore.updateTaskStatus(taskId, 'working')
  return answer
}

/** @type {Record<string, TaskTool>} */
const TASK_TOOLS = {
  sleep: {
    run: async (job) => {
      await sleep(job.args['ms'] ?? 100)
      await complete(job, text('slept'))
    },
  },
  required_sleep: {
    support: 'required',
    run: async (job) => {
      await sleep(job.args['ms'] ?? 100)
      await complete(job, text('slept'))
    },
  },
  typed: {
    output: { n: z.number() },
    run: (job) => complete(job, { ...text('{"n":7}'), structuredContent: { n: 7 } }),
  },
  ask: {
    run: async (job) => {
      await sleep(job.args['ms'] ?? 20) // born working, so that the first poll may still see it
      const answer = await askInTask(job, nameQuestion('name?'))
      await complete(job, text(`hello ${said(answer)}`))
    },
  },
  // Wants the answer in a task of the client's; over HTTP it is fetched on the GET stream.
  ask_as_task: {
    run: async (job) => {
      const { method, params } = nameQuestion('name?')
      const created = await askInTask(job, { method, params: { ...params, task: {} } }, CreateTaskResultSchema)
      const { tasks } = job.server.server.experimental
      const answer = await tasks.getTaskResult(created.task.taskId, ElicitResultSchema)
      await complete(job, text(`hello ${said(answer)}`))
    },
  },
  ask_twice: {
    run: async (job) => {
      const first = await askInTask(job, nameQuestion('first name?'))
      const last = await askInTask(job, nameQuestion('last name?'))
      await complete(job, text(`hello ${said(first)} ${said(last)}`))
    },
  },
  // Two requests that differ in nothing but their JSON-RPC id. They are two questions.
  ask_same_twice: {
    run: async (job) => {
      const first = await askInTask(job, nameQuestion('name?'))
      const second = await askInTask(job, nameQuestion('name?'))
      await complete(job, text(`heard ${said(first)} and ${said(second)}`))
    },
  },
  // Sent before the handler returns, on the stream of the call: the question is on the wire ahead of the
  // CreateTaskResult that introduces its task.
  ask_push: {
    run: async (job) => {
      const { taskId, extra, server } = job
      const { method, params } = nameQuestion('pushed name?')
      const answering = server.server.request(
        { method, params: { ...params, _meta: { [RELATED_TASK]: { taskId } } } },
        ElicitResultSchema,
        { relatedRequestId: extra.requestId, timeout: 600_000 },
      )
      await extra.taskStore.updateTaskStatus(taskId, 'input_required')
      const answer = await answering
      await extra.taskStore.updateTaskStatus(taskId, 'working')
      await complete(job, text(`pushed ${said(answer)}`))
    },
  },
  sample: {
    run: async (job) => {
      const content = { type: 'text', text: job.args['text'] ?? 'write a haiku' }
      const request = {
        method: 'sampling/createMessage',
        params: { messages: [{ role: 'user', content }], maxTokens: 50 },
      }
      const answer = await askInTask(job, request, CreateMessageResultSchema)
      await complete(job, text(`sampled ${answer.content.text}`))
    },
  },
  toolerr: {
    run: async ({ taskId, extra }) => {
      const result = { ...text('disk full: 42 bytes left'), isError: true }
      await extra.taskStore.storeTaskResult(taskId, 'failed', result)
    },
  },
  // `tasks/result` of this one is a JSON-RPC error: the SDK finds no stored result.
  fail_no_result: {
    run: ({ taskId, extra }) => extra.taskStore.updateTaskStatus(taskId, 'failed', 'worker lost'),
  },
  // Not tied to the call's own stream, which is closed by then: over HTTP it arrives on the GET stream.
  progress: {
    run: async (job) => {
      const progressToken = job.extra._meta?.progressToken
      for (let progress = 1; progress <= 3; progress++) {
        await sleep(40)
        if (progressToken === undefined) continue
        const params = { progressToken, progress, total: 3, _meta: { [RELATED_TASK]: { taskId: job.taskId } } }
        await job.server.server.notification({ method: 'notifications/progress', params })
      }
      await complete(job, text('progressed'))
    },
  },
  hang: { run: async () => {} },
  immediate: { run: (job) => complete(job, text('at once')) },
}

/**
 * @param {McpServer} server
 * @param {{ pollInterval: number, ttl: number }} options
 */
export function registerV1Tools(server, options) {
  server.registerTool('echo', { description: 'echo', inputSchema: { text: z.string() } }, (args) =>
    text(`echo: ${args.text}`),
  )
  for (const [name, tool] of Object.entries(TASK_TOOLS)) registerTaskTool(server, name, tool, options)
  answerImmediately(server)
}

/**
 * @param {McpServer} server
 * @param {string} name
 * @param {TaskTool} tool
 * @param {{ pollInterval: number, ttl: number }} options
 */
function registerTaskTool(server, name, tool, { pollInterval, ttl }) {
  const config = {
    description: name,
    inputSchema: ARGUMENTS,
    ...(tool.output && { outputSchema: tool.output }),
    execution: { taskSupport: tool.support ?? 'optional' },
  }
  /** @type {import('@modelcontextprotocol/sdk/experimental/tasks').ToolTaskHandler<typeof ARGUMENTS>} */
  const handler = {
    createTask: async (args, extra) => {
      const created = await extra.taskStore.createTask({ ttl: extra.taskRequestedTtl ?? ttl, pollInterval })
      // The store hands out its live object, which a fast body would change before it is sent.
      const task = { ...created }
      const job = { taskId: task.taskId, args, extra, server }
      tool.run(job).catch((error) => failQuietly(job, error))
      return { task }
    },
    getTask: (_args, extra) => extra.taskStore.getTask(extra.taskId),
    getTaskResult: async (_args, extra) => /** @type {any} */ (await extra.taskStore.getTaskResult(extra.taskId)),
  }
  server.experimental.tasks.registerToolTask(name, config, handler)
}

/**
 * A body that outlives its task (cancelled, expired, session gone) has nobody left to tell.
 *
 * @param {Job} job
 * @param {unknown} error
 */
function failQuietly({ taskId, extra }, error) {
  const message = error instanceof Error ? error.message : String(error)
  return extra.taskStore.updateTaskStatus(taskId, 'failed', message).catch(() => {})
}

/**
 * Makes `immediate`, listed as `optional`, answer an augmented call with a plain result. The SDK refuses that answer in
 * the wrapper it puts around every `tools/call` handler, so the tool is answered in front of the wrapper.
 *
 * @param {McpServer} server
 */
function answerImmediately(server) {
  /** @type {Map<string, (request: any, extra: any) => Promise<any>>} */
  const handlers = server.server['_requestHandlers']
  const callTool = handlers.get('tools/call')
  if (callTool === undefined) throw new Error('the SDK no longer keeps its handlers where this peer looks')
  handlers.set('tools/call', async (request, extra) =>
    request.params?.['name'] === 'immediate' ? text('at once') : callTool(request, extra),
  )
}
