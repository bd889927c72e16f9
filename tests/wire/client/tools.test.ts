import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { DataError, RpcError, ToolError } from '@longcall/client'
import { textOf } from '../../support/answering.ts'
import { plainSettings } from '../../support/plain-settings.ts'
import { serveTools } from '../../support/tool-server.ts'

const image = { type: 'image', data: 'AAAA', mimeType: 'image/png' } as const
const said = (text: string) => ({ type: 'text', text }) as const

describe.each(plainSettings())('on a server of $name', ({ setting }) => {
  test('a result has content, structured content, data, meta and the flag, each as the server gave it', async () => {
    const client = await (await serveTools(setting)).connect()
    const result = { content: [said('three'), image], structuredContent: { items: [{ a: 1 }, { a: 2 }], n: 3 } }
    const read = await client.callTool('give', { result: { ...result, _meta: { trace: 'x1' } } })
    expect(read).toMatchObject({ ...result, data: result.structuredContent, dataError: undefined, isError: false })
    expect(read.meta).toMatchObject({ trace: 'x1' })
  })

  test('a result without structured content has no data, and lacks none', async () => {
    const client = await (await serveTools(setting)).connect()
    const read = await client.callTool('give', { result: { content: [said('hi')] } })
    expect(read).toMatchObject({ structuredContent: undefined, data: undefined, dataError: undefined })
  })

  test('the raw result is what the server sent, and a failure of the tool is none of the call', async () => {
    const client = await (await serveTools(setting)).connect()
    const result = { content: [said('disk full')], isError: true, _meta: { trace: 'x1' } }
    expect(await client.raw.callTool('give', { result })).toMatchObject(result)
    expect(await client.raw.callTool('wrapped')).toMatchObject({ structuredContent: { result: 7 } })
  })

  test('a tool that reports a failure throws its text, and all that it returned comes along', async () => {
    const client = await (await serveTools(setting)).connect()
    const result = { content: [image, said('disk full'), said('retry later')], isError: true }
    const error = await client.callTool('give', { result }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ToolError)
    expect(error).toMatchObject({
      code: 'tool_error',
      message: 'Tool "give" failed: disk full',
      tool: 'give',
      result: { content: result.content, isError: true },
    })
  })

  test('a failure can be had as a result instead', async () => {
    const client = await (await serveTools(setting)).connect()
    const result = { content: [said('disk full')], isError: true }
    expect(await client.callTool('give', { result }, { throwOnError: false })).toMatchObject({
      content: result.content,
      isError: true,
    })
  })

  test.each([
    ['nothing', []],
    ['an image', [image]],
    ['an empty text', [said('')]],
  ])('a failure that says %s names the tool all the same', async (_what, content) => {
    const client = await (await serveTools(setting)).connect()
    await expect(client.callTool('give', { result: { content, isError: true } })).rejects.toMatchObject({
      code: 'tool_error',
      message: 'Tool "give" failed: it gave no text',
    })
  })

  test('a failure keeps its structured content, and makes no data of it', async () => {
    const client = await (await serveTools(setting)).connect()
    const result = { content: [said('no')], structuredContent: { left: 42 }, isError: true }
    const read = await client.callTool('give', { result }, { throwOnError: false })
    expect(read).toMatchObject({ structuredContent: { left: 42 }, data: undefined, dataError: undefined })
    const typed = await client.callTool(
      'give',
      { result },
      { throwOnError: false, schema: z.object({ left: z.string() }) },
    )
    expect(typed).toMatchObject({ data: undefined, dataError: undefined })
  })

  test('a wrapped value is unwrapped by the schema, or by what the result says of itself', async () => {
    const client = await (await serveTools(setting)).connect()
    expect((await client.callTool('wrapped')).data).toBe(7)
    const result = { content: [], structuredContent: { result: [1, 2] }, _meta: { fastmcp: { wrap_result: true } } }
    expect((await client.callTool('give', { result })).data).toEqual([1, 2])
  })

  test('an object that happens to have a result is no wrapped value', async () => {
    const client = await (await serveTools(setting)).connect()
    const result = { content: [], structuredContent: { result: 1 } }
    expect((await client.callTool('give', { result })).data).toEqual({ result: 1 })
  })

  test('what fits no schema arrives, with the reason beside it', async () => {
    const client = await (await serveTools(setting)).connect()
    const read = await client.callTool('wrapped', { value: 'seven' })
    expect(read).toMatchObject({ structuredContent: { result: 'seven' }, data: undefined })
    expect(read.dataError).toBeInstanceOf(DataError)
    expect(read.dataError).toMatchObject({ code: 'invalid_data', tool: 'wrapped' })
  })

  test('a schema of the caller’s reads the data, and types it', async () => {
    const client = await (await serveTools(setting)).connect()
    const schema = z.object({ at: z.string().transform((at) => new Date(at)) })
    const result = { content: [], structuredContent: { at: '2026-01-02T03:04:05.000Z' } }
    const { data } = await client.callTool('give', { result }, { schema })
    expect(data?.at.getTime()).toBe(Date.UTC(2026, 0, 2, 3, 4, 5))
    const other = await client.callTool('give', { result }, { schema: z.object({ at: z.number() }) })
    expect(other).toMatchObject({ data: undefined, dataError: { code: 'invalid_data' } })
    expect(other.dataError?.message).toContain('at')
  })

  test('a schema on the last page of the list is found, and listed once for all calls', async () => {
    const client = await (await serveTools(setting, { pageSize: 1 })).connect()
    const both = await Promise.all([client.callTool('wrapped', { value: 'x' }), client.callTool('wrapped')])
    expect(both.map(({ data, dataError }) => [data, dataError?.code])).toEqual([
      [undefined, 'invalid_data'],
      [7, undefined],
    ])
    const { asked } = JSON.parse(textOf(await client.callTool('report'))!) as { asked: Record<string, number> }
    await client.callTool('wrapped')
    const after = JSON.parse(textOf(await client.callTool('report'))!) as { asked: Record<string, number> }
    expect(after.asked['tools/list']).toBe(asked['tools/list'])
  })

  test('a tool that does not exist is an error of the protocol, with the server’s code, message and data', async () => {
    const client = await (await serveTools(setting)).connect()
    const error = await client.callTool('nothing').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(RpcError)
    expect(error).toMatchObject({
      code: 'rpc_error',
      rpcCode: -32_602,
      rpcMessage: 'Unknown tool: nothing',
      data: { name: 'nothing' },
      message: 'tools/call of "nothing": the server answered with error -32602: Unknown tool: nothing',
    })
  })

  test('meta reaches the server as it is, beside the progress token', async () => {
    const client = await (await serveTools(setting)).connect()
    const meta = { 'example.com/trace': { id: 1, path: ['a', null] }, fastmcp: { tags: ['x'] }, zero: 0 }
    const seen = JSON.parse(textOf(await client.callTool('meta', {}, { meta }))!) as Record<string, unknown>
    const { progressToken, ...rest } = seen
    expect(progressToken).toEqual(expect.any(String))
    expect(rest).toEqual(meta)
  })

  test('a version goes where FastMCP looks for it, beside what else the caller says there', async () => {
    const client = await (await serveTools(setting)).connect()
    const seenOf = async (options: object): Promise<unknown> => {
      const { content } = await client.raw.callTool('meta', {}, options)
      return JSON.parse((content[0] as { text: string }).text)
    }
    expect(await seenOf({ version: '2.1' })).toMatchObject({ fastmcp: { version: '2.1' } })
    expect(await seenOf({ version: '2.1', meta: { fastmcp: { tags: ['x'] }, own: 1 } })).toMatchObject({
      fastmcp: { version: '2.1', tags: ['x'] },
      own: 1,
    })
  })
})
