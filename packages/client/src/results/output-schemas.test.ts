import type { StandardSchemaV1 } from '@modelcontextprotocol/client'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { LongcallError } from '@longcall/core'
import { DataError } from '../errors/data-error.ts'
import { OutputSchemas, type ResultData } from './output-schemas.ts'

const number = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] }

async function read(
  structuredContent: unknown,
  outputSchema?: unknown,
  more: { schema?: StandardSchemaV1; meta?: unknown; isError?: boolean } = {},
): Promise<ResultData<unknown>> {
  const { schema, meta, isError = false } = more
  const result = { content: [], structuredContent, _meta: meta, isError }
  return await new OutputSchemas().read({ tool: 'forecast', result, outputSchema, schema })
}

describe('the data of a result', () => {
  test('is the structured output that fits its schema, the very value that came', async () => {
    const sent = { n: 7 }
    const { data, dataError } = await read(sent, number)
    expect(data).toBe(sent)
    expect(dataError).toBeUndefined()
  })

  test.each([{}, 0, false, '', [], null].map((value) => [value]))('may be %j', async (value) => {
    expect(await read(value, {})).toEqual({ data: value, dataError: undefined })
    expect(await read(value)).toEqual({ data: value, dataError: undefined })
  })

  test.each([undefined, null])('is the structured output as it is without a schema (%s)', async (none) => {
    expect(await read({ n: 'x' }, none)).toEqual({ data: { n: 'x' }, dataError: undefined })
    expect(await read(undefined, none)).toEqual({ data: undefined, dataError: undefined })
  })

  test('is not looked for in a result that reports a failure', async () => {
    const none = { data: undefined, dataError: undefined }
    expect(await read({ n: 'x' }, number, { isError: true })).toEqual(none)
    expect(await read(undefined, number, { isError: true })).toEqual(none)
    expect(await read({ n: 7 }, number, { isError: true, schema: z.never() })).toEqual(none)
  })

  test('that does not fit is an error which names the tool and the places', async () => {
    const schema = {
      type: 'object',
      properties: { n: { type: 'number' }, list: { type: 'array', items: { type: 'number' } } },
      required: ['id'],
      additionalProperties: false,
    }
    const { data, dataError } = await read({ n: 'x', list: [1, '2'], 'a b/c': 1 }, schema)
    expect(data).toBeUndefined()
    expect(dataError).toBeInstanceOf(DataError)
    expect(dataError).toBeInstanceOf(LongcallError)
    expect(dataError).toMatchObject({ code: 'invalid_data', tool: 'forecast', name: 'DataError' })
    expect(dataError?.message).toContain('Tool "forecast": its structuredContent does not fit its output schema')
    expect(dataError?.message).toContain('the whole value: Instance does not have required property "id"')
    expect(dataError?.message).toContain('/n: Instance type "string" is invalid. Expected "number"')
    expect(dataError?.message).toContain('/list/1: ')
    expect(dataError?.message).toMatch(/; and 1 more$/)
  })

  test('that does not fit is told of briefly, whatever was sent', async () => {
    const list = Array.from({ length: 100_000 }, () => 'x'.repeat(10))
    const schema = { type: 'object', properties: { list: { type: 'array', items: { enum: ['y'.repeat(10_000)] } } } }
    const { dataError } = await read({ list }, schema)
    expect(dataError?.message).toContain('/list/0: ')
    expect(dataError?.message.length).toBeLessThan(1_000)
  })

  test('that was promised and did not come is an error', async () => {
    const { data, dataError } = await read(undefined, number)
    expect(data).toBeUndefined()
    expect(dataError).toMatchObject({ code: 'invalid_data', message: expect.stringContaining('no structuredContent') })
  })
})

