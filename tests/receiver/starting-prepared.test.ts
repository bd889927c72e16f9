import { expect, onTestFinished, test } from 'vitest'
import { createTasks, type Tasks } from '@longcall/server'
import { z } from 'zod'

function declared(): Tasks {
  const tasks = createTasks()
  onTestFinished(() => tasks.close({ graceMs: 0 }))
  const inputSchema = z.object({ pages: z.number().default(5) })
  const prepare = (): never => {
    throw new Error('nobody is there to be asked')
  }
  tasks.registerTool('prepares', { inputSchema, prepare }, ({ pages }) => `${pages} pages`)
  return tasks
}

test('a task that is started without a client skips prepare, and its tool gets what the schema makes of the arguments', async () => {
  const tasks = declared()
  const { id } = await tasks.start('prepares', {})
  await tasks.runtime.until(id, (task) => (task?.status === 'completed' ? true : undefined))
  expect(await tasks.get(id)).toMatchObject({ outcome: { kind: 'result', result: { content: [{ text: '5 pages' }] } } })
})

test('its arguments must fit all the same', async () => {
  await expect(declared().start('prepares', { pages: 'many' })).rejects.toMatchObject({ rpcError: { code: -32_602 } })
})
