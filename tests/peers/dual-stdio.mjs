// @ts-check
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import { createDualPeer, dualOptionsFromEnv } from './dual-server.mjs'

createDualPeer(dualOptionsFromEnv()).serve(new StdioServerTransport())
