// @ts-check
/** The tools of the full peer, by which a test has it do things, wherever it runs. */
import { setTimeout as sleep } from 'node:timers/promises'
import { inputRequired } from '@modelcontextprotocol/server'
import { z } from 'zod'

/** @param {unknown} value */
const json = (value) => ({ content: [{ type: /** @type {const} */ ('text'), text: JSON.stringify(value) ?? 'null' }] })

/** @param {unknown} error */
const told = (error) => {
  const { code, message, data } = /** @type {any} */ (error)
  return { error: { code, message, ...(data !== undefined && { data }) } }
}

const Log = z.object({ level: z.any(), data: z.any(), logger: z.string().optional() })
const Step = z.object({ progress: z.number(), total: z.number().optional(), message: z.string().optional() })

/**
 * @param {import('@modelcontextprotocol/server').McpServer} server
 * @param {import('../full-server.mjs').FullState} state
 */
export function registerTools(server, { received, announce }) {
  server.registerTool(
    'echo',
    { inputSchema: z.object({ text: z.string(), ms: z.number().optional() }) },
    async (args) => {
      if (args.ms !== undefined) await sleep(args.ms)
      return { content: [{ type: 'text', text: args.text }] }
    },
  )

  /** What clients have sent: of one method, or all. */
  server.registerTool('received', { inputSchema: z.object({ method: z.string().optional() }) }, ({ method }) =>
    json(received.filter((message) => method === undefined || message['method'] === method)),
  )

  /** Says that lists, or resources, have changed, one after another. */
  server.registerTool('announce', { inputSchema: z.object({ changes: z.array(z.any()) }) }, async ({ changes }) => {
    for (const change of changes) await announce(change)
    return json('announced')
  })

  server.registerTool('log', { inputSchema: z.object({ messages: z.array(Log) }) }, async ({ messages }, ctx) => {
    for (const { level, data, logger } of messages) await ctx.mcpReq.log(level, data, logger)
    return json('logged')
  })

  server.registerTool('progress', { inputSchema: z.object({ steps: z.array(Step) }) }, async ({ steps }, ctx) => {
    const progressToken = ctx.mcpReq._meta?.progressToken
    for (const step of steps) {
      if (progressToken === undefined) break
      await ctx.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, ...step } })
    }
    return json(progressToken === undefined ? 'no token' : 'told')
  })

  /** Asks in rounds, each some questions by their keys, and gives all answers: in the way of the generation. */
  server.registerTool(
    'ask',
    { inputSchema: z.object({ rounds: z.array(z.record(z.string(), z.any())) }) },
    ({ rounds }, { mcpReq }) => {
      /** @type {unknown[]} */
      const before = JSON.parse(/** @type {string | undefined} */ (mcpReq.requestState()) ?? '[]')
      const asked = mcpReq.requestState() !== undefined
      const answers = asked ? [...before, mcpReq.inputResponses ?? {}] : []
      const next = rounds[answers.length]
      if (next === undefined) return json(answers)
      return inputRequired({ inputRequests: next, requestState: JSON.stringify(answers) })
    },
  )

  /** Sends the client requests of 2025, one after another, unchecked, and gives what came back, errors too. */
  server.registerTool(
    'request',
    { inputSchema: z.object({ requests: z.array(z.any()) }) },
    async ({ requests }, { mcpReq }) => {
      const answers = []
      for (const request of requests) {
        /** @type {unknown[]} */
        const progress = []
        const onprogress = (/** @type {unknown} */ step) => void progress.push(step)
        const answer = await server.server
          .request(request, { relatedRequestId: mcpReq.id, onprogress, timeout: 20_000 })
          .catch(told)
        answers.push(progress.length > 0 ? { answer, progress } : answer)
      }
      return json(answers)
    },
  )
}
