import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Client } from '@longcall/client'
import { createTasks, memory, serveHttp, type TaskBackend, type Tasks } from '@longcall/server'
import { sqlite } from '@longcall/sqlite'
import { McpServer } from '@modelcontextprotocol/server'
import { serveRaw } from '../support/raw-modern.ts'
import { aborted } from '../support/watched-store.ts'

/** Tools whose end is in the test's hand. */
function gate(): { tools: (tasks: Tasks) => void; open: () => void; reasons: unknown[] } {
  let open = (): void => {}
  const opened = new Promise<string>((resolve) => {
    open = () => resolve('through')
  })
  const reasons: unknown[] = []
  const body = (signal: AbortSignal): Promise<string> =>
    Promise.race([opened, aborted(signal)]).catch((reason: unknown) => {
      reasons.push(reason)
      throw reason
    })
  const tools = (tasks: Tasks): void => {
    tasks.registerTool('gated', {}, (_args, { signal }) => body(signal))
    tasks.registerTool('again', { onCrash: 'rerun' }, (_args, { signal }) => body(signal))
  }
  return { tools, open: () => open(), reasons }
}

const started = (tasks: Tasks, id: string): Promise<true> =>
  tasks.runtime.until(id, (task) => (task?.attempt === 1 ? true : undefined))

test('closing waits for tasks that run, and takes no new ones', async () => {
  const { tools, open, reasons } = gate()
  const server = await serveRaw('memory', tools)
  const taskId = await server.start('gated')
  await started(server.tasks, taskId)
  const closing = server.tasks.close({ graceMs: 60_000 })
  const { error } = await server.call('gated')
  expect(error).toMatchObject({ code: -32_603, message: expect.stringContaining('shutting down') as string })
  open()
  await closing
  expect(await server.tasks.get(taskId)).toMatchObject({ status: 'completed' })
  expect(reasons).toEqual([])
})

test('what still runs when the time is up is told to stop: it fails honestly, or is handed back', async () => {
  const { tools, reasons } = gate()
  const server = await serveRaw('memory', tools)
  const [fails, again] = [await server.start('gated'), await server.start('again')]
  await Promise.all([started(server.tasks, fails), started(server.tasks, again)])
  await server.tasks.close({ graceMs: 0 })
  expect(reasons).toMatchObject([{ code: 'shutdown' }, { code: 'shutdown' }])
  expect(await server.tasks.get(fails)).toMatchObject({
    status: 'failed',
    statusMessage: expect.stringContaining('shuts down') as string,
  })
  expect(await server.tasks.get(again)).toMatchObject({ status: 'working' })
})

test.each(['legacy', '2026-07-28'] as const)(
  'a client of %s gets the result of a task that was drained',
  async (era) => {
    const { tools, open } = gate()
    const server = await serveRaw('http', tools)
    const client = await Client.connect(server.url, { era })
    const task = await client.callTool('gated', {}, { task: true })
    await started(server.tasks, task.id)
    const result = task.result()
    // Once it has asked for the result, it is connected for it.
    await task.status()
    const closing = server.tasks.close({ graceMs: 60_000 })
    open()
    expect((await result).content).toEqual([{ type: 'text', text: 'through' }])
    await closing
    await client.close()
  },
)

test.each([
  ['memory', 'legacy'],
  ['memory', '2026-07-28'],
  ['SQLite', 'legacy'],
  ['SQLite', '2026-07-28'],
] as const)('on %s, a client of %s that waits gets what was drained before its server is gone', async (kind, era) => {
  const folder = await mkdtemp(join(tmpdir(), 'longcall-draining-'))
  const backend: TaskBackend = kind === 'memory' ? memory() : sqlite(join(folder, 'tasks.db'))
  const { tools, open } = gate()
  const tasks = createTasks({ backend })
  tools(tasks)
  const server = await serveHttp(() => new McpServer({ name: 'drained', version: '1.0.0' }), { tasks, port: 0 })
  const client = await Client.connect(server.url, { era })
  const task = await client.callTool('gated', {}, { task: true })
  await started(tasks, task.id)
  const result = task.result()
  await task.status()
  const closing = server.close({ graceMs: 60_000 })
  open()
  expect((await result).content).toEqual([{ type: 'text', text: 'through' }])
  await Promise.all([closing, client.close()])
  await rm(folder, { recursive: true })
})
