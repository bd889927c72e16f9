import { McpServer } from '@modelcontextprotocol/server'
import { expect, onTestFinished, test } from 'vitest'
import { createTasks } from '../tasks/tasks.ts'
import { serveHttp } from './http.ts'

const mebibyte = 1024 * 1024

test.each([
  { allowed: 6, status: 200 },
  { allowed: 4, status: 413 },
])('a body of 5 MiB is answered with $status where $allowed MiB are allowed', async ({ allowed, status }) => {
  const tasks = createTasks()
  tasks.registerTool('length', {}, ({ text }) => String(String(text).length))
  const options = { tasks, port: 0, maxRequestBodySize: allowed * mebibyte }
  const server = await serveHttp(() => new McpServer({ name: 'big', version: '1.0.0' }), options)
  onTestFinished(() => server.close())

  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'big', version: '1.0.0' },
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  const params = { name: 'length', arguments: { text: 'x'.repeat(5 * mebibyte) }, _meta }
  const response = await fetch(server.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'length',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  })
  await response.text()
  expect(response.status).toBe(status)
})
