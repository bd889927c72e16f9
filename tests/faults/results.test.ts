import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TaskFailedError } from '@longcall/client'
import { textOf } from '../support/answering.ts'
import { gaps, mishaps, oddities, startServer, useLab, type ServerProcess } from '../support/fault-lab.ts'

let server: ServerProcess
beforeAll(async () => {
  server = await startServer('dual')
})
afterAll(() => server.stop())

const generation = '2025-11-25'

describe('tasks/result of a task that has ended', () => {
  test.concurrent.for([...mishaps('tasks/result'), ...oddities('tasks/result')])(
    'and that $name gives the result in the end, once for all who ask',
    async ({ rule }, context) => {
      const lab = await useLab(server.url, generation, context)
      const client = await lab.connect()
      const task = await client.callTool('slow', { ms: 20, label: 'it' }, { task: true })
      lab.proxy.setRules([rule])
      const [first, second] = await Promise.all([task.result(), task.result()])
      expect(textOf(first)).toBe('done it')
      expect(second).toBe(first)
      expect(lab.hurt()).toBe(true)
    },
  )

  test.concurrent.for(mishaps('tasks/result'))(
    'in an error and that $name still ends in that error',
    async ({ rule }, context) => {
      const lab = await useLab(server.url, generation, context)
      const client = await lab.connect()
      const task = await client.callTool('protocol_error_job', {}, { task: true })
      lab.proxy.setRules([rule])
      const error = await task.result().catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(TaskFailedError)
      expect(error).toMatchObject({ rpcError: { code: -32_050, message: 'kaboom', data: { where: 'worker-3' } } })
      expect(lab.hurt()).toBe(true)
    },
  )

  test.concurrent('is asked for no sooner than the server said', async (context) => {
    const lab = await useLab(server.url, generation, context)
    const client = await lab.connect()
    const task = await client.callTool('slow', { ms: 20, label: 'it' }, { task: true })
    const match = { method: 'tasks/result', direction: 'request' } as const
    lab.proxy.setRules([{ match, fault: 'status', status: 503, headers: { 'retry-after': '1' } }])
    expect(textOf(await task.result())).toBe('done it')
    expect(gaps(lab.times('tasks/result'))[0]).toBeGreaterThanOrEqual(990)
  })
})
