// @ts-check
/** The 2025-11-25 face: the client asks for a task, and a question rides on the open `tasks/result`. */
import { ProtocolError } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { listTools, outcomeOf, startTask, toolNamed, withRpcErrors } from './peer-state.mjs'
import { isOver, RpcError } from './task-table.mjs'
import { TaskServer } from './task-server.mjs'
import { legacyTask } from './views.mjs'

/**
 * @typedef {import('@modelcontextprotocol/server').ServerContext} ServerContext
 * @typedef {import('./peer-state.mjs').PeerState} PeerState
 * @typedef {import('./task-table.mjs').TaskRecord} TaskRecord
 */

const RELATED_TASK = 'io.modelcontextprotocol/related-task'

/** As long as a person may take to answer. */
const QUESTION_TIMEOUT_MS = 3_600_000

const ByTaskId = z.looseObject({ taskId: z.string() })
const ByCursor = z.looseObject({ cursor: z.string().optional() }).optional()
const AnyResult = z.looseObject({})

/** @param {PeerState} peer */
export function buildLegacyServer(peer) {
  const server = new TaskServer(
    { name: 'dual-peer', version: '1.0.0' },
    { capabilities: { tools: {}, tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } } },
  )
  const watched = pushStatus(peer, server)
  server.setRequestHandler('tools/list', () => ({ tools: listTools('legacy') }))
  server.setRequestHandler('tools/call', ({ params }, context) =>
    withRpcErrors(() => callTool(peer, watched, params, context)),
  )

  /**
   * @param {string} method
   * @param {(record: TaskRecord, context: ServerContext) => object} answer
   */
  const serve = (method, answer) =>
    server.setRequestHandler(method, { params: ByTaskId }, ({ taskId }, context) =>
      withRpcErrors(async () => {
        const event = peer.log.add({ era: 'legacy', kind: 'request', method, taskId })
        const record = peer.store.find(taskId)
        watched.add(taskId)
        const result = await answer(record, context)
        event.status = legacyTask(record).status
        return { ...result }
      }),
    )
  serve('tasks/get', legacyTask)
  serve('tasks/result', (record, context) => taskResult(peer, record, context))
  serve('tasks/cancel', (record) => cancelTask(peer, record))
  server.setRequestHandler('tasks/list', { params: ByCursor }, (params) =>
    withRpcErrors(() => listTasks(peer, params?.cursor)),
  )
  return server
}

/**
 * @param {PeerState} peer
 * @param {Set<string>} watched
 * @param {any} params
 * @param {ServerContext} context
 * @returns {Promise<any>}
 */
async function callTool(peer, watched, params, context) {
  const event = peer.log.add({ era: 'legacy', kind: 'request', method: 'tools/call', tool: params.name })
  const { support } = toolNamed(params.name, 'legacy')
  const augmented = params.task !== undefined
  if (support === (augmented ? 'forbidden' : 'required')) {
    throw new RpcError(-32_601, `Tool ${params.name}: task augmentation is ${support}`)
  }
  const record = startTask(peer, params, { requestedTtl: params.task?.ttl })
  if (!augmented) return runWithoutTask(peer, record, context)
  watched.add(record.taskId)
  Object.assign(event, { taskId: record.taskId, status: record.status })
  return { task: legacyTask(record) }
}

/**
 * Tells a session about the tasks that it created or has asked for.
 *
 * @param {PeerState} peer
 * @param {TaskServer} server
 * @returns {Set<string>} the ids, to be added to
 */
function pushStatus({ hub, settings }, server) {
  /** @type {Set<string>} */
  const watched = new Set()
  if (!settings.push) return watched
  server.onclose = hub.add({
    era: 'legacy',
    wants: (taskId) => watched.has(taskId),
    // A session that has gone is worth no error: who cares for the task polls it.
    send: (params) => void server.notification({ method: 'notifications/tasks/status', params }).catch(() => {}),
  })
  return watched
}

