// @ts-check
/**
 * The tools, prompts and resources that the conformance suite asks any server for, by nothing but the SDK's own API. What
 * serves them is the server under test, or the SDK alone as the measure.
 */
import { createRequestStateCodec, McpServer } from '@modelcontextprotocol/server'
import { randomBytes } from 'node:crypto'
import { registerContentTools } from './content-tools.mjs'
import { registerEffectTools } from './effect-tools.mjs'
import { registerPrompts } from './prompts.mjs'
import { registerQuestionTools } from './question-tools.mjs'
import { registerResources } from './resources.mjs'
import { registerRoundTools } from './round-tools.mjs'
import { registerSchemaTools } from './schema-tools.mjs'

/**
 * @typedef {object} ListChanges how a server that lives for one request tells the others that a list changed
 * @property {() => void} toolsChanged
 * @property {() => void} promptsChanged
 *
 * @typedef {import('@modelcontextprotocol/server').McpRequestContext} McpRequestContext
 */

// One key for all servers of the process: the state that one of them gave out comes back to another.
const states = createRequestStateCodec({ key: randomBytes(32) })

/**
 * @param {Pick<McpRequestContext, 'era'>} context
 * @param {ListChanges} changes
 */
export function buildPlainServer({ era }, changes) {
  const server = new McpServer(
    { name: 'conformance-fixture', version: '1.0.0' },
    {
      capabilities: { logging: {}, resources: { subscribe: true } },
      requestState: { verify: (state, context) => states.verify(state, context) },
    },
  )
  // The first tool of the list is called with no arguments.
  registerContentTools(server)
  registerEffectTools(server, era === 'legacy' ? changesOf(server) : changes)
  registerSchemaTools(server)
  registerQuestionTools(server)
  registerRoundTools(server, states)
  registerPrompts(server)
  registerResources(server)
  return server
}

/**
 * @param {McpServer} server
 * @returns {ListChanges}
 */
const changesOf = (server) => ({
  toolsChanged: () => server.sendToolListChanged(),
  promptsChanged: () => server.sendPromptListChanged(),
})
