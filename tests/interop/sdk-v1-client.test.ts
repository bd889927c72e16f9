/*
 * The task client of the TypeScript SDK v1 (2025-11-25). It reads every answer with strict schemas, polls as often as it
 * is told, opens `tasks/result` when it sees a question, and sends `task` along with `tasks/get` and `tasks/result`.
 */
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import {
  CallToolResultSchema,
  CreateMessageRequestSchema,
  CreateTaskResultSchema,
  ElicitRequestSchema,
  ListTasksResultSchema,
  McpError,
  TaskStatusNotificationSchema,
  type CallToolResult,
  type ElicitRequest,
  type ElicitResult,
  type Task,
} from '@modelcontextprotocol/sdk/types.js'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { expectSoon } from '../support/answering.ts'
import { failure } from '../support/failure.ts'
import { startTaskServer, taskServer, taskSupport } from './foreign-clients.ts'
import { createTaskServing } from './peers/task_serving.mjs'
import { readStream, textOf } from './sdk-v1.ts'

const relatedTask = 'io.modelcontextprotocol/related-task'

describe.each(['memory', 'stdio', 'http'] as const)("the TypeScript SDK v1's client, over %s", (way) => {
  const connect = connecting(way)

  test('it finds tasks declared, and of every tool whether it may be one', async () => {
    const client = await connect()
    expect(client.getServerCapabilities()?.tasks).toMatchObject({ cancel: {}, requests: { tools: { call: {} } } })
    const { tools } = await client.listTools()
    const support = tools.map(({ name, execution }) => [name, execution?.taskSupport ?? 'forbidden'])
    expect(Object.fromEntries(support)).toEqual(taskSupport)
  })

  test('a stream of a call tells that the task was made, is at work, and what came of it', async () => {
    const client = await connect()
    await client.listTools()
    const { types, statuses, result, task } = await play(client, 'sleep', { ms: 300 })
    expect(types[0]).toBe('taskCreated')
    expect(types.at(-1)).toBe('result')
    expect(statuses).toEqual(['working', 'completed'])
    expect(textOf(result)).toBe('slept')
    expect(result?._meta).toEqual({ [relatedTask]: { taskId: task?.taskId } })
  })

  test('a tool that must be a task is one, and its plain call is refused as no method', async () => {
    const client = await connect()
    await client.listTools()
    expect(textOf((await play(client, 'required_sleep', { ms: 50 })).result)).toBe('slept')
    const plain = client.request({ method: 'tools/call', params: { name: 'required_sleep' } }, CallToolResultSchema)
    expect(await failure(plain)).toMatchObject({ code: -32_601 })
  })

  test('a tool that may be a task gives its result at once where no task is asked for', async () => {
    const client = await connect()
    const result = (await client.callTool({ name: 'sleep', arguments: { ms: 50 } })) as CallToolResult
    expect(textOf(result)).toBe('slept')
    expect(result._meta?.[relatedTask]).toBeUndefined()
  })

  test('a plain tool of the server works as ever, and refuses to be a task', async () => {
    const client = await connect()
    const params = { name: 'plain_add', arguments: { a: 1, b: 2 } }
    expect(textOf((await client.callTool(params)) as CallToolResult)).toBe('3')
    const asTask = client.request({ method: 'tools/call', params: { ...params, task: {} } }, CreateTaskResultSchema)
    expect(await failure(asTask)).toMatchObject({ code: -32_601 })
  })

  test('a task is given the time to live that was asked for, and never less once it is over', async () => {
    const client = await connect()
    const { task } = await play(client, 'sleep', { ms: 20 }, { ttl: 120_000 })
    expect(task).toMatchObject({ ttl: 120_000, pollInterval: expect.any(Number) })
    const { status, ttl } = await client.experimental.tasks.getTask(task!.taskId)
    expect(status).toBe('completed')
    expect(ttl).toBeGreaterThanOrEqual(120_000)
  })

  test('a question in the middle of a task reaches the person once, and names its task', async () => {
    const person = answering('Ann')
    const client = await connect(person)
    const { statuses, result, task } = await play(client, 'ask', {}, {})
    expect(task?.status).toBe('working')
    expect(statuses).toContain('input_required')
    expect(textOf(result)).toBe('hello Ann')
    expect(person.asked).toEqual(['name?'])
    expect(person.related).toEqual([{ taskId: task?.taskId }])
  })

  test('two questions come one after the other, each once', async () => {
    const person = answering('Ann', 'Lee')
    const client = await connect(person)
    expect(textOf((await play(client, 'ask_twice', {}, {})).result)).toBe('hello Ann Lee')
    expect(person.asked).toEqual(['first name?', 'last name?'])
  })

  test('a question comes while the result is held, without a poll', async () => {
    const person = answering('Ann')
    const client = await connect(person)
    const { taskId } = await start(client, 'ask')
    expect(textOf(await client.experimental.tasks.getTaskResult(taskId, CallToolResultSchema))).toBe('hello Ann')
    expect(person.asked).toEqual(['name?'])
  })

  test('a person may say no', async () => {
    const client = await connect({ onElicit: () => ({ action: 'decline' }) })
    expect(textOf((await play(client, 'ask', {}, {})).result)).toBe('hello decline')
  })

  test('a plain call of a tool that asks is seen through', async () => {
    const person = answering('Ann')
    const client = await connect(person)
    expect(textOf((await client.callTool({ name: 'ask', arguments: {} })) as CallToolResult)).toBe('hello Ann')
    expect(person.asked).toEqual(['name?'])
  })

  test('a task has the host write with its model', async () => {
    const client = await connect()
    expect(textOf((await play(client, 'sample', {}, {})).result)).toBe('sampled on write a haiku')
  })

  test('a tool that says it failed ends in a failed task, and its result tells why', async () => {
    const client = await connect()
    // The stream of this SDK says no more than that the task failed.
    const { task, error } = await play(client, 'toolerr', {}, {})
    expect(error).toBeInstanceOf(McpError)
    expect(await client.experimental.tasks.getTask(task!.taskId)).toMatchObject({ status: 'failed' })
    const result = await client.experimental.tasks.getTaskResult(task!.taskId, CallToolResultSchema)
    expect(result).toMatchObject({ isError: true })
    expect(textOf(result)).toBe('disk full: 42 bytes left')
  })

  test('a JSON-RPC error of a tool ends in a failed task, and its result is that error', async () => {
    const client = await connect()
    const { task } = await play(client, 'protocol_error', {}, {})
    expect(await client.experimental.tasks.getTask(task!.taskId)).toMatchObject({ status: 'failed' })
    const result = client.experimental.tasks.getTaskResult(task!.taskId, CallToolResultSchema)
    expect(await failure(result)).toMatchObject({
      code: -32_050,
      message: expect.stringContaining('kaboom'),
      data: { where: 'worker-3' },
    })
  })

  test('a cancelled task stays cancelled: who waits for its result is told, and a second cancel is refused', async () => {
    const client = await connect()
    const { tasks } = client.experimental
    const { taskId } = await start(client, 'sleep', { ms: 600_000 })
    const held = failure(tasks.getTaskResult(taskId, CallToolResultSchema))
    expect(await tasks.cancelTask(taskId)).toMatchObject({ taskId, status: 'cancelled' })
    expect(await tasks.getTask(taskId)).toMatchObject({ taskId, status: 'cancelled' })
    const cancelled = { code: -32_602, message: expect.stringMatching(/cancelled/i) }
    expect(await held).toMatchObject(cancelled)
    expect(await failure(tasks.getTaskResult(taskId, CallToolResultSchema))).toMatchObject(cancelled)
    expect(await failure(tasks.cancelTask(taskId))).toMatchObject({ code: -32_602 })
  })

  test('a task that waits for an answer can be cancelled', async () => {
    const client = await connect()
    const { tasks } = client.experimental
    const { taskId } = await start(client, 'ask')
    await expectSoon(async () => (await tasks.getTask(taskId)).status).toBe('input_required')
    expect(await tasks.cancelTask(taskId)).toMatchObject({ status: 'cancelled' })
  })

  test('an id that was never given is not found, by get, by result and by cancel', async () => {
    const client = await connect()
    const { tasks } = client.experimental
    expect(await failure(tasks.getTask('no-such-task'))).toMatchObject({ code: -32_602 })
    expect(await failure(tasks.getTaskResult('no-such-task'))).toMatchObject({ code: -32_602 })
    expect(await failure(tasks.cancelTask('no-such-task'))).toMatchObject({ code: -32_602 })
  })

  test('arguments that do not fit make no task', async () => {
    const client = await connect()
    const { types, error } = await play(client, 'sleep', { ms: 'long' }, {})
    expect(types).toEqual(['error'])
    expect(error).toMatchObject({ code: -32_602 })
  })

  test('a structured result passes the check against its schema', async () => {
    const client = await connect()
    await client.listTools()
    expect((await play(client, 'typed', {})).result).toMatchObject({ structuredContent: { n: 7 } })
  })

  test('a task reports its progress to the token of its call, after the call was answered', async () => {
    const client = await connect()
    const reports: unknown[] = []
    const { result } = await play(client, 'progress', {}, {}, (report) => reports.push(report))
    expect(textOf(result)).toBe('progressed')
    expect(reports).toMatchObject(
      [1, 2, 3].map((progress) => ({ progress, total: 3, message: `step ${progress} of 3` })),
    )
  })

  test('the session is told when its task is over', async () => {
    const client = await connect()
    const heard: unknown[] = []
    client.setNotificationHandler(TaskStatusNotificationSchema, ({ params }) => void heard.push(params))
    const { taskId } = await start(client, 'sleep', { ms: 100 })
    await expectSoon(() => heard).toContainEqual(
      expect.objectContaining({ taskId, status: 'completed', ttl: expect.anything() }),
    )
  })

  test('tasks side by side all end, each under an id of its own', async () => {
    const client = await connect()
    const tasks = await Promise.all([200, 150, 100, 50].map((ms) => start(client, 'sleep', { ms })))
    expect(new Set(tasks.map(({ taskId }) => taskId)).size).toBe(4)
    const results = await Promise.all(
      tasks.map(({ taskId }) => client.experimental.tasks.getTaskResult(taskId, CallToolResultSchema)),
    )
    expect(results.map(textOf)).toEqual(['slept', 'slept', 'slept', 'slept'])
  })

  if (way !== 'http')
    test('the tasks of the one who started the server are listed, page by page', async () => {
      const client = await connect()
      expect(client.getServerCapabilities()?.tasks).toHaveProperty('list')
      const started = await Promise.all([1, 2, 3].map(() => start(client, 'sleep', { ms: 10 })))
      expect(await listed(client)).toEqual(expect.arrayContaining(started.map(({ taskId }) => taskId)))
      expect(await failure(client.experimental.tasks.listTasks('no-such-cursor'))).toMatchObject({ code: -32_602 })
    })

  if (way === 'http')
    test('where nobody says who they are, tasks are not listed, and this is said', async () => {
      const client = await connect()
      expect(client.getServerCapabilities()?.tasks).not.toHaveProperty('list')
      const listing = client.request({ method: 'tasks/list' }, ListTasksResultSchema)
      expect(await failure(listing)).toMatchObject({ code: -32_601 })
    })

  if (way !== 'stdio')
    test('a task outlives its session: another one that knows its id gets its result', async () => {
      const first = await connect()
      const { taskId } = await start(first, 'sleep', { ms: 300 })
      await first.close()
      const second = await connect()
      expect(textOf(await second.experimental.tasks.getTaskResult(taskId, CallToolResultSchema))).toBe('slept')
    })

  if (way !== 'stdio')
    test('a question that nobody answered goes to the session that asks for the result', async () => {
      const first = await connect()
      const { taskId } = await start(first, 'ask')
      await expectSoon(async () => (await first.experimental.tasks.getTask(taskId)).status).toBe('input_required')
      await first.close()
      const person = answering('Ann')
      const second = await connect(person)
      expect(textOf(await second.experimental.tasks.getTaskResult(taskId, CallToolResultSchema))).toBe('hello Ann')
      expect(person.asked).toEqual(['name?'])
    })
})

