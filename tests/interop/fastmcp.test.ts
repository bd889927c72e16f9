/*
 * FastMCP 4 with fastmcp-tasks: the one task server of 2026-07-28 that nobody here wrote and that can be had. It only
 * polls: it refuses `subscriptions/listen`, so that **push of 2026-07-28 has no independent peer** and is tested only
 * against the server in tests/peers. Its body ends with its question and runs again with the answer.
 */
import { describe, expect, test } from 'vitest'
import {
  QuestionError,
  TaskCancelledError,
  TaskNotFoundError,
  ToolError,
  WaitEndedError,
  type ElicitationRequest,
} from '@longcall/client'
import { ann, textOf } from '../support/answering.ts'
import { startFaultProxy } from '../support/fault-proxy.mjs'
import { isMissing, pythonPeer, sharedPeer } from '../support/third-party.ts'

const fastmcp = pythonPeer('FastMCP 4', 'fastmcp', 'fastmcp_server.py')

describe.skipIf(isMissing(fastmcp, 'tasks of 2026-07-28 on a server that only polls'))('FastMCP 4', () => {
  describe.concurrent.each(['stdio', 'http'] as const)('over %s', (transport) => {
    const peer = sharedPeer(fastmcp, transport)
    const era = '2026-07-28'

    test('a call that the server makes a task gives its result as if it were none', async () => {
      const client = await peer.connect()
      expect(client.protocolVersion).toBe('2026-07-28')
      expect(textOf(await client.callTool('slow', { ms: 300 }))).toBe('slow is done')
    })

    test('a handle shows the task at work, and gives its result', async () => {
      const client = await peer.connect({ era })
      const task = await client.callTool('slow', { ms: 600 }, { task: true })
      const seen: string[] = []
      for await (const { status } of task.updates()) if (seen.at(-1) !== status) seen.push(status)
      expect(seen).toEqual(['working', 'completed'])
      expect(textOf(await task.result())).toBe('slow is done')
    })

    test('a tool that fails ends in a completed task, and its error is thrown', async () => {
      const client = await peer.connect({ era })
      const task = await client.callTool('failing', {}, { task: true })
      const error = await task.result().catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(ToolError)
      expect((error as ToolError).message).toContain('disk full: 42 bytes left')
      expect(await task.status()).toMatchObject({ status: 'completed' })
    })

    test('a question in the middle of a task is answered, once, and the task goes on with the answer', async () => {
      const person = ann()
      const client = await peer.connect({ era, ...person })
      const task = await client.callTool('confirm', { filename: 'f' }, { task: true })
      expect(textOf(await task.result())).toBe('deleted f by Ann')
      expect(person.asked).toEqual(['Delete f? Type your name.'])
    })

    test('a plain call sees the question through, and a person may say no', async () => {
      const client = await peer.connect({ era, onElicitation: () => ({ action: 'decline' }) })
      expect(textOf(await client.callTool('confirm', { filename: 'f' }))).toBe('deleted f by decline')
    })

    test('a task waits with its question until it is answered by hand', async () => {
      const client = await peer.connect({ era, capabilities: { elicitation: { form: {} } } })
      const task = await client.callTool('confirm', { filename: 'f' }, { task: true })
      await task.wait({ until: 'input_required' })
      const [question] = task.questions()
      expect(question).toMatchObject({ method: 'elicitation/create' })
      expect((question!.params as ElicitationRequest).message).toBe('Delete f? Type your name.')
      await task.answer(question!.key, { action: 'accept', content: { name: 'Bob' } })
      expect(textOf(await task.result())).toBe('deleted f by Bob')
    })

    test('a plain call without a handler says which one is missing, and leaves the task open', async () => {
      const client = await peer.connect({ era, capabilities: { elicitation: { form: {} } } })
      const error = await client.callTool('confirm', { filename: 'f' }).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(QuestionError)
      const { reference } = error as QuestionError
      expect(await client.tasks.resume(reference!).status()).toMatchObject({ status: 'input_required' })
    })

    test('a tool that must be a task is one, and a tool that never is answers at once', async () => {
      const client = await peer.connect({ era })
      const must = await client.callTool('required', {}, { task: true })
      expect(must.returnedImmediately).toBe(false)
      expect(textOf(await must.result())).toBe('required is done')
      const never = await client.callTool('forbidden', {}, { task: true })
      expect(never.returnedImmediately).toBe(true)
      expect(textOf(await never.result())).toBe('never a task')
    })

    test('a cancelled task ends as cancelled', async () => {
      const client = await peer.connect({ era })
      const task = await client.callTool('slow', { ms: 600_000 }, { task: true })
      await task.cancel()
      await expect(task.result()).rejects.toBeInstanceOf(TaskCancelledError)
      expect(await task.cancel()).toMatchObject({ status: 'cancelled' })
      await expect(task.wait({ until: 'completed' })).rejects.toBeInstanceOf(WaitEndedError)
    })

    test('a task that waits for an answer can be cancelled', async () => {
      const client = await peer.connect({ era, capabilities: { elicitation: { form: {} } } })
      const task = await client.callTool('confirm', { filename: 'f' }, { task: true })
      await task.wait({ until: 'input_required' })
      await task.cancel()
      await expect(task.result()).rejects.toBeInstanceOf(TaskCancelledError)
      expect(task.questions()).toEqual([])
    })

    test('an id that the server never gave is not found', async () => {
      const client = await peer.connect({ era })
      await expect(client.tasks.get('no-such-task')).rejects.toBeInstanceOf(TaskNotFoundError)
      await expect(client.tasks.cancel('no-such-task')).rejects.toBeInstanceOf(TaskNotFoundError)
    })

    test('tasks side by side all end, and are listed from memory, since the server keeps no list', async () => {
      const client = await peer.connect({ era })
      const tasks = await Promise.all([50, 100, 150, 200].map((ms) => client.callTool('slow', { ms }, { task: true })))
      const results = await Promise.all(tasks.map((task) => task.result()))
      expect(results.map(textOf)).toEqual(Array.from(tasks, () => 'slow is done'))
      const listing = await client.tasks.list()
      expect(listing.source).toBe('client')
      expect(new Set(listing.tasks.map(({ id }) => id))).toEqual(new Set(tasks.map(({ id }) => id)))
      expect(listing.tasks.map(({ status }) => status)).toEqual(Array.from(tasks, () => 'completed'))
    })
  })

  describe('over http', () => {
    const peer = sharedPeer(fastmcp, 'http')

    test('a server that refuses to push is asked to once, and its tasks are polled', async () => {
      const proxy = await startFaultProxy(peer.url)
      try {
        const errors: Error[] = []
        const client = await peer.connect({ era: '2026-07-28', onError: (error) => errors.push(error) }, proxy.url)
        for (const _ of [1, 2, 3]) expect(textOf(await client.callTool('slow', { ms: 150 }))).toBe('slow is done')
        const sent = proxy.log.filter(({ direction }) => direction === 'request').map(({ method }) => method)
        expect(sent.filter((method) => method === 'subscriptions/listen')).toHaveLength(1)
        expect(sent.filter((method) => method === 'tasks/get').length).toBeGreaterThanOrEqual(3)
        expect(errors).toEqual([])
        await client.close()
      } finally {
        await proxy.close()
      }
    })

    test('a task is picked up by its reference in another client, with its question', async () => {
      const first = await peer.connect({ capabilities: { elicitation: { form: {} } } })
      const task = await first.callTool('confirm', { filename: 'f' }, { task: true })
      await task.wait({ until: 'input_required' })
      const reference = JSON.stringify(task)
      await first.close()
      const person = ann()
      const second = await peer.connect(person)
      const resumed = second.tasks.resume(JSON.parse(reference) as ReturnType<typeof task.toJSON>)
      expect(textOf(await resumed.result())).toBe('deleted f by Ann')
      expect(person.asked).toHaveLength(1)
    })

    test('a client of 2025-11-25, which the server gives no tasks, gets results at once', async () => {
      const client = await peer.connect({ era: 'legacy' })
      const task = await client.callTool('slow', { ms: 50 }, { task: true })
      expect(task.returnedImmediately).toBe(true)
      expect(textOf(await task.result())).toBe('slow is done')
      await expect(client.callTool('required')).rejects.toMatchObject({ rpcCode: -32_021 })
    })
  })
})
