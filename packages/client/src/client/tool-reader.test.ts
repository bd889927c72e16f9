import { describe, expect, test } from 'vitest'
import { systemClock } from '@longcall/core'
import { ManualClock } from '@longcall/core/testing'
import { ToolError } from '../errors/tool-error.ts'
import { OutputSchemas } from '../results/output-schemas.ts'
import type { ToolCatalog } from './tool-catalog.ts'
import { ToolReader } from './tool-reader.ts'

const failure = { content: [{ type: 'text', text: 'disk full' }], isError: true, structuredContent: { left: 42 } }
const reader = new ToolReader(new OutputSchemas(), () => undefined, systemClock)

async function thrown(result: Readonly<Record<string, unknown>>): Promise<ToolError> {
  const error: unknown = await reader.read('save', result).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(ToolError)
  return error as ToolError
}

describe('a result that reports a failure', () => {
  test('is thrown, with all that came, unless that is not wanted', async () => {
    expect(await thrown(failure)).toMatchObject({
      code: 'tool_error',
      tool: 'save',
      message: 'Tool "save" failed: disk full',
      result: { isError: true, structuredContent: { left: 42 }, data: undefined },
    })
    const read = await reader.read('save', failure, { throwOnError: false })
    expect(read).toMatchObject({ isError: true, content: failure.content, data: undefined, dataError: undefined })
  })

  test.each([
    [{ content: [] }, 'it gave no text'],
    [{ content: [{ type: 'image', data: '', mimeType: 'image/png' }] }, 'it gave no text'],
    [
      {
        content: [
          { type: 'text', text: '' },
          { type: 'text', text: 'second' },
        ],
      },
      'second',
    ],
  ])('is named by its first text', async (result, said) => {
    expect((await thrown({ ...result, isError: true })).message).toBe(`Tool "save" failed: ${said}`)
  })

  test('at length has that in its result, not in the message', async () => {
    const content = [{ type: 'text', text: 'x'.repeat(1_000_000) }]
    const error = await thrown({ content, isError: true })
    expect(error.message.length).toBeLessThan(1000)
    expect(error.result.content).toEqual(content)
  })
})

describe('the data of a result', () => {
  const outputSchema = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] }
  const listing = { ageMs: 0, known: () => undefined, find: () => Promise.resolve({ name: 'save', outputSchema }) }

  test('is checked by the schema of a tool that had not been listed', async () => {
    const lister = new ToolReader(new OutputSchemas(), () => listing as unknown as ToolCatalog, systemClock)
    expect(await lister.read('save', { structuredContent: { n: 1 } })).toMatchObject({ data: { n: 1 } })
    const { data, dataError, structuredContent } = await lister.read('save', { structuredContent: { n: 'one' } })
    expect(data).toBeUndefined()
    expect(dataError).toMatchObject({ code: 'invalid_data' })
    expect(structuredContent).toEqual({ n: 'one' })
  })

  test('is checked by the schema of now, where the server changed the tool and did not say so', async () => {
    const changed = { ...outputSchema, properties: { n: { type: 'string' } } }
    let ageMs = 3_600_000
    const outdated = {
      get ageMs() {
        return ageMs
      },
      known: () => (ageMs > 0 ? { tool: { name: 'save', outputSchema } } : undefined),
      find: () => Promise.resolve({ name: 'save', outputSchema: changed }),
      forget: () => {
        ageMs = 0
      },
    }
    const lister = new ToolReader(new OutputSchemas(), () => outdated as unknown as ToolCatalog, systemClock)
    expect(await lister.read('save', { structuredContent: { n: 'one' } })).toMatchObject({ data: { n: 'one' } })
    expect(await lister.read('save', { structuredContent: { n: 1 } })).toMatchObject({ data: undefined })
  })

  test('is not kept from the caller by a server that does not list its tools now', async () => {
    const clock = new ManualClock()
    const silent = { ageMs: 0, known: () => undefined, find: () => new Promise<never>(() => {}) }
    const lister = new ToolReader(new OutputSchemas(), () => silent as unknown as ToolCatalog, clock)
    const reading = lister.read('save', { structuredContent: { n: 'one' } })
    await clock.advance(60_000)
    expect(await reading).toMatchObject({ data: { n: 'one' }, dataError: undefined })
  })

  test.each([
    ['refuses to list its tools now', () => Promise.reject(new Error('down'))],
    ['does not answer', () => new Promise<never>(() => {})],
    ['does not list the tool any more', () => Promise.resolve(undefined)],
  ])('does not fit still where the server %s', async (_how, find) => {
    const clock = new ManualClock()
    let isForgotten = false
    const outdated = {
      ageMs: 3_600_000,
      known: () => (isForgotten ? undefined : { tool: { name: 'save', outputSchema } }),
      find,
      forget: () => {
        isForgotten = true
      },
    }
    const lister = new ToolReader(new OutputSchemas(), () => outdated as unknown as ToolCatalog, clock)
    const reading = lister.read('save', { structuredContent: { n: 'one' } })
    await clock.advance(60_000)
    expect(await reading).toMatchObject({
      data: undefined,
      dataError: { code: 'invalid_data' },
      structuredContent: { n: 'one' },
    })
    expect(isForgotten).toBe(true)
  })
})
