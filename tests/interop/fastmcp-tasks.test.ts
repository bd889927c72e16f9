/*
 * FastMCP 2.14 and 3, on 2025-11-25: the servers in use whose prompts and resources run as tasks. They push each change of
 * status; a question of a task is a plain request that names no task; why a task failed is told by the result of a tool,
 * whatever failed. In 3, what was read from a template as a task says that it is at the template instead of at the URI, which
 * the client mends, and prompts that run as tasks get their arguments as texts. 2.14 gives a prompt an empty description as a
 * task, forgets the MIME type of a blob, and its tasks cannot ask.
 */
import { describe, expect, test } from 'vitest'
import { TaskCancelledError, TaskFailedError, TaskNotFoundError, ToolError, type Client } from '@longcall/client'
import { textOf } from '../support/answering.ts'
import { isMissing, pythonPeer, sharedPeer } from '../support/third-party.ts'

const script = 'fastmcp_task_server.py'
const fastmcp3 = pythonPeer('FastMCP 3', 'fastmcp3', script)
const fastmcp2 = pythonPeer('FastMCP 2.14', 'fastmcp2', script)

const asked = [
  {
    what: 'a tool',
    task: (client: Client) => client.callTool('slow', {}, { task: true }),
    plain: (client: Client) => client.callTool('slow'),
  },
  {
    what: 'a prompt',
    task: (client: Client) => client.getPrompt('greet', { name: 'Ann', ms: 100 }, { task: true }),
    plain: (client: Client) => client.getPrompt('greet', { name: 'Ann', ms: 100 }),
  },
  ...['report://today', 'report://picture', 'report://cities/Rome', 'report://cities/S%C3%A3o%20Paulo'].map((uri) => ({
    what: uri,
    task: (client: Client) => client.readResource(uri, { task: true }),
    plain: (client: Client) => client.readResource(uri),
  })),
]

/** Without the empty description that only a task of 2.14 has. */
const withoutDescription = (result: unknown): string =>
  JSON.stringify(result, (key, value: unknown) => (key === 'description' && value === '' ? undefined : value))

describe.skipIf(isMissing(fastmcp2, 'prompts and resources as tasks, as they were first'))('FastMCP 2.14', () => {
  describe.concurrent('over stdio', () => {
    const peer = sharedPeer(fastmcp2, 'stdio')

    const kept = asked.filter(({ what }) => what !== 'report://picture')

    test.each(kept)('$what as a task gives what it gives without', async ({ task, plain }) => {
      const client = await peer.connect()
      const handle = await task(client)
      expect(handle.returnedImmediately).toBe(false)
      expect(withoutDescription(await handle.result())).toBe(withoutDescription(await plain(client)))
    })

    test('what forbids tasks is answered at once, and what fails says why', async () => {
      const client = await peer.connect()
      const forbidden = await client.getPrompt('forbidden', {}, { task: true })
      expect(forbidden.returnedImmediately).toBe(true)
      const failing = await client.readResource('report://failing', { task: true })
      await expect(failing.result()).rejects.toThrow('of resource "report://failing" failed: disk full: 42 bytes left')
    })
  })
})