describe("the TypeScript SDK v1's client, over http, where callers say who they are", () => {
  let server: Awaited<ReturnType<typeof startTaskServer>>
  beforeAll(async () => {
    server = await startTaskServer('http-by-name')
  })
  afterAll(() => server.stop())

  const connectAs = (name: string): Promise<Client> => {
    const requestInit = { headers: { authorization: `Bearer ${name}` } }
    return connectOver(new StreamableHTTPClientTransport(new URL(server.url), { requestInit }))
  }

  test('the tasks of a caller are listed to the same caller, in another session too, and to nobody else', async () => {
    const ann = await connectAs('ann')
    const started = await Promise.all([1, 2, 3].map(() => start(ann, 'sleep', { ms: 10 })))
    const ids = new Set(started.map(({ taskId }) => taskId))
    expect(ann.getServerCapabilities()?.tasks).toHaveProperty('list')
    expect(new Set(await listed(ann))).toEqual(ids)
    expect(new Set(await listed(await connectAs('ann')))).toEqual(ids)
    expect(await listed(await connectAs('bob'))).toEqual([])
  })

  test('a task of somebody else looks like one that never was', async () => {
    const { taskId } = await start(await connectAs('carol'), 'sleep', { ms: 600_000 })
    const { tasks } = (await connectAs('bob')).experimental
    const unknown = (await failure(tasks.getTask('no-such-task'))) as McpError
    expect(unknown).toMatchObject({ code: -32_602 })
    const same = { code: unknown.code, message: unknown.message.replace('no-such-task', taskId) }
    expect(await failure(tasks.getTask(taskId))).toMatchObject(same)
    expect(await failure(tasks.getTaskResult(taskId))).toMatchObject({ code: -32_602 })
    expect(await failure(tasks.cancelTask(taskId))).toMatchObject({ code: -32_602 })
    expect(await (await connectAs('carol')).experimental.tasks.cancelTask(taskId)).toMatchObject({
      status: 'cancelled',
    })
  })
})

