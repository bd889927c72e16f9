/*
 * The experimental tasks of the Python SDK v1 (2025-11-25). A task that fails or is cancelled answers `tasks/result` with
 * an empty result, so only the status tells what happened; over HTTP, questions come on the stream of `tasks/result`.
 */
import { describe, expect, test, vi } from 'vitest'
import {
  QuestionError,
  TaskCancelledError,
  TaskFailedError,
  TaskNotFoundError,
  type ClientOptions,
  type RunningReference,
  type ToolOperation,
} from '@longcall/client'
import { ann, textOf } from '../support/answering.ts'
import { isMissing, pythonPeer, sharedPeer } from '../support/third-party.ts'

const mcp1 = pythonPeer('the Python SDK v1', 'mcp1', 'mcp1_server.py')

describe.skipIf(isMissing(mcp1, 'tasks of 2025-11-25 as the Python SDK has them'))('the Python SDK v1', () => {
  describe.concurrent.each(['stdio', 'http'] as const)('over %s', (transport) => {
    const peer = sharedPeer(mcp1, transport)
    const era = 'legacy'
    const poet: ClientOptions = {
      onSampling: () => ({ model: 'a model', role: 'assistant', content: { type: 'text', text: 'rain on the roof' } }),
    }

    test('a plain call of a tool that must be a task gives its result', async () => {
      const client = await peer.connect()
      expect(client.protocolVersion).toBe('2025-11-25')
      const said: (string | undefined)[] = []
      const result = await client.callTool('work', { ms: 1200 }, { onProgress: ({ message }) => said.push(message) })
      expect(textOf(result)).toBe('work is done')
      expect(said).toContain('working on it')
    })

    test('a handle shows the task at work, and gives its result', async () => {
      const client = await peer.connect({ era })
      const task = await client.callTool('work', { ms: 300 }, { task: { ttlMs: 120_000 } })
      expect(task.latest).toMatchObject({ id: task.id, status: 'working', ttlMs: 120_000 })
      expect(await task.wait()).toMatchObject({ status: 'completed' })
      expect(textOf(await task.result())).toBe('work is done')
    })

    test('a question in the middle of a task is answered, once, and the task goes on with the answer', async () => {
      const person = ann()
      const client = await peer.connect({ era, ...person })
      const task = await client.callTool('ask', {}, { task: true })
      expect(textOf(await task.result())).toBe('hello Ann')
      expect(person.asked).toEqual(['name?'])
    })

    test('a plain call sees the question through, and a person may say no', async () => {
      const client = await peer.connect({ era, onElicitation: () => ({ action: 'decline' }) })
      expect(textOf(await client.callTool('ask'))).toBe('hello decline')
    })

    test('a task has the host write with its model', async () => {
      const client = await peer.connect({ era, ...poet })
      expect(textOf(await client.callTool('sample'))).toBe('sampled rain on the roof')
    })

    test('a task waits with its question until it is answered by hand', async () => {
      const client = await peer.connect({ era, capabilities: { elicitation: { form: {} } } })
      const error = await client.callTool('ask').catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(QuestionError)
      const task = client.tasks.resume((error as QuestionError).reference as RunningReference<ToolOperation>)
      const result = task.result()
      await vi.waitFor(() => expect(task.questions()).toHaveLength(1), { timeout: 20_000 })
      await task.answer(task.questions()[0]!.key, { action: 'accept', content: { name: 'Bob' } })
      expect(textOf(await result)).toBe('hello Bob')
    })

    test('a body that throws fails its task, and the caller learns why', async () => {
      const client = await peer.connect({ era })
      const task = await client.callTool('fail', {}, { task: true })
      const error = await task.result().catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(TaskFailedError)
      expect((error as TaskFailedError).message).toContain('disk full: 42 bytes left')
      expect(await task.status()).toMatchObject({ status: 'failed' })
    })

    test('a cancelled task stays cancelled', async () => {
      const client = await peer.connect({ era })
      const task = await client.callTool('long', {}, { task: true })
      const waiting = task.result()
      waiting.catch(() => {})
      expect(await task.cancel()).toMatchObject({ status: 'cancelled' })
      await expect(waiting).rejects.toBeInstanceOf(TaskCancelledError)
      expect(await task.cancel()).toMatchObject({ status: 'cancelled' })
    })

    test('the server lists the tasks of its session', async () => {
      const client = await peer.connect({ era })
      const tasks = await Promise.all([1, 2, 3].map((ms) => client.callTool('work', { ms }, { task: true })))
      await Promise.all(tasks.map((task) => task.result()))
      const { source, tasks: listed } = await client.tasks.list()
      expect(source).toBe('server')
      expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining(tasks.map(({ id }) => id)))
    })

    test('an id that the server never gave is not found', async () => {
      const client = await peer.connect({ era })
      await expect(client.tasks.get('no-such-task')).rejects.toBeInstanceOf(TaskNotFoundError)
    })
  })

  describe.concurrent('over http, from another client', () => {
    const peer = sharedPeer(mcp1, 'http')

    test('a task is picked up by its reference, with its question', async () => {
      const first = await peer.connect({ capabilities: { elicitation: { form: {} } } })
      const task = await first.callTool('ask', {}, { task: true })
      const reference = JSON.stringify(task)
      await first.close()
      const person = ann()
      const second = await peer.connect(person)
      const resumed = second.tasks.resume(JSON.parse(reference) as ReturnType<typeof task.toJSON>)
      expect(textOf(await resumed.result())).toBe('hello Ann')
      expect(person.asked).toHaveLength(1)
    })
  })
})
