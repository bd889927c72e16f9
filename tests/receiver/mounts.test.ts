import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Client } from '@longcall/client'
import { createHandler, createTasks, type Handler, type Tasks } from '@longcall/server'
import { createMcpExpressApp } from '@modelcontextprotocol/express'
import { createMcpFastifyApp } from '@modelcontextprotocol/fastify'
import { createMcpHonoApp } from '@modelcontextprotocol/hono'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { McpServer, type AuthInfo } from '@modelcontextprotocol/server'
import express from 'express'
import { Hono } from 'hono'

function greetings(): { tasks: Tasks; handler: Handler } {
  const tasks = createTasks({ pollIntervalMs: 10 })
  tasks.registerTool('greet', {}, async (_args, context) => {
    const { content } = await context.elicit({
      message: 'Who?',
      requestedSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
    })
    return `hello ${String(content?.['name'])}${context.auth === undefined ? '' : ` from ${context.auth.principal}`}`
  })
  const handler = createHandler(() => new McpServer({ name: 'greetings', version: '1.0.0' }), { tasks })
  onTestFinished(async () => {
    await handler.close()
    await tasks.close({ graceMs: 0 })
  })
  return { tasks, handler }
}

async function listening(http: Server): Promise<string> {
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    const closed = new Promise((resolve) => http.close(resolve))
    http.closeAllConnections()
    await closed
  })
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`
}

/** A task with a question, and the same tool as a plain call, in one generation. */
async function expectTask(url: string, era: 'legacy' | '2026-07-28', says: string): Promise<void> {
  const client = await Client.connect(url, {
    era,
    onElicitation: () => ({ action: 'accept', content: { name: 'Ann' } }),
  })
  try {
    const task = await client.callTool('greet', {}, { task: true })
    expect((await task.result()).content).toEqual([{ type: 'text', text: says }])
    expect(task.returnedImmediately).toBe(false)
    expect((await client.callTool('greet', {})).content).toEqual([{ type: 'text', text: says }])
  } finally {
    await client.close()
  }
}

describe.each(['legacy', '2026-07-28'] as const)('a client of %s runs a task with a question through', (era) => {
  test("the SDK's Express application, which has parsed the body", async () => {
    const { handler } = greetings()
    const serve = toNodeHandler(handler)
    const app = createMcpExpressApp()
    app.all('/mcp', (request, response) => void serve(request, response, request.body))
    await expectTask(await listening(createServer(app)), era, 'hello Ann')
  })

  test('a bare Express application, which has not', async () => {
    const { handler } = greetings()
    const serve = toNodeHandler(handler)
    const app = express()
    app.all('/mcp', (request, response) => void serve(request, response))
    await expectTask(await listening(createServer(app)), era, 'hello Ann')
  })

  test('an Express application that knows who calls', async () => {
    const { handler } = greetings()
    const serve = toNodeHandler(handler)
    const app = createMcpExpressApp()
    app.use((request, _response, next) => {
      request.auth = ann
      next()
    })
    app.all('/mcp', (request, response) => void serve(request, response, request.body))
    await expectTask(await listening(createServer(app)), era, 'hello Ann from https://id.example ann')
  })

  test("the SDK's Hono application, which has parsed the body", async () => {
    const { handler } = greetings()
    const app = createMcpHonoApp()
    app.all('/mcp', (context) => handler.fetch(context.req.raw, { parsedBody: context.get('parsedBody' as never) }))
    await expectTask(await listening(createServer(overNode(app))), era, 'hello Ann')
  })

  test('a bare Hono application', async () => {
    const { handler } = greetings()
    const app = new Hono()
    app.all('/mcp', (context) => handler.fetch(context.req.raw))
    await expectTask(await listening(createServer(overNode(app))), era, 'hello Ann')
  })

  test("the SDK's Fastify application", async () => {
    const { handler } = greetings()
    const serve = toNodeHandler(handler)
    const app = createMcpFastifyApp()
    app.all('/mcp', async (request, reply) => {
      reply.hijack()
      await serve(request.raw as Parameters<typeof serve>[0], reply.raw, request.body)
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    onTestFinished(async () => {
      app.server.closeAllConnections()
      await app.close()
    })
    const { port } = app.server.address() as AddressInfo
    await expectTask(`http://127.0.0.1:${port}/mcp`, era, 'hello Ann')
  })
})

/** What a middleware that verifies tokens finds out. */
const ann: AuthInfo = {
  token: 'secret',
  clientId: 'app',
  scopes: [],
  extra: { iss: 'https://id.example', sub: 'ann' },
}

/** What Hono's own adapter for Node does. */
function overNode(app: { fetch(request: Request): Response | Promise<Response> }): Parameters<typeof createServer>[1] {
  const serve = toNodeHandler({ fetch: async (request) => app.fetch(request) })
  return (request, response) => void serve(request as never, response)
}
