// @ts-check
/** The tools of the dual-era peer. A body is written once and runs on both wires. */
import { inputRequired } from '@modelcontextprotocol/server'
import { RpcError } from './task-table.mjs'

/**
 * @typedef {import('./task-table.mjs').TaskContext} TaskContext
 *
 * @typedef {object} DualTool
 * @property {'forbidden' | 'optional' | 'required'} support
 * @property {Record<string, object>} [input] JSON Schema properties
 * @property {Record<string, any>} [output] JSON Schema
 * @property {boolean} [modernOnly]
 * @property {boolean} [ttlFromArguments] the task is kept for `ttlMs` of the arguments, whatever the request says
 * @property {(responses: Record<string, any> | undefined) => any} [beforehand] a multi-round-trip result to answer
 *   with before anything runs, or undefined to go on
 * @property {(args: Record<string, any>, context: TaskContext, responses: Record<string, any>) => Promise<any>} run
 */

const STRING = { type: 'string' }
const NUMBER = { type: 'number' }

/**
 * @param {string} value
 * @param {object} [rest]
 */
const text = (value, rest = {}) => ({ content: [{ type: 'text', text: value }], ...rest })

/** @param {string} message */
const nameForm = (message) => ({
  message,
  requestedSchema: {
    type: /** @type {const} */ ('object'),
    properties: { name: { type: /** @type {const} */ ('string') } },
    required: ['name'],
  },
})

/** @param {string} message */
const nameQuestion = (message) => ({ method: 'elicitation/create', params: { mode: 'form', ...nameForm(message) } })

/** @param {any} answer */
const said = (answer) => answer?.content?.name ?? answer?.action

/** @param {Record<string, any> | undefined} responses */
const askNameBeforehand = (responses) =>
  responses?.['user_name'] === undefined
    ? inputRequired({
        inputRequests: { user_name: inputRequired.elicit(nameForm('Your name?')) },
        requestState: 'round-1',
      })
    : undefined

/** @type {Record<string, DualTool>} */
export const DUAL_TOOLS = {
  greet: {
    support: 'forbidden',
    input: { name: STRING },
    run: async ({ name }) => text(`Hello, ${name}!`),
  },
  slow: {
    support: 'optional',
    input: { ms: NUMBER, label: STRING },
    run: async ({ ms = 200, label = '' }, context) => {
      context.say(`working on ${label}`)
      await context.sleep(ms)
      return text(`done ${label}`)
    },
  },
  required_job: {
    support: 'required',
    input: { ms: NUMBER },
    run: async ({ ms = 50 }, context) => {
      await context.sleep(ms)
      return text('required job done')
    },
  },
  failing_job: {
    support: 'optional',
    input: { ms: NUMBER },
    run: async ({ ms = 20 }, context) => {
      await context.sleep(ms)
      return text('disk full: 42 bytes left', { isError: true })
    },
  },
  protocol_error_job: {
    support: 'optional',
    run: async () => {
      throw new RpcError(-32_050, 'kaboom', { where: 'worker-3' })
    },
  },
  confirm: {
    support: 'optional',
    input: { filename: STRING },
    run: async ({ filename }, context) => {
      const answer = await context.ask('confirm', nameQuestion(`Delete ${filename}? Type your name.`))
      return text(`deleted ${filename} by ${said(answer)}`)
    },
  },
  multi: {
    support: 'optional',
    run: async (_args, context) => {
      const [first, second] = await Promise.all([
        context.ask('first', nameQuestion('first?')),
        context.ask('second', nameQuestion('second?')),
      ])
      return text(`${said(first)}+${said(second)}`)
    },
  },
  two_rounds: {
    support: 'optional',
    run: async (_args, context) => {
      const first = await context.ask('round-1', nameQuestion('round 1?'))
      await context.sleep(60)
      const second = await context.ask('round-2', nameQuestion('round 2?'))
      return text(`${said(first)}/${said(second)}`)
    },
  },
  url_confirm: {
    support: 'optional',
    run: async (_args, context) => {
      const params = { mode: 'url', message: 'Approve in the browser', url: 'https://example.com/approve' }
      const answer = await context.ask('approve', { method: 'elicitation/create', params })
      return text(`url ${answer.action}`)
    },
  },
  sample: {
    support: 'optional',
    input: { prompt: STRING },
    run: async ({ prompt = 'write a haiku' }, context) => {
      const messages = [{ role: 'user', content: { type: 'text', text: prompt } }]
      const params = { messages, maxTokens: 50 }
      const answer = await context.ask('sample', { method: 'sampling/createMessage', params })
      return text(`sampled ${answer.content.text}`)
    },
  },
  roots: {
    support: 'optional',
    run: async (_args, context) => {
      const answer = await context.ask('roots', { method: 'roots/list', params: {} })
      return text(`roots ${answer.roots.map((/** @type {any} */ root) => root.uri).join(' ')}`)
    },
  },
  mrtr_then_task: {
    support: 'required',
    modernOnly: true,
    beforehand: askNameBeforehand,
    run: async (_args, context, responses) => {
      await context.sleep(30)
      return text(`task for ${said(responses['user_name'])}`)
    },
  },
  mrtr_plain: {
    support: 'forbidden',
    modernOnly: true,
    beforehand: askNameBeforehand,
    run: async (_args, _context, responses) => text(`plain for ${said(responses['user_name'])}`),
  },
  typed: {
    support: 'optional',
    output: { type: 'object', properties: { n: NUMBER }, required: ['n'] },
    run: async () => text('{"n":7}', { structuredContent: { n: 7 } }),
  },
  hang: {
    support: 'optional',
    run: async (_args, context) => {
      for (;;) await context.sleep(60_000)
    },
  },
  // 2026: shows its question for three more polls after the answer, as a server does whose worker reads answers late.
  stale_key: {
    support: 'optional',
    modernOnly: true,
    run: async (_args, context) => {
      const answer = await context.ask('stale', nameQuestion('once only?'), { staleViews: 3 })
      return text(`stale ${said(answer)}`)
    },
  },
  expire: {
    support: 'optional',
    input: { ttlMs: NUMBER },
    ttlFromArguments: true,
    run: async (_args, context) => {
      for (;;) await context.sleep(60_000)
    },
  },
}
