/*
 * A client on the TypeScript SDK v1 (2025-11-25) with a task store of its own, which answers our server's questions in
 * tasks. One that is given a `taskMessageQueue`, too, cannot be asked by a task: what it answers to a request that names
 * one it puts in that queue, to be fetched by nobody (over stdio), or it looks for the server's task in its own store and
 * refuses (over HTTP). The SDK's own server fares no better with it.
 */
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { InMemoryTaskMessageQueue, InMemoryTaskStore } from '@modelcontextprotocol/sdk/experimental/tasks'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import {
  CallToolResultSchema,
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  type CallToolResult,
  type ClientNotification,
  type ClientRequest,
  type Result,
} from '@modelcontextprotocol/sdk/types.js'
import { serveHttp, serveTransport } from '@longcall/server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createAskingTools } from '../peers/asking-tools.mjs'
import { buildV1Server, serveV1Http } from '../peers/v1-server.mjs'
import { expectSoon, gate } from '../support/answering.ts'
import { plainServer } from '../support/raw-modern.ts'
import { readStream, textOf } from './sdk-v1.ts'

const relatedTask = 'io.modelcontextprotocol/related-task'
const ways = ['memory', 'http'] as const
type Way = (typeof ways)[number]

const cells = [
  { tool: 'plain', asTask: false },
  { tool: 'tasked', asTask: true },
] as const

describe.each(ways)('a client on the TypeScript SDK v1 that runs tasks, over %s', (way) => {
  describe.each(cells)('asked by a $tool tool', ({ asTask }) => {
    test('plainly, answers plainly', async () => {
      const { client, asked } = await meet(way)
      expect(await call(client, 'name_plainly', asTask)).toBe('hello Ann')
      expect(asked).toMatchObject([{ way: 'plainly' }])
    })

    test('for an answer in a task, is polled to its end', async () => {
      const { client, asked } = await meet(way)
      expect(await call(client, 'name_as_task', asTask)).toBe('hello Ann')
      expect(asked).toMatchObject([{ way: 'in a task' }])
    })

    test('for a message of its model in a task, is polled to its end', async () => {
      const { client, asked } = await meet(way)
      expect(await call(client, 'poem_as_task', asTask)).toBe('Roses are red.')
      expect(asked).toMatchObject([{ way: 'in a task', task: { ttl: 60_000 } }])
    })

    test('twice at once, answers each question in its own way', async () => {
      const { client, asked } = await meet(way)
      expect(await call(client, 'both_at_once', asTask)).toBe('hello Ann, hello Ann')
      expect(new Set(asked.map((question) => question.way))).toEqual(new Set(['in a task', 'plainly']))
    })

    test('has its task cancelled when that gives up asking', async () => {
      const { client, store } = await meet(way, { answers: gate().opened })
      expect(await call(client, 'name_in_time', asTask)).toBe('gave up: question_timeout')
      await expectSoon(async () => (await store.listTasks()).tasks.map(({ status }) => status)).toEqual(['cancelled'])
    })

    test('names the related task of the question, where there is one', async () => {
      const { client, asked } = await meet(way)
      await call(client, 'name_as_task', asTask)
      expect(asked[0]?.related).toEqual(asTask ? { taskId: expect.any(String) } : undefined)
    })
  })

  test.each(cells)('fails its task, and a $tool tool that asked learns why', async ({ asTask }) => {
    const { client } = await meet(way, { answers: Promise.reject(new Error('no eyes')) })
    // Its store keeps no errors: of a task that failed, only the status message says anything.
    expect(await call(client, 'what_went_wrong', asTask)).toMatch(/has no result stored: no eyes/)
  })

  describe('and has a queue of messages', () => {
    test('answers what a tool asks before there is a task, be it plain or in a task', async () => {
      const { client, asked } = await meet(way, { queue: new InMemoryTaskMessageQueue() })
      expect(await call(client, 'name_before_the_task', true)).toBe('hello Ann and Ann')
      expect(asked).toMatchObject([
        { way: 'plainly', related: undefined },
        { way: 'in a task', related: undefined },
      ])
    })

    test('answers a plain tool, whose question names no task', async () => {
      const { client } = await meet(way, { queue: new InMemoryTaskMessageQueue() })
      expect(await call(client, 'name_plainly', false)).toBe('hello Ann')
      expect(await call(client, 'name_as_task', false)).toBe('hello Ann')
    })

    if (way === 'memory') {
      test.each(['name_plainly', 'name_as_task'])(
        'keeps its answer to a tasked tool to itself, be it plain or a task: %s',
        async (tool) => {
          const queue = new InMemoryTaskMessageQueue()
          const { client, asked } = await meet(way, { queue })
          const kept = await answersKept(client, tool, queue)
          expect(asked).toHaveLength(1)
          expect(kept).toHaveLength(1)
        },
      )

      test('costs the tool no more than the time that it gives the question', async () => {
        const { client } = await meet(way, { queue: new InMemoryTaskMessageQueue() })
        expect(await call(client, 'name_in_time', true)).toBe('gave up: question_timeout')
      })

      test("keeps its answer from the SDK's own server in the same way", async () => {
        const queue = new InMemoryTaskMessageQueue()
        const { client, asked } = await meet(way, { queue, server: 'v1' })
        expect(await answersKept(client, 'ask', queue)).toHaveLength(1)
        expect(asked).toHaveLength(1)
      })
    }

    if (way === 'http') {
      test('refuses a tasked tool, for its task is none of its own, and nobody is asked', async () => {
        const { client, asked } = await meet(way, { queue: new InMemoryTaskMessageQueue() })
        const wrong = await call(client, 'what_went_wrong', true)
        expect(JSON.parse(wrong ?? '')).toMatchObject({
          code: -32_602,
          message: expect.stringContaining('Task not found'),
        })
        expect(asked).toEqual([])
      })

      test("refuses the SDK's own server in the same way", async () => {
        const { client, asked } = await meet(way, { queue: new InMemoryTaskMessageQueue(), server: 'v1' })
        const { task, error } = await tasked(client, 'ask')
        expect(error).toBeDefined()
        expect(await client.experimental.tasks.getTask(task!.taskId)).toMatchObject({
          status: 'failed',
          statusMessage: expect.stringContaining('Task not found'),
        })
        expect(asked).toEqual([])
      })
    }
  })
})

