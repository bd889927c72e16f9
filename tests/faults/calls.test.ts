import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RequestError } from '@longcall/client'
import { textOf } from '../support/answering.ts'
import { generations, mishaps, oddities, startServer, useLab, type ServerProcess } from '../support/fault-lab.ts'

let server: ServerProcess
beforeAll(async () => {
  server = await startServer('dual')
})
afterAll(() => server.stop())

const lost = mishaps('tools/call').filter(({ rule }) => rule.status !== 429)

describe.each(generations)('a call on the %s wire', (generation) => {
  test.concurrent.for(lost)(
    'that $name fails, says that nobody knows whether the tool ran, and is not sent again',
    async ({ rule }, context) => {
      const lab = await useLab(server.url, generation, context)
      const client = await lab.connect()
      await client.listTools()
      lab.proxy.setRules([rule])
      const error = await client.callTool('greet', { name: 'Ann' }).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(RequestError)
      expect(error).toMatchObject({ message: expect.stringContaining('"greet"') })
      expect(error).toMatchObject({ message: expect.stringContaining('whether the server acted on it is not known') })
      expect(lab.times('tools/call')).toHaveLength(1)
      // The connection is as good as before.
      expect(textOf(await client.callTool('greet', { name: 'Bob' }))).toBe('Hello, Bob!')
    },
  )

  test.concurrent.for(lost)('as a task that $name fails likewise', async ({ rule }, context) => {
    const lab = await useLab(server.url, generation, context)
    const client = await lab.connect()
    await client.listTools()
    lab.proxy.setRules([rule])
    const error = await client.callTool('slow', { ms: 10 }, { task: true }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(RequestError)
    expect(error).toMatchObject({ message: expect.stringContaining('whether the server acted on it is not known') })
    expect(lab.times('tools/call')).toHaveLength(1)
    const task = await client.callTool('slow', { ms: 10, label: 'it' }, { task: true })
    expect(textOf(await task.result())).toBe('done it')
  })

  test.concurrent('that is refused for being one too many holds the time to come back, and does not cry wolf', async (context) => {
    const lab = await useLab(server.url, generation, context)
    const client = await lab.connect()
    await client.listTools()
    const match = { method: 'tools/call', direction: 'request' } as const
    lab.proxy.setRules([{ match, fault: 'status', status: 429, headers: { 'retry-after': '7' } }])
    const error = await client.callTool('greet', { name: 'Ann' }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ failure: { kind: 'http', status: 429, retryAfterMs: 7000 } })
    expect((error as Error).message).not.toContain('not known')
  })

  // The SDK's 2025 server never answers the first of two copies of a request that it has at the same time.
  const odd = oddities('tools/call').filter(({ name }) => generation === '2026-07-28' || name !== 'arrives twice')
  test.concurrent.for(odd)('that $name gives one result', async ({ rule }, context) => {
    const lab = await useLab(server.url, generation, context)
    const client = await lab.connect()
    await client.listTools()
    lab.proxy.setRules([rule])
    expect(textOf(await client.callTool('greet', { name: 'Ann' }))).toBe('Hello, Ann!')
    expect(lab.hurt()).toBe(true)
    lab.proxy.setRules([rule])
    const task = await client.callTool('slow', { ms: 50, label: 'it' }, { task: true })
    expect(textOf(await task.result())).toBe('done it')
  })
})
