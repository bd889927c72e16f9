import type { Tool } from '@modelcontextprotocol/client'

/** Whether parameters of a tool go in HTTP headers, too. Source: SEP-2243. */
export function hasHeaderParams({ inputSchema }: Tool): boolean {
  return JSON.stringify(inputSchema ?? null).includes('"x-mcp-header"')
}
