import { describe, expect, test } from 'vitest'
import type { Tasks } from '@longcall/server'
import { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { rawTransports, serveRaw, withoutTasks } from '../../support/raw-modern.ts'
import { textOf } from '../../support/modern-views.ts'

function tools(tasks: Tasks): void {
  tasks.registerTool('optional', {}, () => 'done')
  tasks.registerTool('required', { task: 'required' }, () => 'done')
  tasks.registerTool('forbidden', { task: 'forbidden' }, (_args, { taskId }) => `task ${taskId}`)
  tasks.registerTool('add', { inputSchema: z.object({ a: z.number() }) }, ({ a }) => String(a + 1))
}

const tasksRequired = { requiredCapabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } }

describe.each(rawTransports)('2026-07-28 over %s', (transport) => {
  test('a call of a client that declared the extension becomes a task', async () => {
    const server = await serveRaw(transport, tools)
    const { result, status } = await server.call('optional')
    expect(status).toBe(200)
    expect(result).toMatchObject({ resultType: 'task', status: 'working', ttlMs: 86_400_000, pollIntervalMs: 1 })
    expect(result).not.toHaveProperty('content')
    expect(result).not.toHaveProperty('task')
    expect(await server.ended(result?.taskId ?? '')).toMatchObject({
      resultType: 'complete',
      status: 'completed',
      result: { resultType: 'complete', content: [{ type: 'text', text: 'done' }] },
    })
  })

  test('the declaration holds for the request that it came with, and for no other', async () => {
    const server = await serveRaw(transport, tools)
    const types: (string | undefined)[] = []
    for (const capabilities of [undefined, withoutTasks, undefined, {}]) {
      const { result } = await server.call('optional', {}, capabilities === undefined ? {} : { capabilities })
      types.push(result?.resultType)
    }
    expect(types).toEqual(['task', 'complete', 'task', 'complete'])
  })

  test('what 2025 clients send to get a task gets none here', async () => {
    const server = await serveRaw(transport, tools)
    const legacy = { ...withoutTasks, tasks: { requests: { tools: { call: {} } } } }
    const { result } = await server.call('optional', {}, { capabilities: legacy, params: { task: { ttl: 60_000 } } })
    expect(result).toMatchObject({ resultType: 'complete', content: [{ text: 'done' }] })
  })

  test('a tool that must be a task is refused without the extension, with what would be required', async () => {
    const server = await serveRaw(transport, tools)
    const { error, status } = await server.call('required', {}, { capabilities: withoutTasks })
    expect(error).toMatchObject({ code: -32_021, data: tasksRequired })
    expect(status).toBe(transport === 'memory' || transport === 'stdio' ? 200 : 400)
    expect((await server.tasks.list()).tasks).toEqual([])
  })

  test('a tool that is never a task is answered at once to everybody', async () => {
    const server = await serveRaw(transport, tools)
    expect(textOf((await server.call('forbidden')).result)).toBe('task undefined')
  })

  test('arguments that do not fit are answered at once, and no task is made of them', async () => {
    const server = await serveRaw(transport, tools)
    const { result } = await server.call('add', { a: 'one' })
    expect(result).toMatchObject({ resultType: 'complete', isError: true })
    expect(textOf(result)).toMatch(/Invalid arguments for tool add: a: /)
    expect((await server.tasks.list()).tasks).toEqual([])
  })

  test("tools of the server's own stand beside ours, and are never tasks", async () => {
    const factory = (): McpServer => {
      const server = new McpServer({ name: 'own', version: '1.0.0' })
      server.registerTool('plain', {}, () => ({ content: [{ type: 'text', text: 'plain' }] }))
      return server
    }
    const server = await serveRaw(transport, tools, { factory })
    const { result } = await server.request('tools/list')
    const { tools: listed } = result as unknown as { tools: readonly { name: string; execution?: unknown }[] }
    expect(listed.map(({ name }) => name)).toEqual(['plain', 'optional', 'required', 'forbidden', 'add'])
    // Which tools run as tasks is the server's to decide here: no listing says it.
    expect(listed.filter(({ execution }) => execution !== undefined)).toEqual([])
    expect((await server.call('plain')).result).toMatchObject({ resultType: 'complete', content: [{ text: 'plain' }] })
  })

  test('the extension is among the capabilities that the server discovers, and the tasks of 2025 are not', async () => {
    const server = await serveRaw(transport, tools)
    const { result } = await server.request('server/discover')
    const { capabilities } = result as unknown as { capabilities: Record<string, unknown> }
    expect(capabilities['extensions']).toEqual({ 'io.modelcontextprotocol/tasks': {} })
    expect(capabilities).not.toHaveProperty('tasks')
  })
})
