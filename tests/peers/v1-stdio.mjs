// @ts-check
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { buildV1Server } from './v1-server.mjs'

const { server } = buildV1Server({ pollInterval: Number(process.env['POLL_INTERVAL'] ?? 50) })
await server.connect(new StdioServerTransport())
// The timers of the SDK's store would keep a process that nobody talks to any more.
process.stdin.once('end', () => process.exit(0))
