// @ts-check
/** What all server objects of one peer share, and the few steps that both generations take alike. */
import { ProtocolError } from '@modelcontextprotocol/server'
import { RpcError } from './task-table.mjs'
import { DUAL_TOOLS } from './tools.mjs'

/**
 * @typedef {import('./task-table.mjs').TaskRecord} TaskRecord
 * @typedef {import('./tools.mjs').DualTool} DualTool
 * @typedef {'legacy' | 'modern'} Era
 *
 * @typedef {object} PeerState
 * @property {import('./task-table.mjs').TaskTable} store
 * @property {import('./event-log.mjs').EventLog} log
 * @property {import('./push-hub.mjs').PushHub} hub
 * @property {{ pollIntervalMs: number, ttlMs: number | null, push: boolean, pageSize: number }} settings
 */

/**
 * @param {Era} era
 * @returns {any[]}
 */
export function listTools(era) {
  return Object.entries(DUAL_TOOLS)
    .filter(([, tool]) => isOffered(tool, era))
    .map(([name, tool]) => ({
      name,
      description: name,
      inputSchema: { type: 'object', properties: tool.input ?? {} },
      ...(tool.output && { outputSchema: tool.output }),
      ...(era === 'legacy' && { execution: { taskSupport: tool.support } }),
    }))
}

/**
 * @param {string} name
 * @param {Era} era
 */
export function toolNamed(name, era) {
  const tool = DUAL_TOOLS[name]
  if (tool === undefined || !isOffered(tool, era)) throw new RpcError(-32_602, `Unknown tool: ${name}`)
  return tool
}

/**
 * @param {DualTool} tool
 * @param {Era} era
 */
const isOffered = (tool, era) => era === 'modern' || tool.modernOnly !== true

/**
 * @param {PeerState} peer
 * @param {{ name: string, arguments?: Record<string, any> }} params of the `tools/call`
 * @param {{ requestedTtl?: number | undefined, responses?: Record<string, any> | undefined }} [call]
 */
export function startTask({ store, settings }, params, { requestedTtl, responses = {} } = {}) {
  const tool = DUAL_TOOLS[params.name]
  if (tool === undefined) throw new RpcError(-32_602, `Unknown tool: ${params.name}`)
  const args = params.arguments ?? {}
  return store.create(params.name, (context) => tool.run(args, context, responses), {
    ttlMs: tool.ttlFromArguments === true ? (args['ttlMs'] ?? 300) : (requestedTtl ?? settings.ttlMs),
    pollIntervalMs: settings.pollIntervalMs,
  })
}

/**
 * What the call itself would have answered: the tool's result, or its JSON-RPC error.
 *
 * @param {TaskRecord} record of a task that is over
 */
export function outcomeOf({ status, result, error }) {
  if (error !== undefined) throw new RpcError(error.code, error.message, error.data)
  if (status === 'cancelled') throw new RpcError(-32_602, 'Task was cancelled')
  return result
}

/**
 * Gives the SDK errors of the class that it puts on the wire unchanged.
 *
 * @template T
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withRpcErrors(work) {
  try {
    return await work()
  } catch (error) {
    if (error instanceof RpcError) throw new ProtocolError(error.code, error.message, error.data)
    throw error
  }
}
