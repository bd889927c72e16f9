// @ts-check
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import { createToolServer } from './tool-server.mjs'

const { TTL, PAGE_SIZE } = process.env
createToolServer({
  ...(TTL !== undefined && { ttlMs: Number(TTL) }),
  ...(PAGE_SIZE !== undefined && { pageSize: Number(PAGE_SIZE) }),
}).serve(new StdioServerTransport())
