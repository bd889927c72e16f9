import { describe, expect, test } from 'vitest'
import { ann, textOf } from '../support/answering.ts'
import { jobs, serve, settings } from '../support/servers.ts'

describe.each(settings({ transport: 'http' }))(
  'a client that was closed and connects anew, on the $name',
  ({ setting }) => {
    const { slow, asks } = jobs(setting)

    test('goes on with the tasks that it had', async () => {
      const { asked, onElicitation } = ann()
      const client = await (await serve(setting)).connect({ onElicitation })
      const working = await client.callTool(slow.tool, slow.args, { task: true })
      const asking = await client.callTool(asks.tool, asks.args, { task: true })
      const waiting = working.wait().catch((thrown: unknown) => thrown)
      await client.close()
      expect(await waiting).toMatchObject({ code: 'task_unreachable' })
      await client.connect()
      const resumed = [working, asking].map((task) => client.tasks.resume(task.toJSON()))
      expect((await Promise.all(resumed.map((task) => task.result()))).map(textOf)).toEqual([slow.says, asks.says])
      expect(asked).toHaveLength(1)
    })
  },
)

describe.each(settings({ transport: 'http', generation: '2026-07-28' }))(
  'a client that was closed and connects anew, on the $name',
  ({ setting }) => {
    test('knows its tasks by their ids', async () => {
      const client = await (await serve(setting)).connect()
      const task = await client.callTool('hang', {}, { task: true })
      await client.close()
      await client.connect()
      expect(await client.tasks.list()).toMatchObject({ source: 'client', tasks: [{ id: task.id, status: 'working' }] })
      expect(await client.tasks.get(task.id)).toMatchObject({ id: task.id, status: 'working' })
      expect(await client.tasks.cancel(task.id)).toMatchObject({ status: 'cancelled' })
    })
  },
)
