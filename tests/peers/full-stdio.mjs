// @ts-check
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import { createFullPeer, fullOptionsFromEnv } from './full-server.mjs'

createFullPeer(fullOptionsFromEnv()).serve(new StdioServerTransport())