interface Asked {
  readonly way: 'plainly' | 'in a task'
  /** Of the client's task, what the server wished for. */
  readonly task: unknown
  /** The task of the server's that asks. */
  readonly related: unknown
}

interface Meeting {
  readonly queue?: InMemoryTaskMessageQueue
  /** What is waited for before a question is answered in a task; the task fails where it rejects. */
  readonly answers?: Promise<unknown>
  /** Whose server: ours, or the SDK's. */
  readonly server?: 'ours' | 'v1'
}

/** A client with a store of its own, connected; all is closed when the test is over. */
async function meet(way: Way, { queue, answers = Promise.resolve(), server = 'ours' }: Meeting = {}) {
  answers.catch(() => {})
  const asked: Asked[] = []
  const store = new InMemoryTaskStore()
  onTestFinished(() => store.cleanup())
  const client = new Client(
    { name: 'sdk-v1-client-hosting', version: '1.0.0' },
    {
      taskStore: store,
      ...(queue !== undefined && { taskMessageQueue: queue }),
      capabilities: {
        elicitation: { form: {} },
        sampling: {},
        tasks: { list: {}, cancel: {}, requests: { elicitation: { create: {} }, sampling: { createMessage: {} } } },
      },
    },
  )
  const serve = async <Kind extends Result>(params: Params, extra: Extra, answer: Kind): Promise<Kind> => {
    asked.push({
      way: params.task === undefined ? 'plainly' : 'in a task',
      task: params.task,
      related: params._meta?.[relatedTask],
    })
    if (params.task === undefined) return answer
    const tasks = extra.taskStore!
    const task = await tasks.createTask({ ttl: params.task.ttl ?? null, pollInterval: 20 })
    const { taskId } = task
    // The store hands out its live object.
    const created = { task: { ...task } }
    answers
      .then(
        () => tasks.storeTaskResult(taskId, 'completed', answer),
        (error: Error) => tasks.updateTaskStatus(taskId, 'failed', error.message),
      )
      // One that was cancelled takes no answer any more.
      .catch(() => {})
    // The SDK types a handler as if it could only answer plainly.
    return created as unknown as Kind
  }
  client.setRequestHandler(ElicitRequestSchema, ({ params }, extra) =>
    serve(params, extra, { action: 'accept' as const, content: { name: 'Ann' } }),
  )
  client.setRequestHandler(CreateMessageRequestSchema, ({ params }, extra) =>
    serve(params, extra, {
      model: 'a model',
      role: 'assistant' as const,
      content: { type: 'text' as const, text: 'Roses are red.' },
    }),
  )
  await client.connect(server === 'ours' ? await toOurs(way) : await toTheirs(way))
  onTestFinished(() => client.close())
  return { client, store, asked }
}