describe.skipIf(isMissing(fastmcp3, 'prompts and resources as tasks'))('FastMCP 3', () => {
  describe.concurrent.each(['stdio', 'http'] as const)('over %s', (transport) => {
    const peer = sharedPeer(fastmcp3, transport)

    test.each(asked)('$what as a task gives what it gives without', async ({ task, plain }) => {
      const client = await peer.connect()
      expect(client.protocolVersion).toBe('2025-11-25')
      const handle = await task(client)
      expect(handle.returnedImmediately).toBe(false)
      const seen: string[] = []
      for await (const { status } of handle.updates()) if (seen.at(-1) !== status) seen.push(status)
      expect(seen).toEqual(['working', 'completed'])
      expect(await handle.result()).toEqual(await plain(client))
      expect(await client.tasks.result(handle.id)).toEqual(await plain(client))
    })

    test('tasks side by side all end, each with its own result', async () => {
      const client = await peer.connect()
      const names = ['Ann', 'Bob', 'Cleo', 'Dan']
      const tasks = await Promise.all(names.map((name) => client.getPrompt('greet', { name }, { task: true })))
      const results = await Promise.all(tasks.map((task) => task.result()))
      const texts = results.map(({ messages: [message] }) => message?.content)
      expect(texts).toEqual(names.map((name) => ({ type: 'text', text: `Greet ${name}.` })))
      expect(new Set(tasks.map(({ id }) => id)).size).toBe(4)
    })

    test('what forbids tasks is answered at once', async () => {
      const client = await peer.connect()
      const tool = await client.callTool('forbidden', {}, { task: true })
      const prompt = await client.getPrompt('forbidden', {}, { task: true })
      const resource = await client.readResource('report://forbidden', { task: true })
      for (const task of [tool, prompt, resource]) {
        expect(task.returnedImmediately).toBe(true)
        expect(await task.status()).toMatchObject({ status: 'completed' })
        expect(JSON.stringify(await task.result())).toContain('never a task')
      }
    })

    test('a prompt that must be a task is one, and refuses a plain call', async () => {
      const client = await peer.connect()
      await expect(client.getPrompt('required')).rejects.toMatchObject({ rpcCode: -32_601 })
      const task = await client.getPrompt('required', {}, { task: true })
      expect(JSON.stringify(await task.result())).toContain('required is done')
    })

    test('what is not there rejects with an error of the protocol', async () => {
      const client = await peer.connect()
      await expect(client.getPrompt('none', {}, { task: true })).rejects.toMatchObject({ code: 'rpc_error' })
      await expect(client.readResource('report://none', { task: true })).rejects.toMatchObject({ code: 'rpc_error' })
      await expect(client.tasks.get('no-such-task')).rejects.toBeInstanceOf(TaskNotFoundError)
    })

    test('a task that fails is an error with the reason, which names the prompt or resource', async () => {
      const client = await peer.connect()
      const tool = await client.callTool('failing', {}, { task: true })
      await expect(tool.result()).rejects.toBeInstanceOf(ToolError)
      const prompt = await client.getPrompt('failing', {}, { task: true })
      const resource = await client.readResource('report://failing', { task: true })
      for (const [task, name] of [
        [prompt, 'prompt "failing"'],
        [resource, 'resource "report://failing"'],
      ] as const) {
        const error: unknown = await task.result().catch((thrown: unknown) => thrown)
        expect(error).toBeInstanceOf(TaskFailedError)
        expect((error as Error).message).toContain(`of ${name} failed: disk full: 42 bytes left`)
      }
    })

    test('a cancelled task ends as cancelled', async () => {
      const client = await peer.connect()
      const tasks = [
        await client.callTool('slow', { ms: 600_000 }, { task: true }),
        await client.getPrompt('greet', { name: 'Ann', ms: 600_000 }, { task: true }),
        await client.readResource('report://endless', { task: true }),
      ]
      for (const task of tasks) {
        expect(await task.cancel()).toMatchObject({ status: 'cancelled' })
        await expect(task.result()).rejects.toBeInstanceOf(TaskCancelledError)
      }
    })

    test('a question of a task is answered by the handler, once', async () => {
      const questions: string[] = []
      const client = await peer.connect({
        onElicitation: ({ message }) => {
          questions.push(message)
          return { action: 'accept', content: { value: 'Ann' } }
        },
      })
      const task = await client.callTool('confirm', { filename: 'f' }, { task: true })
      expect(textOf(await task.result())).toBe('deleted f by Ann')
      expect(questions).toEqual(['Delete f? Type your name.'])
    })

    test('a person may say no to the question of a task', async () => {
      const client = await peer.connect({ onElicitation: () => ({ action: 'decline' }) })
      const task = await client.callTool('confirm', { filename: 'f' }, { task: true })
      expect(textOf(await task.result())).toBe('deleted f by decline')
    })
  })

  describe('over http', () => {
    const peer = sharedPeer(fastmcp3, 'http')

    test.each(asked)('$what is picked up by its reference in another client', async ({ task, plain }) => {
      const first = await peer.connect()
      const handle = await task(first)
      const reference = JSON.stringify(handle)
      await first.close()
      const second = await peer.connect()
      const resumed = second.tasks.resume(JSON.parse(reference) as ReturnType<typeof handle.toJSON>)
      expect(resumed).toMatchObject({ method: handle.method, id: handle.id })
      expect(await resumed.result()).toEqual(await plain(second))
    })
  })
})