/** How the clients of a suite reach our server. */
function connecting(way: 'memory' | 'stdio' | 'http'): (person?: Partial<Person>) => Promise<Client> {
  let url = ''
  const serving = way === 'memory' ? createTaskServing() : undefined
  if (way === 'http') {
    let stop: () => Promise<void>
    beforeAll(async () => {
      ;({ url, stop } = await startTaskServer())
    })
    afterAll(() => stop())
  }
  afterAll(() => serving?.close())

  const transport = (): Transport => {
    if (way === 'http') return new StreamableHTTPClientTransport(new URL(url))
    if (way === 'stdio')
      return new StdioClientTransport({ ...taskServer, args: [...taskServer.args], stderr: 'ignore' })
    const [ours, theirs] = InMemoryTransport.createLinkedPair()
    serving!.serveTransport(theirs)
    return ours
  }

  return (person) => connectOver(transport(), person)
}

/** A client that is closed when the test is over. */
async function connectOver(
  transport: Transport,
  { onElicit = () => ({ action: 'cancel' }) }: Partial<Person> = {},
): Promise<Client> {
  const capabilities = { elicitation: { form: {} }, sampling: {} }
  const client = new Client({ name: 'sdk-v1-client', version: '1.0.0' }, { capabilities })
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => onElicit(params))
  client.setRequestHandler(CreateMessageRequestSchema, ({ params }) => {
    const [prompt] = params.messages.map(({ content }) => content)
    const text = `on ${prompt !== undefined && 'text' in prompt ? prompt.text : 'nothing'}`
    return { model: 'a model', role: 'assistant', content: { type: 'text', text } }
  })
  await client.connect(transport)
  onTestFinished(() => client.close())
  return client
}

