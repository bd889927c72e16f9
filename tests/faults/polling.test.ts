import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TaskNotFoundError, ToolError } from '@longcall/client'
import { textOf } from '../support/answering.ts'
import { gaps, generations, mishaps, oddities, startServer, useLab, type ServerProcess } from '../support/fault-lab.ts'

// Without pushes, so that polling alone must do.
let server: ServerProcess
beforeAll(async () => {
  server = await startServer('dual', { push: false })
})
afterAll(() => server.stop())

describe.each(generations)('a poll on the %s wire', (generation) => {
  test.concurrent.for([...mishaps('tasks/get'), ...oddities('tasks/get')])(
    'that $name is sent again, and costs the task nothing',
    async ({ rule }, context) => {
      const lab = await useLab(server.url, generation, context)
      const client = await lab.connect()
      const task = await client.callTool('slow', { ms: 300, label: 'it' }, { task: true })
      lab.proxy.setRules([rule])
      expect(textOf(await task.result())).toBe('done it')
      expect(lab.hurt()).toBe(true)
    },
  )

  test.concurrent.for(mishaps('tasks/get', 2))(
    'that $name does not turn how the task ended into something else',
    async ({ rule }, context) => {
      const lab = await useLab(server.url, generation, context)
      // Its end is noticed as it comes, not by waiting.
      const client = await lab.connect({ requestTimeoutMs: 3_600_000 })
      const task = await client.callTool('failing_job', { ms: 500 }, { task: true })
      lab.proxy.setRules([rule])
      const error = await task.result().catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(ToolError)
      expect(error).toMatchObject({ message: expect.stringContaining('disk full') })
      expect(lab.hurt()).toBe(true)
    },
  )

  test.concurrent('is repeated with growing pauses for as long as the server is away', async (context) => {
    const lab = await useLab(server.url, generation, context)
    const client = await lab.connect()
    const task = await client.callTool('slow', { ms: 10, label: 'it' }, { task: true })
    lab.proxy.setRules(
      [1, 2, 3, 4, 5].map((nth) => ({
        match: { method: 'tasks/get', direction: 'request', nth },
        fault: 'drop-connection',
      })),
    )
    expect(textOf(await task.result())).toBe('done it')
    const pauses = gaps(lab.times('tasks/get'))
    // The server asks for 50 ms, of which this client makes 100. A timer may be early by a millisecond.
    for (const [index, pause] of pauses.slice(0, 5).entries())
      expect(pause).toBeGreaterThanOrEqual(100 * 2 ** index - 2)
    expect(pauses.length).toBeGreaterThanOrEqual(5)
  })

  test.concurrent.for([429, 503])(
    'waits for as many seconds as the server asked for with %i',
    async (status, context) => {
      const lab = await useLab(server.url, generation, context)
      const client = await lab.connect()
      const task = await client.callTool('slow', { ms: 10, label: 'it' }, { task: true })
      const match = { method: 'tasks/get', direction: 'request' } as const
      lab.proxy.setRules([{ match, fault: 'status', status, headers: { 'retry-after': '1' } }])
      expect(textOf(await task.result())).toBe('done it')
      expect(lab.hurt()).toBe(true)
      expect(gaps(lab.times('tasks/get'))[0]).toBeGreaterThanOrEqual(990)
    },
  )

  test.concurrent('waits for the date that the server named', async (context) => {
    const lab = await useLab(server.url, generation, context)
    const client = await lab.connect()
    const task = await client.callTool('slow', { ms: 10, label: 'it' }, { task: true })
    const match = { method: 'tasks/get', direction: 'request' } as const
    const date = new Date(Date.now() + 2000).toUTCString()
    lab.proxy.setRules([{ match, fault: 'status', status: 503, headers: { 'retry-after': date } }])
    expect(textOf(await task.result())).toBe('done it')
    expect(lab.hurt()).toBe(true)
    expect(lab.times('tasks/get')[1]).toBeGreaterThanOrEqual(Date.parse(date) - 10)
  })

  test.concurrent('by hand is one round trip, and says what became of it', async (context) => {
    const lab = await useLab(server.url, generation, context)
    const client = await lab.connect()
    const task = await client.callTool('slow', { ms: 10 }, { task: true })
    lab.proxy.setRules([{ match: { method: 'tasks/get', direction: 'request' }, fault: 'drop-connection' }])
    await expect(task.status()).rejects.toMatchObject({ code: 'request_network' })
    expect(lab.times('tasks/get')).toHaveLength(1)
    expect(await task.wait()).toMatchObject({ status: 'completed' })
  })

  test.concurrent('finds the task again after an outage, and says so when the server has lost it', async (context) => {
    const lab = await useLab(server.url, generation, context)
    const client = await lab.connect()
    const [kept, lost] = await Promise.all([
      client.callTool('slow', { ms: 300, label: 'it' }, { task: true }),
      client.callTool('hang', {}, { task: true }),
    ])
    const results = Promise.allSettled([kept.result(), lost.result()])
    // Nobody listens on the discard port.
    lab.proxy.retarget('http://127.0.0.1:9/mcp')
    lab.proxy.dropConnections()
    await context.expect.poll(() => lab.times('tasks/get').length).toBeGreaterThan(4)
    await server.control('purge', lost.id)
    lab.proxy.retarget(server.url)
    const [first, second] = await results
    expect(first).toMatchObject({ status: 'fulfilled', value: { content: [{ text: 'done it' }] } })
    expect(second).toMatchObject({ status: 'rejected', reason: expect.any(TaskNotFoundError) })
  })
})
