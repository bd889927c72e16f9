/*
 * Two example servers of the TypeScript SDK v1, each with habits that no other peer has. Tasks of the one are born
 * `input_required`, put their question on the session's GET stream, and can neither be listed nor cancelled. The other
 * keeps a task exactly as long as it was asked to.
 */
import { describe, expect, test, vi } from 'vitest'
import {
  QuestionError,
  RpcError,
  TaskExpiredError,
  TaskNotFoundError,
  ToolError,
  type RunningReference,
  type ToolOperation,
} from '@longcall/client'
import { textOf } from '../support/answering.ts'
import { isMissing, sdkExample, sharedPeer } from '../support/third-party.ts'

const interactive = sdkExample('simpleTaskInteractive', 'PORT')
const streamable = sdkExample('simpleStreamableHttp', 'MCP_PORT')

describe.skipIf(isMissing(interactive, 'tasks that begin with a question'))('simpleTaskInteractive', () => {
  describe.concurrent('over http', () => {
    const peer = sharedPeer(interactive, 'http')
    const yes = { onElicitation: () => ({ action: 'accept', content: { confirm: true } }) as const }

    test('a task that is born with a question is answered and ends', async () => {
      const client = await peer.connect(yes)
      const task = await client.callTool('confirm_delete', { filename: 'a.txt' }, { task: true })
      expect(task.latest).toMatchObject({ status: 'input_required' })
      expect(textOf(await task.result())).toBe("Deleted 'a.txt'")
    })

    test('a plain call of a tool that asks gives its result', async () => {
      const client = await peer.connect({ onElicitation: () => ({ action: 'decline' }) })
      expect(textOf(await client.callTool('confirm_delete', { filename: 'a.txt' }))).toBe('Deletion cancelled')
    })

    test('a task has the host write with its model', async () => {
      const client = await peer.connect({
        onSampling: ({ messages }) => ({
          model: 'a model',
          role: 'assistant',
          content: { type: 'text', text: `on ${JSON.stringify(messages)}` },
        }),
      })
      const text = textOf(await client.callTool('write_haiku', { topic: 'rain' }))
      expect(text).toMatch(/^Haiku:\non .*Write a haiku about rain/)
    })

    test('a plain call without a handler says which one is missing, and its task can still be answered', async () => {
      const client = await peer.connect({ capabilities: { elicitation: { form: {} } } })
      const error = await client.callTool('confirm_delete', { filename: 'b.txt' }).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(QuestionError)
      const { message, reference } = error as QuestionError
      expect(message).toContain('pass onElicitation')
      const task = client.tasks.resume(reference as RunningReference<ToolOperation>)
      const result = task.result()
      await vi.waitFor(() => expect(task.questions()).toHaveLength(1), { timeout: 20_000 })
      await task.answer(task.questions()[0]!.key, { action: 'accept', content: { confirm: true } })
      expect(textOf(await result)).toBe("Deleted 'b.txt'")
    })

    test('tasks that cannot be listed are listed from memory, and one that cannot be cancelled says so', async () => {
      const client = await peer.connect({ capabilities: { elicitation: { form: {} } } })
      const task = await client.callTool('confirm_delete', { filename: 'c.txt' }, { task: true })
      expect(await client.tasks.list()).toMatchObject({
        source: 'client',
        tasks: [{ id: task.id, status: 'input_required' }],
      })
      const refusal = await task.cancel().catch((thrown: unknown) => thrown)
      expect(refusal).toBeInstanceOf(RpcError)
      expect(refusal).toMatchObject({ rpcCode: -32_601 })
      expect(await task.status()).toMatchObject({ status: 'input_required' })
    })

    test('a question that two clients could answer goes to the one whose task it is', async () => {
      const clients = await Promise.all(
        [true, false].map((confirm) =>
          peer.connect({ onElicitation: () => ({ action: 'accept', content: { confirm } }) }),
        ),
      )
      const results = await Promise.all(clients.map((client) => client.callTool('confirm_delete', { filename: 'd' })))
      expect(results.map(textOf)).toEqual(["Deleted 'd'", 'Deletion cancelled'])
    })
  })
})

describe.skipIf(isMissing(streamable, 'a ttl that the server keeps to'))('simpleStreamableHttp', () => {
  describe.concurrent('over http', () => {
    const peer = sharedPeer(streamable, 'http')

    test('a task runs to its end, and is kept as long as was asked for', async () => {
      const client = await peer.connect()
      const task = await client.callTool('delay', { duration: 300 }, { task: { ttlMs: 120_000 } })
      expect(task.latest).toMatchObject({ status: 'working', ttlMs: 120_000 })
      expect(textOf(await task.result())).toBe('Completed 300ms delay')
    })

    test('a task that its time to live ran out on has expired, and one that never was is not found', async () => {
      const client = await peer.connect()
      const task = await client.callTool('delay', { duration: 600_000 }, { task: { ttlMs: 400 } })
      await expect(task.result()).rejects.toBeInstanceOf(TaskExpiredError)
      await expect(task.status()).rejects.toBeInstanceOf(TaskExpiredError)
      await expect(client.tasks.get('no-such-task')).rejects.toBeInstanceOf(TaskNotFoundError)
    })

    test('a task whose question names no task is answered all the same', async () => {
      const client = await peer.connect({
        onElicitation: () => ({ action: 'accept', content: { name: 'Ann', email: 'ann@example.com' } }),
      })
      const result = await client.callTool('collect-user-info-task', { infoType: 'contact' })
      expect(textOf(result)).toContain('ann@example.com')
    })

    test('a tool that is never a task gives a handle of its immediate result', async () => {
      const client = await peer.connect()
      const task = await client.callTool('greet', { name: 'Ann' }, { task: true })
      expect(task.returnedImmediately).toBe(true)
      expect(textOf(await task.result())).toBe('Hello, Ann!')
    })

    test('arguments that the server refuses fail the call at once, as a task or not', async () => {
      const client = await peer.connect()
      await expect(client.callTool('greet', { name: 7 })).rejects.toBeInstanceOf(ToolError)
      // This SDK looks for a task in what it makes of the refusal, and reports that there is none.
      const call = client.callTool('delay', { duration: 'long' }, { task: true })
      await expect(call).rejects.toMatchObject({ code: 'rpc_error', rpcCode: -32_602 })
    })
  })
})
