// @ts-check
/**
 * Tools that ask one thing and answer with what they were told. On 2026-07-28 the question is the answer to the first round;
 * on 2025-11-25 the SDK sends it as a request of its own.
 */
import { inputRequired, inputResponse } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { says } from './samples.mjs'

/**
 * @typedef {import('@modelcontextprotocol/server').InputRequest} InputRequest
 * @typedef {import('@modelcontextprotocol/server').ServerContext} ServerContext
 * @typedef {import('@modelcontextprotocol/server').ElicitRequestFormParams['requestedSchema']} FormSchema
 */

const STRING = /** @type {const} */ ({ type: 'string' })

/** @type {FormSchema} */
const CONTACT = {
  type: 'object',
  properties: {
    username: { type: 'string', description: "User's response" },
    email: { type: 'string', description: "User's email address" },
  },
  required: ['username', 'email'],
}

/** @type {FormSchema} */
const DEFAULTS = {
  type: 'object',
  properties: {
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  },
}

const OPTIONS = ['option1', 'option2', 'option3']

/** @param {string} what */
const titled = (what) => [
  { const: 'value1', title: `First ${what}` },
  { const: 'value2', title: `Second ${what}` },
  { const: 'value3', title: `Third ${what}` },
]

/** @type {FormSchema} */
const ENUMS = {
  type: 'object',
  properties: {
    untitledSingle: { type: 'string', enum: OPTIONS },
    titledSingle: { type: 'string', oneOf: titled('Option') },
    legacyEnum: {
      type: 'string',
      enum: ['opt1', 'opt2', 'opt3'],
      enumNames: ['Option One', 'Option Two', 'Option Three'],
    },
    untitledMulti: { type: 'array', items: { type: 'string', enum: OPTIONS } },
    titledMulti: { type: 'array', items: { anyOf: titled('Choice') } },
  },
}

/** @param {import('@modelcontextprotocol/server').McpServer} server */
export function registerQuestionTools(server) {
  server.registerTool(
    'test_sampling',
    { description: 'Asks a model', inputSchema: z.object({ prompt: z.string() }) },
    ({ prompt }, context) => ask(context, question(prompt)),
  )
  server.registerTool('test_missing_capability', { description: 'Cannot do without a model' }, (context) =>
    ask(context, question('Anything')),
  )
  server.registerTool(
    'test_elicitation',
    { description: 'Asks the user', inputSchema: z.object({ message: z.string() }) },
    ({ message }, context) => ask(context, form(message, CONTACT)),
  )
  server.registerTool('test_elicitation_sep1034_defaults', { description: 'Asks with defaults' }, (context) =>
    ask(context, form('Please review', DEFAULTS)),
  )
  server.registerTool('test_elicitation_sep1330_enums', { description: 'Asks for choices' }, (context) =>
    ask(context, form('Please choose', ENUMS)),
  )
  server.registerTool('test_streaming_elicitation', { description: 'Asks in the middle of a call' }, (context) =>
    ask(context, form('Go on?', { type: 'object', properties: { answer: STRING } })),
  )
}

/**
 * @param {string} message
 * @param {FormSchema} requestedSchema
 */
export const form = (message, requestedSchema) => inputRequired.elicit({ message, requestedSchema })

/** @param {string} prompt */
export const question = (prompt) =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: prompt } }],
    maxTokens: 100,
  })

/**
 * @param {ServerContext} context
 * @param {InputRequest} request
 */
function ask({ mcpReq }, request) {
  const response = inputResponse(mcpReq.inputResponses, 'answer')
  if (response.kind === 'missing') return inputRequired({ inputRequests: { answer: request } })
  return says(`Answered: ${JSON.stringify(response)}`)
}