interface Person {
  onElicit(params: ElicitRequest['params']): ElicitResult
}

/** A person who gives one name after the other, and remembers what they were asked, and for which task. */
function answering(...names: string[]) {
  const asked: string[] = []
  const related: unknown[] = []
  const onElicit: Person['onElicit'] = (params) => {
    asked.push(params.message)
    related.push(params._meta?.[relatedTask])
    return { action: 'accept', content: { name: names[asked.length - 1] ?? 'nobody' } }
  }
  return { asked, related, onElicit }
}

/** Reads the stream of a call to its end. Without `task`, whether to ask for one is left to what the client has listed. */
async function play(
  client: Client,
  name: string,
  args: Record<string, unknown>,
  task?: { ttl?: number },
  onprogress?: (report: unknown) => void,
) {
  const options = { ...(task !== undefined && { task }), ...(onprogress !== undefined && { onprogress }) }
  const params = { name, arguments: args }
  return readStream(client.experimental.tasks.callToolStream(params, CallToolResultSchema, options))
}

/** Starts a task and does nothing more about it. */
async function start(client: Client, name: string, args: Record<string, unknown> = {}): Promise<Task> {
  const params = { name, arguments: args, task: {} }
  return (await client.request({ method: 'tools/call', params }, CreateTaskResultSchema)).task
}

/** The ids of all tasks that the client is shown, page by page. */
async function listed(client: Client): Promise<string[]> {
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const page = await client.experimental.tasks.listTasks(cursor)
    ids.push(...page.tasks.map(({ taskId }) => taskId))
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return ids
}
