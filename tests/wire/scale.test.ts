/** A thousand tasks in flight on one client, against a server in a process of its own. */
import { resolve } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  Client,
  TaskCancelledError,
  TaskFailedError,
  TaskUnreachableError,
  ToolError,
  type ToolTask,
} from '@longcall/client'
import { textOf } from '../support/answering.ts'
import { LISTENING, startProcess, type RunningProcess } from '../support/spawn-peer.ts'

let server: RunningProcess
const warnings: string[] = []
const warned = (warning: Error): unknown => warnings.push(warning.message)

beforeAll(async () => {
  process.on('warning', warned)
  // So seldom that news must come by push, and so often that a push that was missed costs no failure.
  const env = { POLL_INTERVAL: '5000', TTL: 'null' }
  const args = [resolve(import.meta.dirname, '../peers/dual-http.mjs')]
  server = await startProcess({ command: process.execPath, args, env }, LISTENING)
})
afterAll(async () => {
  process.off('warning', warned)
  await server.stop()
})

describe.each([
  { generation: '2025-11-25', era: 'legacy' },
  { generation: '2026-07-28', era: '2026-07-28' },
] as const)('on one connection of $generation over HTTP', ({ era }) => {
  test('a thousand tasks end, each with its own outcome, on few streams and with no pile of listeners', async () => {
    const client = await Client.connect(server.url!, { era })
    const tasks = await start(client, 1000)
    const endings = tasks.map(endingOf)
    const running = await Promise.all(tasks.map((task) => task.status()))
    expect(new Set(running.map(({ status }) => status))).toEqual(new Set(['working']))
    await each(tasks, ({ id }, index) => (index % 4 === 3 ? tell('cancel', id) : tell('finish', id, outcomeOf(index))))
    expect(await Promise.all(endings)).toEqual(Array.from(tasks, (_, index) => expectedOf(index)))
    const ids = new Set(tasks.map(({ id }) => id))
    const streams = (await log()).filter(({ taskIds }) => taskIds?.some((id) => ids.has(id)))
    expect(streams.length).toBeLessThanOrEqual(3)
    await client.close()
    expect(warnings).toEqual([])
  }, 90_000)

  test('nothing is kept of a task that ended and that nobody holds', async () => {
    const client = await Client.connect(server.url!, { era })
    const snapshots = await lastSnapshotsOf(client, 100)
    const gone = (): number => {
      collectGarbage()
      return snapshots.filter((snapshot) => snapshot.deref() === undefined).length
    }
    await expect.poll(gone, { timeout: 20_000 }).toBe(snapshots.length)
    expect(await client.tasks.list({ limit: 1 })).toMatchObject({ tasks: [{ id: expect.any(String) }] })
    await client.close()
  }, 60_000)

  test('all who wait for tasks are told when their client closes, and how to resume', async () => {
    const client = await Client.connect(server.url!, { era })
    const tasks = await start(client, 300)
    const waits = tasks.map(async (task) => task.result().catch((error: unknown) => error))
    await client.close()
    const errors = await Promise.all(waits)
    for (const [index, error] of errors.entries()) {
      expect(error).toBeInstanceOf(TaskUnreachableError)
      expect((error as TaskUnreachableError).reference).toMatchObject({ taskId: tasks[index]!.id })
    }
    expect(warnings).toEqual([])
  }, 60_000)
})

// In 2026-07-28 the SDK gives each request a signal of its own; here it does not.
test('thousands of plain calls to a 2025-11-25 server leave no listeners behind', async () => {
  const client = await Client.connect(server.url!, { era: 'legacy' })
  await each(Array.from({ length: 2500 }), async (_, index) => {
    expect(textOf(await client.callTool('greet', { name: String(index) }))).toBe(`Hello, ${index}!`)
  })
  await client.close()
  expect(warnings).toEqual([])
}, 60_000)

/** Asks the server, past the protocol, to do something to a task. */
async function tell(action: 'finish' | 'cancel', ...args: unknown[]): Promise<void> {
  const response = await fetch(new URL('/control', server.url), {
    method: 'POST',
    body: JSON.stringify({ action, args }),
  })
  expect(await response.json()).toEqual({ done: true })
}

/** What the server was asked; a subscription names its tasks. */
async function log(): Promise<{ taskIds?: string[] }[]> {
  const response = await fetch(new URL('/log', server.url))
  return (await response.json()) as { taskIds?: string[] }[]
}

/** The last snapshots of tasks that ran to their end, and whose handles are gone. */
async function lastSnapshotsOf(client: Client, count: number): Promise<WeakRef<object>[]> {
  const tasks = await start(client, count)
  const results = tasks.map((task) => task.result())
  await each(tasks, ({ id }) => tell('finish', id))
  await Promise.all(results)
  return tasks.map((task) => new WeakRef<object>(task.latest!))
}

async function start(client: Client, count: number): Promise<ToolTask[]> {
  return Promise.all(Array.from({ length: count }, () => client.callTool('hang', {}, { task: true })))
}

/** How the server is made to end the task with this number, when it is not cancelled. */
function outcomeOf(index: number): object {
  if (index % 4 === 2) return { error: { code: -32_050, message: `broke ${index}` } }
  return { result: { content: [{ type: 'text', text: `text ${index}` }], ...(index % 4 === 1 && { isError: true }) } }
}

function expectedOf(index: number): string {
  return [`text ${index}`, `tool error: text ${index}`, `failed: ${index}`, 'cancelled'][index % 4]!
}

async function endingOf(task: ToolTask): Promise<string | undefined> {
  try {
    return textOf(await task.result())
  } catch (error) {
    if (error instanceof ToolError) return `tool error: ${textOf(error.result)}`
    if (error instanceof TaskFailedError) return `failed: ${/broke (\d+)/.exec(error.message)?.[1]}`
    if (error instanceof TaskCancelledError) return 'cancelled'
    throw error
  }
}

/** Does it to each, some at a time. */
async function each<T>(items: readonly T[], work: (item: T, index: number) => Promise<void>): Promise<void> {
  const entries = items.entries()
  const worker = async (): Promise<void> => {
    for (const [index, item] of entries) await work(item, index)
  }
  await Promise.all(Array.from({ length: 25 }, worker))
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
