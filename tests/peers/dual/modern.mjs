// @ts-check
/** The 2026-07-28 face: the server decides, results are inlined in `tasks/get`, questions ride on it. */
import { MissingRequiredClientCapabilityError } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { listTools, outcomeOf, startTask, toolNamed, withRpcErrors } from './peer-state.mjs'
import { isOver } from './task-table.mjs'
import { TaskServer } from './task-server.mjs'
import { modernSeed, modernTask } from './views.mjs'

/**
 * @typedef {import('@modelcontextprotocol/server').ServerContext} ServerContext
 * @typedef {import('./peer-state.mjs').PeerState} PeerState
 */

export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks'
const CLIENT_CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities'

export const TASKS_REQUIRED = { requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } } }

const ByTaskId = z.looseObject({ taskId: z.string() })

/** @param {PeerState} peer */
export function buildModernServer(peer) {
  const server = new TaskServer(
    { name: 'dual-peer', version: '1.0.0' },
    { capabilities: { tools: {}, extensions: { [TASKS_EXTENSION]: {} } } },
  )
  server.setRequestHandler('tools/list', () => ({ tools: listTools('modern') }))
  server.setRequestHandler('tools/call', ({ params }, context) => withRpcErrors(() => callTool(peer, params, context)))

  /**
   * @param {string} method
   * @param {(taskId: string, context: ServerContext) => object} answer
   */
  const serve = (method, answer) =>
    server.setRequestHandler(method, { params: ByTaskId }, ({ taskId }, context) =>
      withRpcErrors(() => {
        demandTasks(context)
        return { ...answer(taskId, context) }
      }),
    )
  serve('tasks/get', (taskId) => getTask(peer, taskId))
  // The SDK lifts `inputResponses` out of the params of every request.
  serve('tasks/update', (taskId, { mcpReq }) => updateTask(peer, taskId, mcpReq.inputResponses ?? {}))
  serve('tasks/cancel', (taskId) => cancelTask(peer, taskId))
  return server
}

/**
 * @param {PeerState} peer
 * @param {any} params
 * @param {ServerContext} context
 * @returns {Promise<any>}
 */
async function callTool(peer, params, context) {
  const event = peer.log.add({ era: 'modern', kind: 'request', method: 'tools/call', tool: params.name })
  const tool = toolNamed(params.name, 'modern')
  if (tool.support === 'required') demandTasks(context)
  const responses = context.mcpReq.inputResponses
  const question = tool.beforehand?.(responses)
  if (question !== undefined) return question

  const record = startTask(peer, params, { responses })
  if (tool.support === 'forbidden' || !declaresTasks(context.mcpReq.envelope)) {
    return runWithoutTask(peer, record, context)
  }
  Object.assign(event, { taskId: record.taskId, status: record.status })
  return { resultType: 'task', ...modernSeed(record) }
}

/**
 * @param {PeerState} peer
 * @param {import('./task-table.mjs').TaskRecord} record
 * @param {ServerContext} context
 */
async function runWithoutTask({ store }, record, context) {
  try {
    await store.until(record, (seen) => isOver(seen) || seen.questions.size > 0, context.mcpReq.signal)
    if (isOver(record)) return outcomeOf(record)
    return { content: [{ type: 'text', text: 'This tool asks questions: call it as a task.' }], isError: true }
  } finally {
    store.purge(record.taskId)
  }
}

/**
 * @param {PeerState} peer
 * @param {string} taskId
 */
function getTask({ store, log }, taskId) {
  const event = log.add({ era: 'modern', kind: 'request', method: 'tasks/get', taskId })
  const record = store.find(taskId)
  store.viewed(record)
  const view = modernTask(record)
  event.status = record.status
  if (view['inputRequests'] !== undefined) event.questions = Object.keys(view['inputRequests'])
  return view
}

/**
 * @param {PeerState} peer
 * @param {string} taskId
 * @param {Record<string, any>} answers
 */
function updateTask({ store, log }, taskId, answers) {
  const event = log.add({ era: 'modern', kind: 'request', method: 'tasks/update', taskId, answers })
  const record = store.find(taskId)
  const ignored = Object.entries(answers).filter(([key, value]) => !store.answer(record, key, value))
  if (ignored.length > 0) event.ignored = ignored.map(([key]) => key)
  return {}
}

/**
 * @param {PeerState} peer
 * @param {string} taskId
 */
function cancelTask({ store, log }, taskId) {
  log.add({ era: 'modern', kind: 'request', method: 'tasks/cancel', taskId })
  store.cancel(taskId)
  return {}
}

/** @param {any} meta the `_meta` of a request */
export const declaresTasks = (meta) => meta?.[CLIENT_CAPABILITIES]?.extensions?.[TASKS_EXTENSION] !== undefined

/** @param {ServerContext} context */
function demandTasks(context) {
  if (!declaresTasks(context.mcpReq.envelope)) throw new MissingRequiredClientCapabilityError(TASKS_REQUIRED)
}
