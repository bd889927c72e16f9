import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TaskCancelledError } from '@longcall/client'
import { gaps, generations, mishaps, oddities, startServer, useLab, type ServerProcess } from '../support/fault-lab.ts'

let server: ServerProcess
beforeAll(async () => {
  server = await startServer('dual')
})
afterAll(() => server.stop())

describe.each(generations)('a cancel on the %s wire', (generation) => {
  test.concurrent.for([...mishaps('tasks/cancel'), ...oddities('tasks/cancel')])(
    'that $name cancels the task all the same',
    async ({ rule }, context) => {
      const lab = await useLab(server.url, generation, context)
      const client = await lab.connect()
      const task = await client.callTool('hang', {}, { task: true })
      lab.proxy.setRules([rule])
      expect(await task.cancel()).toMatchObject({ id: task.id, status: 'cancelled' })
      expect(lab.hurt()).toBe(true)
      await expect(task.result()).rejects.toBeInstanceOf(TaskCancelledError)
    },
  )

  test.concurrent('whose answer is lost, and so is that to the look at what came of it, says what came of it', async (context) => {
    const lab = await useLab(server.url, generation, context)
    const client = await lab.connect()
    const task = await client.callTool('hang', {}, { task: true })
    lab.proxy.setRules([
      { match: { method: 'tasks/cancel', direction: 'response', nth: 1 }, fault: 'drop-connection' },
      { match: { method: 'tasks/get', direction: 'response', nth: 1 }, fault: 'drop-connection' },
    ])
    expect(await task.cancel()).toMatchObject({ id: task.id, status: 'cancelled' })
  })

  test.concurrent('keeps to the time that the server asked for', async (context) => {
    const lab = await useLab(server.url, generation, context)
    const client = await lab.connect()
    const task = await client.callTool('hang', {}, { task: true })
    const match = { method: 'tasks/cancel', direction: 'request' } as const
    lab.proxy.setRules([{ match, fault: 'status', status: 503, headers: { 'retry-after': '1' } }])
    expect(await task.cancel()).toMatchObject({ status: 'cancelled' })
    expect(gaps(lab.times('tasks/cancel'))[0]).toBeGreaterThanOrEqual(990)
  })
})