describe('data that is wrapped', () => {
  const wrapping = { type: 'object', properties: { result: { type: 'integer' } }, 'x-fastmcp-wrap-result': true }
  const meta = { fastmcp: { wrap_result: true } }

  test('is what is within, checked', async () => {
    expect(await read({ result: 7 }, wrapping)).toEqual({ data: 7, dataError: undefined })
    expect((await read({ result: 'x' }, wrapping)).dataError?.message).toContain('/result: ')
    expect(await read({ result: 7 }, { type: 'object' }, { meta })).toEqual({ data: 7, dataError: undefined })
  })

  test('is what is within also where the schema is not known', async () => {
    expect(await read({ result: [{ a: 1 }] }, undefined, { meta })).toEqual({ data: [{ a: 1 }], dataError: undefined })
  })

  test('is what is within, whatever that is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.boolean(), async (value, isSaidBySchema) => {
        const said = isSaidBySchema
          ? await read({ result: value }, { 'x-fastmcp-wrap-result': true })
          : await read({ result: value }, {}, { meta })
        expect(said.data).toBe(value)
        expect(said.dataError).toBeUndefined()
      }),
    )
  })

  test.each([{}, { other: 1 }, 7, null, [1]].map((value) => [value]))(
    'is an error where nothing is within: %j',
    async (value) => {
      const { data, dataError } = await read(value, { 'x-fastmcp-wrap-result': true })
      expect(data).toBeUndefined()
      expect(dataError).toMatchObject({ code: 'invalid_data', message: expect.stringContaining('"result"') })
    },
  )

  test.each([{ wrap_result: 1 }, true, { wrap_result: 'true' }])('is so only where it is said: %j', async (fastmcp) => {
    expect((await read({ result: 7 }, {}, { meta: { fastmcp } })).data).toEqual({ result: 7 })
  })
})

describe('the schema of the caller', () => {
  test('replaces the one of the server, and may transform', async () => {
    const schema = z.object({ n: z.string().transform(Number) })
    expect(await read({ n: '7' }, number, { schema })).toEqual({ data: { n: 7 }, dataError: undefined })
  })

  test('is given what is wrapped', async () => {
    const wrapping = { 'x-fastmcp-wrap-result': true, properties: { result: { type: 'number' } } }
    const schema = z.iso.datetime().transform((text) => new Date(text))
    const { data } = await read({ result: '2026-01-01T00:00:00Z' }, wrapping, { schema })
    expect(data).toEqual(new Date('2026-01-01T00:00:00Z'))
  })

  test('may take its time', async () => {
    const schema = z.object({ n: z.number() }).refine(async ({ n }) => await Promise.resolve(n > 5), 'too small')
    expect((await read({ n: 7 }, undefined, { schema })).data).toEqual({ n: 7 })
    expect((await read({ n: 3 }, undefined, { schema })).dataError?.message).toContain('the whole value: too small')
  })

  test('tells its issues by place', async () => {
    const schema = z.object({ list: z.array(z.object({ 'a/b': z.number() })) })
    const { data, dataError } = await read({ list: [{ 'a/b': 'x' }] }, undefined, { schema })
    expect(data).toBeUndefined()
    expect(dataError?.code).toBe('invalid_data')
    expect(dataError?.message).toContain('/list/0/a~1b: Invalid input: expected number')
  })

  test.each([
    [new Error('boom'), 'boom'],
    ['bare', 'bare'],
  ])('that throws is an error: %s', async (thrown, said) => {
    const validate = (): never => {
      throw thrown
    }
    const schema: StandardSchemaV1 = { '~standard': { version: 1, vendor: 'test', validate } }
    const { data, dataError } = await read({ n: 7 }, undefined, { schema })
    expect(data).toBeUndefined()
    expect(dataError).toMatchObject({ code: 'invalid_schema', cause: thrown, message: expect.stringContaining(said) })
  })
})

test('any result with any schema has data or says why not', async () => {
  const names = ['type', 'properties', 'required', 'items', '$ref', '$id', 'enum', 'anyOf', '__proto__', 'constructor']
  const schemas = fc.dictionary(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 3 }))
  await fc.assert(
    fc.asyncProperty(schemas, fc.jsonValue(), async (schema, value) => {
      const { data, dataError } = await read(value, schema)
      if (dataError === undefined) expect(data).toBe(value)
      else expect(data).toBeUndefined()
    }),
  )
})
