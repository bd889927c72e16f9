import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { wordedOnce } from './worded-once.ts'

const target = 'draft-2020-12'

test('a schema is worded once, however often it is listed', () => {
  const schema = z.object({ text: z.string().default('hello') })
  let times = 0
  const { jsonSchema } = schema['~standard']
  const counted: StandardSchemaWithJSON = {
    '~standard': {
      ...schema['~standard'],
      jsonSchema: {
        input: (options) => [jsonSchema.input(options), (times += 1)][0] as never,
        output: jsonSchema.output,
      },
    },
  }
  const worded = wordedOnce(counted)['~standard'].jsonSchema
  expect(worded.input({ target })).toEqual(jsonSchema.input({ target }))
  expect(worded.input({ target })).toBe(worded.input({ target }))
  expect(times).toBe(1)
})

test('what goes in, what comes out and another target have words of their own', () => {
  const schema = z.object({ text: z.string().default('hello') })
  const { jsonSchema } = schema['~standard']
  const worded = wordedOnce(schema)['~standard'].jsonSchema
  for (const io of ['input', 'output', 'input'] as const) {
    expect(worded[io]({ target })).toEqual(jsonSchema[io]({ target }))
    expect(worded[io]({ target: 'draft-07' })).toEqual(jsonSchema[io]({ target: 'draft-07' }))
  }
})

test('it checks as it did', async () => {
  const worded = wordedOnce(z.object({ text: z.string().default('hello') }))
  expect(await worded['~standard'].validate({})).toEqual({ value: { text: 'hello' } })
  expect((await worded['~standard'].validate({ text: 1 })).issues).toHaveLength(1)
})

test('a schema that does not word itself stays as it is', () => {
  const { jsonSchema: _none, ...standard } = z.object({})['~standard']
  const schema = { '~standard': standard } as unknown as StandardSchemaWithJSON
  expect(wordedOnce(schema)).toBe(schema)
})