/**
 * @param {PeerState} peer
 * @param {TaskRecord} record
 * @param {ServerContext} context
 */
async function runWithoutTask(peer, record, context) {
  try {
    await askUntilOver(peer, record, context, {})
    return outcomeOf(record)
  } finally {
    peer.store.purge(record.taskId)
  }
}

/**
 * @param {PeerState} peer
 * @param {TaskRecord} record
 * @param {ServerContext} context
 */
async function taskResult(peer, record, context) {
  const related = { [RELATED_TASK]: { taskId: record.taskId } }
  await askUntilOver(peer, record, context, related)
  const result = outcomeOf(record)
  return { ...result, _meta: { ...result._meta, ...related } }
}

/**
 * Sends each open question on the stream of the request at hand, once, until the task is over. A later `tasks/result`
 * sends what is still open again: the stream before it may have been lost with the question in it.
 *
 * @param {PeerState} peer
 * @param {TaskRecord} record
 * @param {ServerContext} context
 * @param {Record<string, unknown>} meta
 */
async function askUntilOver(peer, record, context, meta) {
  /** @type {Set<import('./task-table.mjs').Question>} */
  const sent = new Set()
  const hasNews = () => isOver(record) || [...record.questions.values()].some((question) => !sent.has(question))
  for (;;) {
    await peer.store.until(record, hasNews, context.mcpReq.signal)
    if (isOver(record)) return
    for (const [key, question] of record.questions) {
      if (sent.has(question)) continue
      sent.add(question)
      void deliver(peer, record, key, question, context, meta)
    }
  }
}

/**
 * A client that refuses a question fails the task; a connection that went away leaves the question open; a task that
 * ended withdraws it.
 *
 * @param {PeerState} peer
 * @param {TaskRecord} record
 * @param {string} key
 * @param {import('./task-table.mjs').Question} question
 * @param {ServerContext} context
 * @param {Record<string, unknown>} meta
 */
async function deliver({ store, log }, record, key, { request }, context, meta) {
  const { taskId } = record
  const { method } = request
  log.add({ era: 'legacy', kind: 'question', method, taskId, questions: [key] })
  // In this generation a URL elicitation is named, so that its completion can be announced.
  const named = request.params['mode'] === 'url' ? { elicitationId: `${taskId}:${key}` } : {}
  const params = { ...request.params, ...named, _meta: meta }
  try {
    const options = { timeout: QUESTION_TIMEOUT_MS, signal: record.abort.signal }
    const answer = await context.mcpReq.send({ method, params }, AnyResult, options)
    const event = log.add({ era: 'legacy', kind: 'answer', method, taskId, answers: { [key]: answer } })
    if (!store.answer(record, key, answer)) event.ignored = [key]
  } catch (error) {
    if (!(error instanceof ProtocolError) || !store.tasks.has(taskId)) return
    store.finish(taskId, { error: { code: error.code, message: error.message, data: error.data } })
  }
}

/**
 * @param {PeerState} peer
 * @param {TaskRecord} record
 */
function cancelTask({ store }, record) {
  const { status } = legacyTask(record)
  if (isOver(record)) throw new RpcError(-32_602, `Cannot cancel task: already in terminal status '${status}'`)
  store.cancel(record.taskId)
  return legacyTask(record)
}

/**
 * @param {PeerState} peer
 * @param {string} [cursor]
 */
function listTasks({ store, log, settings }, cursor = '0') {
  log.add({ era: 'legacy', kind: 'request', method: 'tasks/list' })
  const all = [...store.tasks.values()]
  const start = Number(cursor)
  if (!Number.isInteger(start) || start < 0 || start > all.length) throw new RpcError(-32_602, 'Invalid cursor')
  const end = start + settings.pageSize
  return {
    tasks: all.slice(start, end).map(legacyTask),
    ...(end < all.length && { nextCursor: String(end) }),
  }
}
