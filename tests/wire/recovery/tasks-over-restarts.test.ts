import { describe, test } from 'vitest'
import type { RunningReference } from '@longcall/client'
import { textOf } from '../../support/answering.ts'
import { MortalServer, mortalSettings } from '../../support/mortal-server.ts'

/** For tests that run side by side: as much time as a slow machine may need. */
const soon = { interval: 10, timeout: 20_000 }

const durable = { TASKS: 'tasks.db' }

describe.concurrent.each(mortalSettings({ peer: 'longcall' }))(
  'on the $name that keeps its tasks in a file',
  ({ setting }) => {
    const { era } = setting

    test('who waits for a task waits on over a restart, and gets its result', async ({ onTestFinished, expect }) => {
      const server = await MortalServer.start(setting, durable, onTestFinished)
      const client = await server.connect({ era })
      const task = await client.callTool('job', {}, { task: true })
      const waits = [task.result(), client.tasks.result(task.id)]
      await expect.poll(() => server.requests('tasks/get').length, soon).toBeGreaterThan(0)
      await server.restart()
      await expect.poll(() => server.lives.length, soon).toBe(2)
      server.openDoor()
      for (const result of await Promise.all(waits)) expect(textOf(result)).toBe('life 2')
      expect(task.latest).toMatchObject({ id: task.id, status: 'completed' })
    })

    test('a plain call that became a task is seen through over a restart', async ({ onTestFinished, expect }) => {
      const server = await MortalServer.start(setting, durable, onTestFinished)
      const client = await server.connect({ era, preferTasks: true })
      const call = client.callTool('job')
      await expect.poll(() => server.requests('tasks/get').length, soon).toBeGreaterThan(0)
      await server.restart()
      await expect.poll(() => server.lives.length, soon).toBe(2)
      server.openDoor()
      expect(textOf(await call)).toBe('life 2')
    })

    test('a reference whose session died with the server is picked up by a client that is new to it', async ({
      onTestFinished,
      expect,
    }) => {
      const server = await MortalServer.start(setting, durable, onTestFinished)
      const first = await server.connect({ era })
      const task = await first.callTool('job', {}, { task: true })
      const reference = JSON.parse(JSON.stringify(task)) as ReturnType<typeof task.toJSON>
      await server.kill()
      await first.close({ force: true })
      if (setting.transport === 'http') await server.rise()
      const second = await server.connect({ era })
      server.openDoor()
      expect(textOf(await second.tasks.resume(reference).result())).toBe('life 2')
    })
  },
)

describe.concurrent.each(mortalSettings({ peer: 'longcall' }))(
  'on the $name that keeps its tasks in memory',
  ({ setting }) => {
    const { era } = setting

    test('who waits for a task that a restart took away is told, with its reference', async ({
      onTestFinished,
      expect,
    }) => {
      const server = await MortalServer.start(setting, {}, onTestFinished)
      const client = await server.connect({ era })
      const task = await client.callTool('job', {}, { task: true })
      const wait = task.result().catch((error: unknown) => error)
      await expect.poll(() => server.requests('tasks/get').length, soon).toBeGreaterThan(0)
      const reference = task.toJSON()
      await server.restart()
      const { session } = reference as RunningReference
      const gone =
        session === undefined
          ? { code: 'task_not_found' }
          : { code: 'task_unreachable', reference: { taskId: task.id, session } }
      expect(await wait).toMatchObject(gone)
      expect((await client.listTools()).length).toBe(6)
      await expect(client.tasks.get(task.id)).rejects.toMatchObject(gone)
    })
  },
)
