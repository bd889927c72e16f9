// @ts-check
/** The tools of the tool server, and how each is called. */
import { setTimeout as sleep } from 'node:timers/promises'
import { inputRequired } from '@modelcontextprotocol/server'

/**
 * @typedef {import('@modelcontextprotocol/server').ServerContext} ServerContext
 * @typedef {import('../tool-server.mjs').ToolServerState} ToolServerState
 *
 * @typedef {object} Call
 * @property {ToolServerState} state
 * @property {Record<string, any>} args
 * @property {ServerContext} context
 *
 * @typedef {object} Tool
 * @property {(state: ToolServerState) => object} [output] its output schema
 * @property {boolean} [modernOnly]
 * @property {(call: Call) => any} run
 */

/** @param {unknown} value */
const text = (value) => ({
  content: [{ type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) }],
})

/** @param {string} message */
const nameForm = (message) =>
  inputRequired.elicit({
    message,
    requestedSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
  })

/** @type {Record<string, Tool>} */
const tools = {
  // Returns what it is told to.
  give: { run: ({ args }) => args['result'] },
  meta: { run: ({ context }) => text(context.mcpReq._meta ?? {}) },
  report: { run: ({ state: { asked, cancelled } }) => text({ asked, cancelled }) },
  slow: {
    run: async ({ args, context }) => {
      await sleep(args['ms'], undefined, { signal: context.mcpReq.signal })
      return text('slept')
    },
  },
  // Until it is cancelled; its first progress says that it has begun.
  hang: {
    run: async ({ state, context }) => {
      const { signal } = context.mcpReq
      const cancelled = new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          state.cancelled.push({ tool: 'hang', reason: String(signal.reason?.message ?? signal.reason) })
          resolve(undefined)
        })
      })
      await progress(context, 0, 1)
      await cancelled
      return text('cancelled')
    },
  },
  progress: {
    run: async ({ args, context }) => {
      for (let step = 1; step <= args['steps']; step += 1) {
        await sleep(args['everyMs'])
        await progress(context, step, args['steps'])
      }
      return text('progressed')
    },
  },
  // Listed last: whoever reads one page knows nothing of these.
  ask_once: {
    modernOnly: true,
    run: ({ context }) => {
      const answer = /** @type {any} */ (context.mcpReq.inputResponses?.['name'])
      if (answer === undefined) return inputRequired({ inputRequests: { name: nameForm('Your name?') } })
      return { ...text(`hello ${answer.content.name}`), structuredContent: { name: answer.content.name } }
    },
  },
  ask_twice: {
    modernOnly: true,
    run: ({ context }) => {
      const { inputResponses, requestState } = context.mcpReq
      const [first, second] = /** @type {any[]} */ ([inputResponses?.['first'], inputResponses?.['second']])
      if (second !== undefined) return text(`${String(requestState())} ${second.content.name}`)
      if (first === undefined) return inputRequired({ inputRequests: { first: nameForm('First name?') } })
      const { name } = first.content
      const inputRequests = { second: nameForm(`And after ${name}?`) }
      return inputRequired({ inputRequests, requestState: name })
    },
  },
  ask_for_ever: {
    modernOnly: true,
    run: () => inputRequired({ inputRequests: { name: nameForm('Your name?') } }),
  },
  change: {
    run: async ({ state }) => {
      state.edition += 1
      await state.tell('notifications/tools/list_changed')
      return text(`edition ${state.edition}`)
    },
  },
  write: {
    run: async ({ state, args: { uri, text: said } }) => {
      state.texts.set(uri, said)
      await state.tell('notifications/resources/updated', { uri })
      return text('written')
    },
  },
  // What it promises is what its edition promises, and what it gives is, too.
  edition: {
    output: ({ edition }) => schemaOf(edition),
    run: ({ state: { edition } }) => ({ ...text('see there'), structuredContent: { [`edition${edition}`]: edition } }),
  },
  wrapped: {
    output: () => ({
      type: 'object',
      properties: { result: { type: 'integer' } },
      required: ['result'],
      'x-fastmcp-wrap-result': true,
    }),
    run: ({ args }) => ({ ...text('see there'), structuredContent: { result: args['value'] ?? 7 } }),
  },
}

export const TOOLS = {
  /**
   * @param {ToolServerState} state
   * @param {'legacy' | 'modern'} era
   */
  list: (state, era) =>
    Object.entries(tools)
      .filter(([, tool]) => era === 'modern' || tool.modernOnly !== true)
      .map(([name, tool]) => ({
        name,
        inputSchema: { type: 'object', properties: {} },
        ...(tool.output && { outputSchema: tool.output(state) }),
      })),
  /**
   * @param {ToolServerState} state
   * @param {any} params
   * @param {ServerContext} context
   * @param {'legacy' | 'modern'} era
   */
  call: async (state, { name, arguments: args = {} }, context, era) => {
    const tool = tools[name]
    if (tool === undefined || (tool.modernOnly === true && era === 'legacy')) {
      throw Object.assign(new Error(`Unknown tool: ${name}`), { code: -32_602, data: { name } })
    }
    return tool.run({ state, args, context })
  },
}

/** @param {number} edition */
const schemaOf = (edition) => {
  const field = `edition${edition}`
  return {
    type: 'object',
    properties: { [field]: { type: 'integer' } },
    required: [field],
    additionalProperties: false,
  }
}

/**
 * @param {ServerContext} context
 * @param {number} done
 * @param {number} total
 */
async function progress({ mcpReq }, done, total) {
  const progressToken = mcpReq._meta?.progressToken
  if (progressToken === undefined) return
  await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress: done, total } })
}
