// @ts-check
/** Tools of multi-round-trip requests (SEP-2322): what is asked, under which keys, and with which state. */
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  inputResponse,
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import { form, question } from './question-tools.mjs'
import { says } from './samples.mjs'

/**
 * @typedef {import('@modelcontextprotocol/server').McpServer} McpServer
 * @typedef {import('@modelcontextprotocol/server').ServerContext} ServerContext
 * @typedef {import('@modelcontextprotocol/server').InputRequests} InputRequests
 * @typedef {import('@modelcontextprotocol/server').CallToolResult} CallToolResult
 * @typedef {import('@modelcontextprotocol/server').InputRequiredResult} InputRequiredResult
 * @typedef {import('@modelcontextprotocol/server').RequestStateCodec} RequestStateCodec
 */

const Name = z.object({ name: z.string() })
const Color = z.object({ color: z.string() })

/** @param {string} message */
const nameForm = (message) =>
  form(message, { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] })

/** @param {string} message */
const colorForm = (message) =>
  form(message, { type: 'object', properties: { color: { type: 'string' } }, required: ['color'] })

const confirmation = () =>
  form('Please confirm', { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] })

/**
 * @param {McpServer} server
 * @param {RequestStateCodec} states
 */
export function registerRoundTools(server, states) {
  /**
   * @param {string} kind the end of the tool's name
   * @param {string} description
   * @param {(context: ServerContext) => CallToolResult | InputRequiredResult | Promise<CallToolResult | InputRequiredResult>} run
   */
  const register = (kind, description, run) =>
    void server.registerTool(`test_input_required_result_${kind}`, { description }, run)

  /** @param {InputRequests} inputRequests @param {unknown} state */
  const ask = async (inputRequests, state) => inputRequired({ inputRequests, requestState: await states.mint(state) })

  register('elicitation', 'Asks for a name', ({ mcpReq }) => {
    const answer = acceptedContent(mcpReq.inputResponses, 'user_name', Name)
    if (answer !== undefined) return says(`Hello, ${answer.name}!`)
    return inputRequired({ inputRequests: { user_name: nameForm('What is your name?') } })
  })
  register('sampling', 'Asks a model', ({ mcpReq }) => {
    const answer = inputResponse(mcpReq.inputResponses, 'capital_question')
    if (answer.kind === 'sampling') return says(JSON.stringify(answer.result.content))
    return inputRequired({ inputRequests: { capital_question: question('What is the capital of France?') } })
  })
  register('list_roots', 'Asks for roots', ({ mcpReq }) => {
    const answer = inputResponse(mcpReq.inputResponses, 'client_roots')
    if (answer.kind === 'roots') return says(answer.roots.map(({ uri }) => uri).join(' '))
    return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } })
  })
  register('request_state', 'Asks with a state', ({ mcpReq }) => {
    const confirmed = acceptedContent(mcpReq.inputResponses, 'confirm') !== undefined
    if (confirmed && mcpReq.requestState() === 'asked') return says('state-ok')
    return ask({ confirm: confirmation() }, 'asked')
  })
  register('tampered_state', 'Refuses a state that is not its own', ({ mcpReq }) => {
    // A state that was changed on its way never gets here: the server verifies it first.
    if (mcpReq.requestState() === 'sealed') return says('The state came back as it was')
    return ask({ confirm: confirmation() }, 'sealed')
  })
  register('multiple_inputs', 'Asks three things at once', ({ mcpReq }) => {
    const asked = ['user_name', 'greeting', 'client_roots']
    const isComplete = asked.every((key) => inputResponse(mcpReq.inputResponses, key).kind !== 'missing')
    if (isComplete) return says('Three answers')
    const user_name = nameForm('What is your name?')
    const greeting = question('Generate a greeting')
    return ask({ user_name, greeting, client_roots: inputRequired.listRoots() }, 'asked')
  })
  register('multi_round', 'Asks again when it was answered', ({ mcpReq }) => {
    /** @type {{ name?: string } | undefined} */
    const state = mcpReq.requestState()
    const name = acceptedContent(mcpReq.inputResponses, 'step1', Name)?.name ?? state?.name
    if (name === undefined) return ask({ step1: nameForm('Step 1: What is your name?') }, {})
    const color = acceptedContent(mcpReq.inputResponses, 'step2', Color)?.color
    if (color === undefined) return ask({ step2: colorForm('Step 2: What is your favorite color?') }, { name })
    return says(`${name} likes ${color}`)
  })
  register('capabilities', 'Asks only what the client can answer', ({ mcpReq }) => {
    const { elicitation, sampling } = capabilitiesIn(mcpReq.envelope)
    const inputRequests = {
      ...(elicitation !== undefined && { user_name: nameForm('What is your name?') }),
      ...(sampling !== undefined && { greeting: question('Generate a greeting') }),
    }
    if (Object.keys(inputRequests).length === 0) return says('Nobody to ask')
    return inputRequired({ inputRequests })
  })
}

/**
 * @param {any} envelope
 * @returns {import('@modelcontextprotocol/server').ClientCapabilities}
 */
const capabilitiesIn = (envelope) => envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? {}
