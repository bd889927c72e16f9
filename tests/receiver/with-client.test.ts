import { resolve } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  Client,
  ToolError,
  type ClientOptions,
  type Target,
  type TaskReference,
  type ToolOperation,
} from '@longcall/client'
import { serveHttp, serveTransport } from '@longcall/server'
import { InMemoryTransport } from '@modelcontextprotocol/client'
import { plainServer } from '../support/raw-modern.ts'
import { createClientTools } from './peers/client-tools.mjs'

const transports = ['memory', 'stdio', 'http'] as const
const eras = ['legacy', '2026-07-28'] as const
const settings = transports.flatMap((transport) => eras.map((era) => ({ transport, era })))

interface Setting {
  readonly transport: (typeof transports)[number]
  readonly era: (typeof eras)[number]
}

/** Starts the tools, and gives what makes clients of them. */
async function serve(
  { transport, era }: Setting,
  pollIntervalMs = 20,
): Promise<(options?: ClientOptions) => Promise<Client>> {
  const target = await targetOf(transport, pollIntervalMs)
  return async (options = {}) => {
    const client = await Client.connect(target(), { era, ...options })
    onTestFinished(() => client.close())
    return client
  }
}

async function targetOf(transport: Setting['transport'], pollIntervalMs: number): Promise<() => Target> {
  if (transport === 'stdio') {
    const script = resolve(import.meta.dirname, 'peers/client-stdio.mjs')
    const env = { POLL_INTERVAL: String(pollIntervalMs) }
    return () => ({ command: process.execPath, args: [script], env })
  }
  const tasks = createClientTools({ pollIntervalMs, limits: { maxOpenPerOwner: 1_000 } })
  if (transport === 'http') {
    const endpoint = await serveHttp(plainServer, { tasks, port: 0 })
    onTestFinished(() => endpoint.close({ graceMs: 0 }))
    return () => endpoint.url
  }
  onTestFinished(() => tasks.close({ graceMs: 0 }))
  return () => {
    const [ours, theirs] = InMemoryTransport.createLinkedPair()
    const pipe = serveTransport(plainServer, theirs, { tasks })
    onTestFinished(() => pipe.close())
    return ours
  }
}

const accepting =
  (name: (message: string) => string) =>
  ({ message }: { readonly message: string }) => ({ action: 'accept' as const, content: { name: name(message) } })

const textOf = ({ content }: { readonly content: readonly unknown[] }): string =>
  content.map((block) => (block as { text: string }).text).join('\n')

describe.each(settings)('our client of $era over $transport', (setting) => {
  test('runs a task to its end, and sees its states on the way', async () => {
    const client = await (await serve(setting))()
    const task = await client.callTool('wait', { door: 'a' }, { task: true })
    expect(task.returnedImmediately).toBe(false)
    expect(await task.status()).toMatchObject({ status: 'working' })
    await client.callTool('open', { door: 'a' })
    expect(textOf(await task.result())).toBe('through a')
    expect(await task.status()).toMatchObject({ status: 'completed' })
  })

  test('calls a tool plainly', async () => {
    const client = await (await serve(setting))()
    expect(textOf(await client.callTool('echo', { n: 4 }))).toBe('echo 4')
  })

  test.each([true, false])('answers questions, two of them at once (as a task: %s)', async (asTask) => {
    const client = await (await serve(setting))({ onElicitation: accepting((message) => message.replace('?', '')) })
    const call = async (tool: string): Promise<string> =>
      textOf(
        asTask ? await (await client.callTool(tool, {}, { task: true })).result() : await client.callTool(tool, {}),
      )
    expect(await call('ask')).toBe('hello name')
    expect(await call('two')).toBe('first last')
  })

  test('hears how far a task is', async () => {
    const client = await (await serve(setting))()
    const heard: string[] = []
    const task = await client.callTool(
      'steps',
      {},
      {
        task: true,
        onProgress: ({ message }) => {
          // Where there are no progress notifications, the status message says both: the words, and how far.
          const [said = ''] = message?.split(' (') ?? []
          heard.push(said)
          void client.callTool('open', { door: said })
        },
      },
    )
    expect(textOf(await task.result())).toBe('stepped')
    expect([...new Set(heard)]).toEqual([1, 2, 3].map((step) => `step ${step} of 3`))
  })

  test('hears of a question and of the end by push, where it would not have asked for long', async () => {
    // Longer than any test may take: what comes sooner was not polled.
    const connect = await serve(setting, 120_000)
    const client = await connect({ onElicitation: accepting(() => 'Ann') })
    const task = await client.callTool('ask', {}, { task: true })
    expect(task.latest?.pollIntervalMs).toBe(120_000)
    expect(textOf(await task.result())).toBe('hello Ann')
  })

  test('cancels a task', async () => {
    const client = await (await serve(setting))()
    const task = await client.callTool('wait', { door: 'never' }, { task: true })
    expect(await task.cancel()).toMatchObject({ status: 'cancelled' })
    await expect(task.result()).rejects.toMatchObject({ code: 'task_cancelled' })
  })

  test.each([true, false])('gets the failure that a tool reports (as a task: %s)', async (asTask) => {
    const client = await (await serve(setting))()
    const call = asTask
      ? client.callTool('refuse', {}, { task: true }).then((task) => task.result())
      : client.callTool('refuse', {})
    const error = await call.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(ToolError)
    expect((error as ToolError).message).toContain('disk full: 42 bytes left')
  })

  test.each([true, false])('gets a protocol error as it is (as a task: %s)', async (asTask) => {
    const client = await (await serve(setting))()
    if (asTask) {
      const task = await client.callTool('break', {}, { task: true })
      const rpcError = { code: -32_050, message: 'kaboom', data: { where: 'worker-3' } }
      await expect(task.result()).rejects.toMatchObject({ code: 'task_failed', rpcError })
    } else {
      const call = client.callTool('break', {})
      const rpcError = { rpcCode: -32_050, rpcMessage: 'kaboom', data: { where: 'worker-3' } }
      await expect(call).rejects.toMatchObject(setting.era === 'legacy' ? rpcError : { rpcError: { code: -32_050 } })
    }
  })

  test('has two hundred tasks at once', async () => {
    const client = await (await serve(setting))()
    const numbers = Array.from({ length: 200 }, (_, n) => n)
    const tasks = await Promise.all(numbers.map((n) => client.callTool('echo', { n }, { task: true })))
    expect(new Set(tasks.map(({ id }) => id)).size).toBe(200)
    const results = await Promise.all(tasks.map((task) => task.result()))
    expect(results.map(textOf)).toEqual(numbers.map((n) => `echo ${n}`))
  })
})

describe.each(settings.filter(({ transport }) => transport !== 'stdio'))(
  'our client of $era over $transport',
  (setting) => {
    test('picks up a task that another client started and whose question it left open', async () => {
      const connect = await serve(setting)
      const first = await connect({ capabilities: { elicitation: {} } })
      const started = await first.callTool('ask', {}, { task: true })
      await started.wait({ until: 'input_required' })
      const saved = JSON.stringify(started)
      await first.close()
      const second = await connect({ onElicitation: accepting(() => 'Bob') })
      const task = second.tasks.resume(JSON.parse(saved) as TaskReference<ToolOperation>)
      expect(textOf(await task.result())).toBe('hello Bob')
    })
  },
)
