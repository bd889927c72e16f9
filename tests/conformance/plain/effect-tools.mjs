// @ts-check
/** Tools that do something besides answering: they log, report progress, drop their stream, change a list. */
import { setTimeout as sleep } from 'node:timers/promises'
import { says } from './samples.mjs'

const PAUSE_MS = 50

/**
 * @param {import('@modelcontextprotocol/server').McpServer} server
 * @param {import('./plain-server.mjs').ListChanges} changes
 */
export function registerEffectTools(server, changes) {
  server.registerTool('test_tool_with_logging', { description: 'Logs three times' }, async ({ mcpReq }) => {
    await mcpReq.log('info', 'Tool execution started')
    await sleep(PAUSE_MS)
    await mcpReq.log('info', 'Tool processing data')
    await sleep(PAUSE_MS)
    await mcpReq.log('info', 'Tool execution completed')
    return says('Logged three times')
  })
  server.registerTool('test_logging_tool', { description: 'Logs if it was asked to' }, async ({ mcpReq }) => {
    await mcpReq.log('info', 'Logged')
    return says('Logged, if that was asked for')
  })
  server.registerTool(
    'test_tool_with_progress',
    { description: 'Reports progress three times' },
    async ({ mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken
      for (const progress of [0, 50, 100]) {
        if (progress > 0) await sleep(PAUSE_MS)
        if (progressToken === undefined) continue
        await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } })
      }
      return says('Reported progress three times')
    },
  )
  server.registerTool('test_reconnection', { description: 'Ends its stream before it answers' }, async ({ http }) => {
    await sleep(PAUSE_MS)
    http?.closeSSE?.()
    await sleep(PAUSE_MS)
    return says('Answered after the stream had ended')
  })
  server.registerTool('test_trigger_tool_change', { description: 'Says that the list of tools changed' }, () => {
    changes.toolsChanged()
    return says('Said so')
  })
  server.registerTool('test_trigger_prompt_change', { description: 'Says that the list of prompts changed' }, () => {
    changes.promptsChanged()
    return says('Said so')
  })
}
