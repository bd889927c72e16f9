import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client, TaskNotFoundError } from '@longcall/client'
import type { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { ann, textOf } from '../support/answering.ts'
import { generations, startServer, useLab, type ServerProcess } from '../support/fault-lab.ts'

const peers = resolve(import.meta.dirname, '../peers')

describe.each(generations)('a server on HTTP that goes away (%s)', (generation) => {
  let server: ServerProcess
  beforeAll(async () => {
    server = await startServer('dual')
  })
  afterAll(() => server.stop())

  test('as when it is frozen is waited for until it goes on', async (context) => {
    const lab = await useLab(server.url, generation, context)
    const client = await lab.connect({ requestTimeoutMs: 300, ...ann() })
    const tasks = await Promise.all([
      client.callTool('slow', { ms: 100, label: 'it' }, { task: true }),
      client.callTool('two_rounds', {}, { task: true }),
    ])
    const results = Promise.all(tasks.map((task) => task.result()))
    const before = lab.times('tasks/get').length
    server.process.child.kill('SIGSTOP')
    try {
      // Each of these got no answer in time.
      await expect.poll(() => lab.times('tasks/get').length, { timeout: 20_000 }).toBeGreaterThan(before + 4)
    } finally {
      server.process.child.kill('SIGCONT')
    }
    expect((await results).map(textOf)).toEqual(['done it', 'Ann/Ann'])
  })

  test('as when the network is gone is waited for until it is back', async (context) => {
    const lab = await useLab(server.url, generation, context)
    const { asked, onElicitation } = ann()
    const client = await lab.connect({ onElicitation })
    const tasks = await Promise.all([
      client.callTool('slow', { ms: 100, label: 'it' }, { task: true }),
      client.callTool('two_rounds', {}, { task: true }),
    ])
    const results = Promise.all(tasks.map((task) => task.result()))
    const before = lab.times('tasks/get').length
    lab.proxy.retarget('http://127.0.0.1:9/mcp')
    lab.proxy.dropConnections()
    await expect.poll(() => lab.times('tasks/get').length).toBeGreaterThan(before + 6)
    lab.proxy.retarget(server.url)
    expect((await results).map(textOf)).toEqual(['done it', 'Ann/Ann'])
    expect(asked.toSorted()).toEqual(['round 1?', 'round 2?'])
  })

  test('killed, and replaced by one that knows nothing, is believed', async (context) => {
    const first = await startServer('dual')
    const second = await startServer('dual')
    context.onTestFinished(() => Promise.all([first.stop(), second.stop()]).then(() => {}))
    const lab = await useLab(first.url, generation, context)
    const client = await lab.connect()
    const task = await client.callTool('hang', {}, { task: true })
    const ended = task.result().catch((thrown: unknown) => thrown)
    const before = lab.times('tasks/get').length
    first.process.child.kill('SIGKILL')
    await expect.poll(() => lab.times('tasks/get').length).toBeGreaterThan(before + 3)
    lab.proxy.retarget(second.url)
    const error = await ended
    // Without sessions the task is asked for and unknown; with them it is the session that is unknown.
    if (generation === '2026-07-28') expect(error).toBeInstanceOf(TaskNotFoundError)
    else expect(error).toMatchObject({ code: 'task_unreachable', reference: { taskId: task.id } })
  })
})

describe.each([
  ['dual-stdio.mjs', '2025-11-25'],
  ['dual-stdio.mjs', '2026-07-28'],
  ['v1-stdio.mjs', '2025-11-25'],
] as const)('a server on stdio that is killed (%s, %s)', (peer, generation) => {
  async function connect(): Promise<{ client: Client; kill: () => void }> {
    const client = await Client.connect(
      { command: process.execPath, args: [resolve(peers, peer)], stderr: 'ignore' },
      { era: generation === '2025-11-25' ? 'legacy' : generation },
    )
    const { pid } = client.sdk.transport as StdioClientTransport
    return { client, kill: () => void process.kill(pid!, 'SIGKILL') }
  }

  test('is started again for those who wait, and believed that it knows nothing of their tasks', async () => {
    const { client, kill } = await connect()
    const tasks = await Promise.all([1, 2].map(() => client.callTool('hang', {}, { task: true })))
    const settled = Promise.allSettled(tasks.flatMap((task) => [task.result(), task.wait()]))
    await tasks[0]!.status()
    kill()
    for (const [index, wait] of (await settled).entries()) {
      const { id } = tasks[Math.floor(index / 2)]!
      expect(wait).toMatchObject({ status: 'rejected', reason: { code: 'task_not_found', taskId: id } })
    }
    expect((await client.listTools()).length).toBeGreaterThan(1)
    expect(client.isConnected).toBe(true)
    await client.close()
  })

  test('ends a call that is under way, and says what became of it, or that nobody knows', async () => {
    const { client, kill } = await connect()
    await client.listTools()
    // It runs for as long as the server lives.
    const call = client.callTool('hang', {}).catch((thrown: unknown) => thrown)
    await client.listTools()
    kill()
    const error = await call
    // A call that became a task is asked for.
    if (error instanceof TaskNotFoundError) expect(error.message).toContain('hang')
    else expect(error).toMatchObject({ code: 'request_lost', message: expect.stringContaining('not known') })
    await client.close()
  })
})
