// @ts-check
/** The tools as a process of their own. It runs what is built. */
import { serveStdio } from '@longcall/server'
import { McpServer } from '@modelcontextprotocol/server'
import { createClientTools } from './client-tools.mjs'

const pollIntervalMs = Number(process.env['POLL_INTERVAL'] ?? 20)
const tasks = createClientTools({ pollIntervalMs, limits: { maxOpenPerOwner: 1_000 } })
serveStdio(() => new McpServer({ name: 'client-tools', version: '1.0.0' }), { tasks })
