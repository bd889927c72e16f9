import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Client, Generation } from '@longcall/client'
import { textOf } from '../../support/answering.ts'
import { jobs, serve, settings } from '../../support/servers.ts'
import { ScriptedServer, wireText, type Wire } from '../../support/scripted-server.ts'

/** A 2025-11-25 server without tasks: of one with tasks it is found out first whether the tool wants to be one. */
const withoutTasks = (generation: Generation): Record<string, () => Wire> =>
  generation === '2026-07-28'
    ? {}
    : {
        initialize: () => ({
          protocolVersion: generation,
          capabilities: { tools: {} },
          serverInfo: { name: 'plain', version: '1.0.0' },
        }),
      }

describe.each<Generation>(['2025-11-25', '2026-07-28'])('a result of a %s server', (generation) => {
  const cached = generation === '2026-07-28' ? { ttlMs: 0, cacheScope: 'private' } : {}

  async function connect(result: Wire, outputSchema?: Wire): Promise<Client> {
    const job = { name: 'job', inputSchema: { type: 'object' }, ...(outputSchema && { outputSchema }) }
    return new ScriptedServer(generation, {
      'tools/list': () => ({ tools: [job], ...cached }),
      'tools/call': () => ({ content: [], ...result }),
    }).connect()
  }

  test.each([[{}], [0], [false], [[]], [''], [null], [[{ a: 1 }, { a: 2 }]]])(
    'has the data %j as it came',
    async (value) => {
      const client = await connect({ structuredContent: value })
      expect(await client.callTool('job')).toMatchObject({
        structuredContent: value,
        data: value,
        dataError: undefined,
      })
    },
  )

  test.each([[{}], [0], [false], [[]], [''], [null]])('that is wrapped has the data %j', async (value) => {
    const wrapping = { type: 'object', properties: { result: {} }, required: ['result'], 'x-fastmcp-wrap-result': true }
    const client = await connect({ structuredContent: { result: value } }, wrapping)
    expect(await client.callTool('job')).toMatchObject({ data: value, dataError: undefined })
    const unlisted = await connect({ structuredContent: { result: value }, _meta: { fastmcp: { wrap_result: true } } })
    expect(await unlisted.callTool('job')).toMatchObject({ data: value, dataError: undefined })
  })

  test('that a schema fits is its data, also where that is nothing much', async () => {
    const client = await connect({ structuredContent: 0 }, { type: 'integer' })
    expect(await client.callTool('job')).toMatchObject({ data: 0, dataError: undefined })
    expect((await client.callTool('job', {}, { schema: z.number().transform((n) => n + 1) })).data).toBe(1)
  })

  test('that lacks the data which it promised says so, and is here all the same', async () => {
    const client = await connect({ content: [{ type: 'text', text: 'hi' }] }, { type: 'object' })
    await client.listTools()
    const result = await client.callTool('job')
    expect(textOf(result)).toBe('hi')
    expect(result).toMatchObject({ data: undefined, dataError: { code: 'invalid_data' } })
  })

  test('whose schema is no schema has no data, and is here all the same', async () => {
    const client = await connect({ structuredContent: { a: 1 } }, { $ref: '#/$defs/nowhere' })
    expect(await client.callTool('job')).toMatchObject({
      structuredContent: { a: 1 },
      data: undefined,
      dataError: { code: 'invalid_schema' },
    })
  })

  test('of a server that cannot list its tools is read without a schema', async () => {
    const server = new ScriptedServer(generation, {
      ...withoutTasks(generation),
      'tools/list': () => {
        throw new Error('no lists today')
      },
      'tools/call': () => wireText('hi', { structuredContent: { a: 1 } }),
    })
    const client = await server.connect()
    expect(await client.callTool('job')).toMatchObject({ data: { a: 1 }, dataError: undefined })
  })

  test('with blocks that are none has the others', async () => {
    const client = await connect({ content: [null, 7, 'x', {}, { type: 'text', text: 'hi' }, { type: 'odd', x: 1 }] })
    const { content } = await client.callTool('job')
    expect(content).toEqual([
      { type: 'text', text: 'hi' },
      { type: 'odd', x: 1 },
    ])
  })

  test.each([undefined, null, 7, 'text', {}])('whose content is %j has none', async (content) => {
    const client = await connect({ content })
    expect((await client.callTool('job')).content).toEqual([])
  })
})

describe.each(settings())('on the $name', ({ setting }) => {
  test('a call that the server makes a task gives its result to both kinds of call', async () => {
    const { must, typed } = jobs(setting)
    const client = await (await serve(setting)).connect({ preferTasks: true })
    expect(textOf(await client.callTool(must.tool, must.args))).toBe(must.says)
    expect(await client.raw.callTool(must.tool, must.args)).toMatchObject({
      content: [{ type: 'text', text: must.says }],
    })
    expect((await client.callTool(typed.tool, typed.args)).data).toEqual({ n: 7 })
    expect(await client.raw.callTool(typed.tool, typed.args)).toMatchObject({ structuredContent: { n: 7 } })
  })

  test('a tool’s failure in a task is none of the raw call', async () => {
    const { toolError } = jobs(setting)
    const client = await (await serve(setting)).connect({ preferTasks: true })
    expect(await client.raw.callTool(toolError.tool, toolError.args)).toMatchObject({ isError: true })
    await expect(client.callTool(toolError.tool, toolError.args)).rejects.toMatchObject({
      code: 'tool_error',
      message: `Tool "${toolError.tool}" failed: ${toolError.says}`,
    })
  })
})