interface Params {
  readonly task?: { readonly ttl?: number | undefined } | undefined
  readonly _meta?: Readonly<Record<string, unknown>> | undefined
}

type Extra = RequestHandlerExtra<ClientRequest, ClientNotification>

async function toOurs(way: Way): Promise<Transport> {
  const tasks = createAskingTools()
  onTestFinished(() => tasks.close({ graceMs: 0 }))
  if (way === 'http') {
    const endpoint = await serveHttp(plainServer, { tasks, port: 0 })
    onTestFinished(() => endpoint.close({ graceMs: 0 }))
    return new StreamableHTTPClientTransport(new URL(endpoint.url))
  }
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  const pipe = serveTransport(plainServer, theirs, { tasks })
  onTestFinished(() => pipe.close())
  return ours
}

async function toTheirs(way: Way): Promise<Transport> {
  if (way === 'http') {
    const endpoint = await serveV1Http()
    onTestFinished(() => endpoint.close())
    return new StreamableHTTPClientTransport(new URL(endpoint.url))
  }
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  const { server, close } = buildV1Server()
  onTestFinished(() => close())
  await server.connect(theirs)
  return ours
}

const tasked = (client: Client, name: string) =>
  readStream(client.experimental.tasks.callToolStream({ name, arguments: {} }, CallToolResultSchema, { task: {} }))

/** What a tool says when it is called. */
async function call(client: Client, name: string, asTask: boolean): Promise<string | undefined> {
  if (!asTask) return textOf((await client.callTool({ name, arguments: {} })) as CallToolResult)
  const { result, error } = await tasked(client, name)
  if (error !== undefined) throw error
  return textOf(result)
}

/** Calls a tool as a task that asks, and gives what the client answered to it, and left in its own queue. */
async function answersKept(client: Client, name: string, queue: InMemoryTaskMessageQueue): Promise<unknown[]> {
  const { tasks } = client.experimental
  const stream = tasks.callToolStream({ name, arguments: {} }, CallToolResultSchema, { task: {} })
  let taskId = ''
  const reading = readStream(stream, (task) => ({ taskId } = task))
  const kept: unknown[] = []
  await expectSoon(async () => {
    kept.push(...(await queue.dequeueAll(taskId)))
    return kept
  }).not.toEqual([])
  expect(await tasks.getTask(taskId)).toMatchObject({ status: 'input_required' })
  // Nothing is on the wire, so that nothing but the end of the task ends the wait.
  await tasks.cancelTask(taskId)
  expect((await reading).error).toBeDefined()
  return kept
}
